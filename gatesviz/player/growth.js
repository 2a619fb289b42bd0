/* One unit of a gate over a whole run: a row for each kept update, a column for each time step. */

import { makeElement, setText } from "./dom.js";
import { laneColour, laneGradient } from "./colours.js";

const ROW = 5; // pixels

class Picture {
  constructor() {
    this.title = makeElement("figcaption", {});
    this.canvas = makeElement("canvas", { role: "img" });
    this.readout = makeElement("div", { class: "gv-growth-readout", "aria-hidden": "true" });
    this.first = makeElement("span", {});
    this.last = makeElement("span", {});
    this.legend = makeElement("span", { class: "gv-growth-legend" });
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => setText(this.readout, ""));
    const side = makeElement("div", { class: "gv-growth-side", "aria-hidden": "true" }, this.first, this.last);
    const foot = makeElement("div", { class: "gv-growth-foot" }, "time steps, left to right", this.legend, this.readout);
    this.element = makeElement("figure", {}, this.title, side, this.canvas, foot);
  }

  show(picture) {
    this.picture = picture;
    const { rows, updates, low, high, signed, title } = picture;
    const [K, T] = [rows.length, rows[0].length];
    Object.assign(this.canvas, { width: T, height: K });
    this.canvas.style.height = `${Math.max(60, ROW * K)}px`;
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(T, K);
    rows.forEach((row, k) => row.forEach((value, t) => image.data.set(laneColour(value, { low, high, signed }), 4 * (k * T + t))));
    context.putImageData(image, 0, 0);
    setText(this.title, title);
    setText(this.first, `update ${updates[0]}`);
    setText(this.last, `${updates.at(-1)}`);
    this.legend.replaceChildren(`${+low.toFixed(2)} `.replace("-", "−"), makeElement("i", { style: `background: ${laneGradient({ low, high, signed })}` }), ` ${+high.toFixed(2)}`);
    const mean = (row) => (row.reduce((sum, value) => sum + value, 0) / T).toFixed(3);
    this.canvas.setAttribute("aria-label", `${title}: ${K} kept updates by ${T} time steps. Mean over time ${mean(rows[0])} before training, ${mean(rows.at(-1))} after update ${updates.at(-1)}.`);
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const { rows, updates } = this.picture;
    const k = Math.min(rows.length - 1, Math.floor(((event.clientY - box.top) / box.height) * rows.length));
    const t = Math.min(rows[0].length - 1, Math.floor(((event.clientX - box.left) / box.width) * rows[0].length));
    if (k >= 0 && t >= 0) setText(this.readout, `after update ${updates[k]}, step ${t}: ${rows[k][t].toFixed(3).replace("-", "−")}`);
  }
}

const GROWTHS = new WeakMap();

/** Show pictures under `root`; called again they change in place. */
export function showGrowth(root, { pictures }) {
  root.classList.add("gv-growth");
  const shown = GROWTHS.get(root) ?? [];
  while (shown.length < pictures.length) shown.push(new Picture());
  shown.length = pictures.length;
  GROWTHS.set(root, shown);
  root.replaceChildren(...shown.map((one) => one.element));
  shown.forEach((one, k) => one.show(pictures[k]));
}

/** Take them off `root`. */
export function removeGrowth(root) {
  GROWTHS.delete(root);
}
