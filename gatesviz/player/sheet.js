/* A page to print: a table of lessons with links, and the button that prints. */

import { makeElement } from "./dom.js";
import { followLink } from "./links.js";

/** Show a table under `root`. A cell is a text, or a link with `href` and `title`; the first one names its row. */
export function showSheet(root, { columns, rows }) {
  const cell = (one) => (one.href ? makeElement("a", { href: one.href, onclick: followLink }, one.title) : one);
  const row = ([first, ...others]) => makeElement("tr", {}, makeElement("th", { scope: "row" }, cell(first)),
    ...others.map((one, k) => makeElement("td", { "data-label": columns[k + 1] }, cell(one))));
  root.dataset.testid = "gv-sheet";
  root.replaceChildren(
    makeElement("button", { type: "button", onclick: () => print() }, "Print this page"),
    makeElement("table", {}, makeElement("thead", {}, makeElement("tr", {}, ...columns.map((text) => makeElement("th", { scope: "col" }, text)))),
      makeElement("tbody", {}, ...rows.map(row))),
  );
}
