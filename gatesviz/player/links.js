/* Links to pages of the app, which open without a reload: cards, a list of terms, a row, or one line. */

import { FRAME, openAtTop } from "./addresses.js";
import { makeElement } from "./dom.js";

/** Open a page of the app at its top, within the same frame. */
function openPage(href) {
  const url = new URL(href, location.href);
  const here = new URLSearchParams(location.search);
  for (const name of FRAME) for (const value of here.getAll(name)) url.searchParams.append(name, value);
  openAtTop(url);
}

/** Follow a link of the app without a reload, unless it is to open in a new tab. */
export function followLink(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button > 0) return;
  event.preventDefault();
  openPage(event.currentTarget.href);
}

function makeLink({ href, label = null }, ...children) {
  return makeElement("a", { href, "aria-label": label, onclick: followLink }, ...children);
}

const LOOKS = {
  cards: (links) => makeElement("ul", {}, ...links.map(({ href, title, text, side }) => makeElement("li", {}, makeLink(
    { href }, makeElement("b", {}, title), side ? makeElement("small", {}, side) : null, makeElement("span", {}, text),
  )))),
  on: ([{ href, title }]) => makeElement("p", {}, makeLink({ href }, title, makeElement("span", { "aria-hidden": "true" }, " →"))),
  row: (links, title) => makeElement("p", {}, makeElement("b", {}, title), ...links.map(({ href, title: to }) => makeLink({ href }, `${to} →`))),
  terms: (links) => makeElement("dl", {}, ...links.flatMap(({ href, title, text, side, colour }) => [
    makeElement("dt", { style: colour ? `border-color: ${colour}` : "" }, title),
    makeElement("dd", {}, `${text} `, makeLink({ href, label: `${title}: ${side}` }, side)),
  ])),
};

/** Show links under `root` in one of the looks above. */
export function showLinks(root, { look, links, title = "" }) {
  root.dataset.look = look;
  root.replaceChildren(LOOKS[look](links, title));
}
