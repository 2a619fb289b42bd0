/* The lanes of one panel: each gate and state as units × time, under one cursor. */

import { makeElement, setText } from "./dom.js";
import { formatNumber } from "./numbers.js";
import { laneColour, laneGradient, laneInk } from "./colours.js";
import { orderUnits } from "./ordering.js";

const LINE_HEIGHT = 30;
const INPUT_HEIGHT = 34;

/** Size a canvas to its box in device pixels; return its context in CSS pixels, or null when hidden. */
function canvasContext(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !height) return null;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return Object.assign(context, { cssWidth: width, cssHeight: height });
}

/** A lane's values as pixels, one a value: steps across, units down in the given order. */
function paintValues(lane, steps, order) {
  const image = new ImageData(steps, order.length);
  order.forEach((unit, row) => {
    for (let t = 0; t < steps; t += 1) {
      image.data.set(laneColour(lane.array.at(t + lane.offset, unit), lane), 4 * (row * steps + t));
    }
  });
  const canvas = makeElement("canvas", { width: steps, height: order.length });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

class Lane {
  constructor(lane, panel, model, actions) {
    Object.assign(this, { lane, panel, model, actions });
    this.hasUnits = lane.letter !== "x" && lane.letter !== "y";
    this.heated = this.hasUnits || lane.array.columns > 1;
    this.spelled = lane.letter === "x" && panel.spelled;
    if (this.spelled) this.heated = false;
    this.order = [...Array(lane.array.columns).keys()];
    const rows = lane.array.columns;
    const height = this.heated ? Math.max(26, Math.min(96, rows * 7)) : INPUT_HEIGHT;
    const bounds = `${formatNumber(lane.low, 1)} to ${formatNumber(lane.high, 1)}`;
    const about = `${lane.name} ${lane.letter}: ${rows} ${this.hasUnits ? "units" : "rows"} by ${model.steps} steps, ${bounds}`;
    this.picture = makeElement("canvas", { class: "gv-heat", role: "img", "aria-label": about, style: `height:${height}px` });
    this.mark = makeElement("div", { class: "gv-unit-mark", hidden: true });
    this.line = this.hasUnits
      ? makeElement("canvas", { class: "gv-line", "aria-hidden": "true", style: `height:${LINE_HEIGHT}px` })
      : null;
    this.value = makeElement("output", { class: "gv-lane-value", "aria-live": "off" });
    this.label = makeElement(
      "button",
      {
        type: "button", class: "gv-lane-label", "aria-pressed": "false", title: lane.meaning || lane.name,
        "aria-label": `${lane.name} ${lane.letter}`,
        onclick: () => actions.chooseLane(panel, lane.letter),
      },
      makeElement("b", { style: `border-color:${model.colours[lane.letter] || "currentColor"}` }, lane.letter === "y" ? "ŷ" : lane.letter),
      makeElement("span", {}, lane.name),
    );
    const legend = this.heated
      ? makeElement(
          "div", { class: "gv-legend", "aria-hidden": "true" },
          makeElement("i", { style: `background:${laneGradient(lane)}` }),
          makeElement("small", {}, formatNumber(lane.low, Number.isInteger(lane.low) ? 0 : 1)),
          makeElement("small", {}, formatNumber(lane.high, Number.isInteger(lane.high) ? 0 : 1)),
        )
      : null;
    this.plot = makeElement("div", { class: "gv-lane-plot" }, makeElement("div", { class: "gv-heat-box" }, this.picture, this.mark), this.line);
    this.element = makeElement("div", { class: "gv-lane", "data-lane": lane.letter }, this.label, this.plot, makeElement("div", { class: "gv-lane-side" }, this.value, legend));
    this.picture.addEventListener("pointerdown", (event) => this.chooseUnit(event));
  }

  chooseUnit(event) {
    if (!this.hasUnits) return;
    const box = this.picture.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * this.order.length);
    this.actions.chooseUnit(this.panel, this.order[Math.max(0, Math.min(this.order.length - 1, row))]);
  }

  setOrder(order) {
    this.order = order;
    this.pixels = null;
  }

  draw(view, unit, style) {
    const context = canvasContext(this.picture);
    if (!context) return;
    if (this.spelled) this.drawText(context, view, style);
    else if (this.heated) this.drawPixels(context, view);
    else this.drawLine(context, view, 0, style);
    this.setUnit(view, unit, style);
  }

  drawPixels(context, view) {
    this.pixels ??= paintValues(this.lane, this.model.steps, this.order);
    context.imageSmoothingEnabled = context.cssWidth / view.count < 1;
    context.drawImage(this.pixels, view.from, 0, view.count, this.order.length, 0, 0, context.cssWidth, context.cssHeight);
  }

  drawText(context, view, style) {
    const width = context.cssWidth / view.count;
    const size = Math.min(22, width * 1.6);
    if (size < 6.5) return this.hint(context, "too narrow for letters: show fewer steps", style);
    context.font = `600 ${size}px ui-monospace, "DejaVu Sans Mono", monospace`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = style.text;
    for (let t = view.from; t < view.from + view.count; t += 1) {
      context.fillText(this.model.labels[t] === " " ? "␣" : this.model.labels[t], (t - view.from + 0.5) * width, context.cssHeight / 2);
    }
  }

  hint(context, text, style) {
    context.font = "14px system-ui, sans-serif";
    context.fillStyle = style.muted;
    context.fillText(text, 4, context.cssHeight / 2 + 5);
  }

  drawLine(context, view, unit, style) {
    const { lane } = this;
    const width = context.cssWidth / view.count;
    const place = (value) => 3 + (1 - (value - lane.low) / (lane.high - lane.low)) * (context.cssHeight - 6);
    context.strokeStyle = style.line;
    context.lineWidth = 1;
    context.strokeRect(0, place(lane.signed ? 0 : lane.low), context.cssWidth, 0);
    context.strokeStyle = this.model.colours[lane.letter] || style.text;
    context.lineWidth = 2.2;
    context.beginPath();
    for (let t = view.from; t < view.from + view.count; t += 1) {
      const y = place(lane.array.at(t + lane.offset, unit));
      context.lineTo((t - view.from) * width, y);
      context.lineTo((t - view.from + 1) * width, y);
    }
    context.stroke();
  }

  setUnit(view, unit, style) {
    if (!this.hasUnits) return;
    const there = unit < this.lane.array.columns;
    this.mark.hidden = !there;
    const height = 100 / this.order.length;
    this.mark.style.top = `${this.order.indexOf(unit) * height}%`;
    this.mark.style.height = `${height}%`;
    const context = canvasContext(this.line);
    if (context && there) this.drawLine(context, view, unit, style);
  }

  setStep(step, unit) {
    const { lane } = this;
    const row = step + lane.offset;
    if (this.spelled) setText(this.value, `“${this.model.labels[step]}”`);
    else if (lane.letter === "y" && lane.array.columns > 1) setText(this.value, this.bestAnswer(row));
    else if (this.hasUnits) setText(this.value, unit < lane.array.columns ? formatNumber(lane.array.at(row, unit)) : "–");
    else if (lane.array.columns === 1) setText(this.value, formatNumber(lane.array.at(row, 0)));
    else setText(this.value, "");
  }

  bestAnswer(row) {
    const { array } = this.lane;
    let best = 0;
    for (let k = 1; k < array.columns; k += 1) if (array.at(row, k) > array.at(row, best)) best = k;
    return `“${this.panel.answers.names[best]}”`;
  }
}

