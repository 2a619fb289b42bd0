/* Heatmaps of one unit over training: a row for each snapshot, a column for each time step. */

import { makeElement, setText } from "./dom.js";
import { laneColour, laneGradient } from "./colours.js";
import { unpackNumbers } from "./learned.js";

const BELOW = 15; // pixels of height that a label of an axis needs
const ACROSS = 30; // pixels of width
const LETTER = 6.5; // pixels of width that a letter alone needs
const number = (value) => (value === null ? "not finite" : value.toFixed(3).replace("-", "−"));
const NO_COLOUR = [0, 0, 0, 0]; // for null, which stands for a number that isn't finite
const upTo = (value, most) => Math.max(0, Math.min(most, value));

/** Return every n-th of `count` places and the last, at least `room` pixels apart within `size`. */
function spread(count, size, room) {
  const every = Math.max(1, Math.ceil((count * room) / Math.max(1, size)));
  const places = [...Array(count).keys()].filter((k) => k % every === 0 && count - 1 - k >= every);
  return count ? [...places, count - 1] : places;
}

/** Return the rows of a picture whose numbers are packed. */
function unpackRows({ packed, steps, low, high }) {
  const numbers = unpackNumbers(packed, 16, { low, high });
  return Array.from({ length: numbers.length / steps }, (_, k) => numbers.slice(k * steps, (k + 1) * steps));
}

class Picture {
  constructor() {
    this.place = { k: 0, t: 0 };
    this.title = makeElement("figcaption", {});
    this.canvas = makeElement("canvas", {});
    this.cursor = makeElement("i", { class: "gv-growth-cursor" });
    this.field = makeElement("button", { type: "button", class: "gv-growth-field", onkeydown: (event) => this.key(event), onclick: (event) => this.go(event) }, this.canvas, this.cursor);
    this.readout = makeElement("div", { class: "gv-growth-readout", role: "status" });
    this.side = makeElement("div", { class: "gv-growth-side", "aria-hidden": "true" });
    this.axis = makeElement("div", { class: "gv-growth-axis", "aria-hidden": "true" });
    this.legend = makeElement("span", { class: "gv-growth-legend", "aria-hidden": "true" });
    this.field.addEventListener("pointermove", (event) => this.point(event));
    this.field.addEventListener("pointerleave", () => this.showValue(null));
    this.field.addEventListener("focus", () => this.showValue(this.place));
    this.field.addEventListener("blur", () => this.showValue(null));
    const corner = makeElement("span", { class: "gv-growth-corner", "aria-hidden": "true" }, "update");
    const foot = makeElement("div", { class: "gv-growth-foot" }, makeElement("span", { "aria-hidden": "true" }, "time step"), this.legend);
    this.element = makeElement("figure", {}, this.title, corner, this.side, this.field, this.axis, foot, this.readout);
    this.sizes = new ResizeObserver(() => this.label());
    this.sizes.observe(this.field);
  }

  show({ ...picture }, go) {
    picture.rows ??= unpackRows(picture);
    const bottom = this.picture && this.place.k === this.picture.rows.length - 1;
    Object.assign(this, { picture, follow: go });
    const { rows, low, high, signed, title, updates, means } = picture;
    const [K, T] = [rows.length, rows[0].length];
    this.place = { k: bottom ? K - 1 : upTo(this.place.k, K - 1), t: upTo(this.place.t, T - 1) };
    Object.assign(this.canvas, { width: T, height: K });
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(T, K);
    rows.forEach((row, k) => row.forEach((value, t) => image.data.set(value === null ? NO_COLOUR : laneColour(value, { low, high, signed }), 4 * (k * T + t))));
    context.putImageData(image, 0, 0);
    setText(this.title, title);
    const end = (value) => `${+value.toFixed(2)}`.replace("-", "−");
    this.legend.replaceChildren(end(low), makeElement("i", { style: `background: ${laneGradient({ low, high, signed })}` }), end(high));
    this.field.setAttribute("aria-label", `Heatmap of ${title}: ${K} snapshots by ${T} time steps. The mean over time is ${number(means[0])} before training and ${number(means[1])} after update ${updates.at(-1)}. Arrow keys move the cursor. Enter shows that update and step in the player.`);
    this.label();
    this.showValue(this.shown);
  }

