/* The views of a lesson's steps in the export: players, charts and tables, and the choice between them. */

import { decodePayload } from "./decode.js";
import { makeElement } from "./dom.js";
import { removePlayer, showPlayer } from "./player.js";
import { Reader } from "./reading.js";
import { recompute } from "./recomputed.js";
import { movedModel } from "./sliders.js";
import { selectionOf } from "./standing.js";
import { TinyCell } from "./tinycell.js";

const BASE85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_`{|}~"; // of Python's b85encode, with a comma for "<"

/** Return the bytes of a text in base 85: four bytes for five digits, the last digits padded. */
function fromBase85(text) {
  const left = (5 - (text.length % 5)) % 5;
  const digits = [...text + "~".repeat(left)].map((digit) => BASE85.indexOf(digit));
  const words = new DataView(new ArrayBuffer((digits.length / 5) * 4));
  for (let k = 0; k < digits.length / 5; k += 1) words.setUint32(k * 4, digits.slice(k * 5, k * 5 + 5).reduce((sum, digit) => sum * 85 + digit, 0));
  return new Uint8Array(words.buffer, 0, words.byteLength - left);
}

/** Return the bytes of each payload, which came as zlib's compression in base 85. */
export async function unpack(payloads) {
  const bytes = async (text) => {
    const packed = fromBase85(text.trim());
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };
  return Object.fromEntries(await Promise.all(Object.entries(payloads).map(async ([name, text]) => [name, await bytes(text)])));
}

/** A slider that sets numbers of a network, which is computed anew. */
function makeNetworkSlider({ label, low, high, by, value, places }, move) {
  const said = makeElement("output", {}, String(value));
  const slider = makeElement("input", { type: "range", min: low, max: high, step: by, value, oninput: () => {
    said.textContent = slider.value;
    move(places.map((place) => [...place, slider.valueAsNumber]));
  } });
  return makeElement("label", { class: "setting" }, label, slider, said);
}

/** Show a player of a view under `root`. Return the function that removes it. */
function mountStage(root, { select, sliders, walk, reads }, bytes) {
  const node = makeElement("div");
  if (walk) {
    const cell = new TinyCell(node, bytes, walk);
    root.append(cell.controls, node);
    cell.begin(select);
    return () => removePlayer(node);
  }
  root.append(node);
  const player = showPlayer(node, bytes, { ownsPage: true });
  let model = decodePayload(bytes);
  if (reads) model = new Reader(model).read(reads.map((value) => [value]), reads.map((_, step) => String(step)), { from: "settings" });
  player.open({ ...player.model.select, ...select }, model);
  const original = decodePayload(bytes);
  const networks = original.panels.map((panel) => recompute(panel));
  const move = (moves) => player.show(movedModel(original, networks, moves, "settings"), { ...selectionOf(player.state), playing: player.state.playing });
  root.prepend(...sliders.map((one) => makeNetworkSlider(one, move)));
  return () => removePlayer(node);
}

/** The views of a lesson. One step's view is on the page at a time. */
export class LessonViews {
  constructor(root, views, payloads) {
    Object.assign(this, { root, views, payloads, chosen: views.map(({ begin }) => begin), leave: [] });
    this.at = -1;
  }

  show(index) {
    if (index === this.at) return;
    this.at = index;
    this.draw();
  }

  draw() {
    const { page, choice, options, note } = this.views[this.at];
    this.leave.forEach((remove) => remove());
    this.leave = [];
    const place = makeElement("div");
    this.root.replaceChildren(...[
      page && makeElement("h2", {}, page), choice && this.makeChoice(choice, options), place, note && makeElement("p", { class: "note" }, note),
    ].filter(Boolean));
    for (const part of options[this.chosen[this.at]]?.parts ?? []) {
      const block = makeElement("div", { class: "part" });
      place.append(block);
      if (part.still !== undefined) block.append(document.getElementById(part.still).content.cloneNode(true));
      else this.leave.push(mountStage(block, part, this.payloads[part.payload]));
    }
  }

  makeChoice(label, options) {
    const choose = makeElement("select", { onchange: () => { this.chosen[this.at] = Number(choose.value); this.draw(); this.root.querySelector("select").focus(); } },
      ...options.map(({ name }, k) => makeElement("option", { value: k, selected: k === this.chosen[this.at] }, name)));
    return makeElement("p", {}, makeElement("label", { class: "setting" }, label, choose));
  }
}
