/* Letters in the text of a lesson point into the players of the page: at rows, at parts of the diagram and at equations. */

import { makeElement } from "./dom.js";

const POINTED = "gatesviz-point";
const NAMED = /(?<![\p{L}\p{N}_^·‖-])([∂Δ]?[cfghinorxzŷ]′?)(?![\p{L}\p{N}_(^·-])/u;
const TAPPED = 3000; // ms for which a tap shows a place

/** Return the nodes of a text whose letters point. */
export function makePointing(text) {
  return text.split(NAMED).filter(Boolean).map((part) => (NAMED.test(part) && part.length <= 2 ? makePointer(part) : document.createTextNode(part)));
}

function makePointer(letter) {
  const tell = (look) => () => window.dispatchEvent(new CustomEvent(POINTED, { detail: { letter, look } }));
  const tap = () => { tell("bring")(); setTimeout(tell("leave"), TAPPED); };
  return makeElement("span", { class: "gv-pointer", "data-letter": letter, onpointerenter: tell("show"), onpointerleave: tell("leave"), onclick: tap }, letter);
}

/** Mark the letters under `root` that point at something on this page. */
export function markPointers(root) {
  for (const pointer of root.querySelectorAll(".gv-pointer")) {
    const detail = { letter: pointer.dataset.letter, look: "count", found: 0 };
    window.dispatchEvent(new CustomEvent(POINTED, { detail }));
    pointer.classList.toggle("gv-points", detail.found > 0);
  }
}

/** Let letters point into the player under `root`. Return a function that ends this. */
export function followPointers(root) {
  const follow = ({ detail }) => {
    const places = pointedPlaces(root, detail.letter).filter((node) => node.checkVisibility());
    if (detail.look === "count") detail.found += places.length;
    else for (const node of places) node.classList.toggle("gv-pointed", detail.look !== "leave");
    if (detail.look === "bring") places[0]?.scrollIntoView({ block: "nearest" });
  };
  window.addEventListener(POINTED, follow);
  return () => window.removeEventListener(POINTED, follow);
}

/** Return what a letter names in a player. ∂h is a row of gradients, Δh the row of changes, and h′ is h after the step. */
function pointedPlaces(root, letter) {
  const lanes = [...root.querySelectorAll(".gv-lane[data-lane]")];
  const called = (lane, name) => lane.dataset.lane === name;
  if (letter.startsWith("∂")) return lanes.filter((lane) => called(lane, `d${letter.slice(1)}`));
  if (letter.startsWith("Δ")) return lanes.filter((lane) => called(lane, "difference") && lane.textContent.includes(letter));
  const [name, drawn] = [letter === "ŷ" ? "y" : letter.replace("′", ""), letter.replace("′", "'")];
  const parts = ["gate", "wire", "label", "target"].map((part) => `[data-${part}="${drawn}"]`);
  return [...lanes.filter((lane) => called(lane, name)), ...root.querySelectorAll(parts.join(", "))];
}