  /** Label the axes. Snapshots are unevenly spaced, so each row with room shows its own update. */
  label() {
    const { updates, shown, labels, rows } = this.picture ?? {};
    const box = this.field.getBoundingClientRect();
    if (!updates || !box.height) return;
    const marked = new Set(shown);
    const [K, T] = [updates.length, rows[0].length];
    const tall = box.height / K;
    const here = updates.map((update, k) => k).filter((k) => marked.has(updates[k]));
    const free = spread(K, box.height, BELOW).filter((k) => here.every((other) => other === k || Math.abs(other - k) * tall >= BELOW));
    this.side.replaceChildren(...[...new Set([...free, ...here])].map((k) => makeElement(
      "span", { style: `top:${((k + 0.5) / K) * 100}%`, class: marked.has(updates[k]) ? "gv-growth-shown" : null },
      `${updates[k].toLocaleString("en")}${marked.has(updates[k]) ? " ▸" : ""}`,
    )));
    const letters = labels && box.width / T >= LETTER && labels.every((label) => [...label].length === 1);
    const places = letters ? [...Array(T).keys()] : spread(T, box.width, ACROSS);
    const text = (t) => `${letters ? "" : `${t} `}${labels[t]}`;
    this.axis.classList.toggle("gv-growth-letters", Boolean(letters));
    this.axis.replaceChildren(...places.map((t) => makeElement(
      "span", { style: `left:${((t + 0.5) / T) * 100}%` }, labels ? text(t) : String(t),
    )));
  }

  at(event) {
    const box = this.field.getBoundingClientRect();
    const { rows } = this.picture;
    const k = Math.floor(((event.clientY - box.top) / box.height) * rows.length);
    const t = Math.floor(((event.clientX - box.left) / box.width) * rows[0].length);
    return { k: upTo(k, rows.length - 1), t: upTo(t, rows[0].length - 1) };
  }

  point(event) {
    this.place = this.at(event);
    this.showValue(this.place);
  }

  /** Show the value at a place and frame it; hide both for null. */
  showValue(place) {
    this.shown = place && this.place;
    const { rows, updates, labels } = this.picture;
    this.cursor.hidden = !place;
    if (!place) return setText(this.readout, "");
    const { k, t } = this.place;
    const [K, T] = [rows.length, rows[0].length];
    Object.assign(this.cursor.style, { left: `${(t / T) * 100}%`, top: `${(k / K) * 100}%`, width: `${100 / T}%`, height: `${100 / K}%` });
    const letter = labels ? ` “${labels[t]}”` : "";
    return setText(this.readout, `after update ${updates[k].toLocaleString("en")}, step ${t}${letter}: ${number(rows[k][t])}`);
  }

  key(event) {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const move = event.ctrlKey || event.metaKey || event.altKey ? null : moves[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    const { rows } = this.picture;
    this.place = { k: upTo(this.place.k + move[0], rows.length - 1), t: upTo(this.place.t + move[1], rows[0].length - 1) };
    this.showValue(this.place);
  }

  /** Follow a click to the pointer, and Enter or space to the cursor. */
  go(event) {
    if (event.detail > 0) this.point(event);
    this.follow({ update: this.picture.updates[this.place.k], step: this.place.t });
  }
}

const GROWTHS = new WeakMap();

/** Show heatmaps under `root`; called again, they change in place. `go` gets each chosen place. */
export function showGrowth(root, { pictures }, go) {
  root.classList.add("gv-growth");
  const shown = GROWTHS.get(root) ?? [];
  if (shown.length !== pictures.length) {
    while (shown.length < pictures.length) shown.push(new Picture());
    shown.length = pictures.length;
    GROWTHS.set(root, shown);
    root.replaceChildren(...shown.map((one) => one.element));
  }
  shown.forEach((one, k) => one.show(pictures[k], (place) => go({ ...place, picture: k })));
}

/** Remove them from `root`. */
export function removeGrowth(root) {
  for (const one of GROWTHS.get(root) ?? []) one.sizes.disconnect();
  GROWTHS.delete(root);
}
