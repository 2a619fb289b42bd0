/* Stretches of sequences, side by side: a small table each, with the stretch marked. */

import { makeElement } from "./dom.js";

function makeTable({ title, rows, start, stop }) {
  const cells = (texts) => texts.map((text, k) => makeElement("td", { class: k >= start && k < stop ? "gv-inside" : null }, text));
  const lines = rows.map(([name, texts]) => makeElement("tr", {}, makeElement("th", { scope: "row" }, name), ...cells(texts)));
  const table = makeElement("table", {}, makeElement("tbody", {}, ...lines));
  return makeElement(
    "figure", {}, makeElement("figcaption", {}, title),
    makeElement("div", { class: "gv-scrolls", tabindex: 0, role: "group", "aria-label": rows.map(([name]) => name).join(", ") }, table),
  );
}

/** Show tables under `root`; a narrow page scrolls each of them. */
export function showStretches(root, { stretches }) {
  root.replaceChildren(...stretches.map(makeTable));
}