/** All lanes of a panel with their cursor and the time axis below. */
export class Lanes {
  constructor(panel, model, actions) {
    Object.assign(this, { panel, model, actions, view: { from: 0, count: model.steps } });
    this.lanes = panel.lanes.map((lane) => new Lane(lane, panel, model, actions));
    this.cursor = makeElement("div", { class: "gv-cursor" });
    this.axis = makeElement("canvas", { class: "gv-axis", "aria-hidden": "true" });
    const layer = makeElement("div", { class: "gv-cursor-layer" }, this.cursor);
    this.element = makeElement(
      "div", { class: "gv-lanes" }, ...this.lanes.map((lane) => lane.element), layer,
      makeElement("div", { class: "gv-lane" }, makeElement("span", { class: "gv-axis-name" }, "step"), this.axis, makeElement("span")),
    );
    this.element.addEventListener("pointerdown", (event) => this.scrub(event, true));
    this.element.addEventListener("pointermove", (event) => this.scrub(event, false));
  }

  scrub(event, pressed) {
    if (!event.target.closest(".gv-lane-plot, .gv-axis") || !(pressed || event.buttons & 1)) return;
    const box = this.axis.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const step = this.view.from + Math.floor(share * this.view.count);
    this.actions.goTo(Math.max(0, Math.min(this.model.steps - 1, step)), this.panel);
  }

  setOrder(how, letter) {
    const key = this.lanes.find((lane) => lane.lane.letter === letter && lane.hasUnits) || this.lanes.find((lane) => lane.hasUnits);
    const order = orderUnits(key.lane, this.model.steps, how);
    for (const lane of this.lanes) {
      if (!lane.hasUnits) continue;
      lane.setOrder(order.length === lane.lane.array.columns ? order : orderUnits(lane.lane, this.model.steps, how));
    }
  }

  draw(view, unit, style) {
    this.view = view;
    for (const lane of this.lanes) lane.draw(view, unit, style);
    this.drawAxis(view, style);
  }

  drawAxis(view, style) {
    const context = canvasContext(this.axis);
    if (!context) return;
    const width = context.cssWidth / view.count;
    const every = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((n) => n * width >= 44) || 1000;
    context.font = "13px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillStyle = style.muted;
    for (let t = Math.ceil(view.from / every) * every; t < view.from + view.count; t += every) {
      const x = (t - view.from + 0.5) * width;
      context.fillText(String(t), Math.max(8, Math.min(context.cssWidth - 10, x)), 13);
    }
  }

  setUnit(unit, style) {
    for (const lane of this.lanes) lane.setUnit(this.view, unit, style);
  }

  setStep(step, unit) {
    for (const lane of this.lanes) lane.setStep(step, unit);
  }

  markLane(letter) {
    for (const lane of this.lanes) {
      const chosen = lane.lane.letter === letter;
      lane.label.setAttribute("aria-pressed", String(chosen));
      lane.element.classList.toggle("gv-chosen", chosen);
    }
  }

  /** Put the cursor at `place`, a step that may be fractional while it glides. */
  moveCursor(place) {
    const width = 100 / this.view.count;
    this.cursor.style.width = `${width}%`;
    this.cursor.style.left = `${(place - this.view.from) * width}%`;
  }
}
