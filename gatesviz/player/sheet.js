/* A page to print: tables with links, and the button that prints. */

import { makeElement } from "./dom.js";
import { followLink } from "./links.js";

/** Show a table under `root`. A cell is a text, or a link with `href` and `title`; the first one names its row. `numbers` are the titles of columns of numbers. */
export function showSheet(root, { columns, rows, numbers = [], prints = false }) {
  const look = (k) => (numbers.includes(columns[k]) ? "gv-sheet-number" : "");
  const cell = (one) => (one.href ? makeElement("a", { href: one.href, onclick: followLink }, one.title) : one);
  const row = ([first, ...others]) => makeElement("tr", {}, makeElement("th", { scope: "row" }, cell(first)),
    ...others.map((one, k) => makeElement("td", { "data-label": columns[k + 1], class: look(k + 1) }, cell(one))));
  root.dataset.testid = "gv-sheet";
  root.replaceChildren(
    ...(prints ? [makeElement("button", { type: "button", onclick: () => print() }, "Print this page")] : []),
    makeElement("table", {}, makeElement("thead", {}, makeElement("tr", {}, ...columns.map((text, k) => makeElement("th", { scope: "col", class: look(k) }, text)))),
      makeElement("tbody", {}, ...rows.map(row))),
  );
}
