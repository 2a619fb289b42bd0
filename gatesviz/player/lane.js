/* One lane: a gate, a state, the input or a gradient as a heatmap of units × time, and one unit's line. */

import { canvasContext, paintValues } from "./canvas.js";
import { laneGradient, laneShare } from "./colours.js";
import { makeElement, onPress, setText } from "./dom.js";
import { drawLetters, isTooNarrow, lettersLeft } from "./letters.js";
import { formatDecade, formatGradient, formatNumber } from "./numbers.js";
import { letterNow, letterText } from "./spelling.js";

const counted = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;

const LINE_HEIGHT = 30;
const INPUT_HEIGHT = 34;

export class Lane {
  constructor(lane, panel, model, actions) {
    Object.assign(this, { lane, panel, model, actions });
    this.hasUnits = lane.kind === "units";
    this.spelled = lane.kind === "input" && panel.spelled;
    this.heated = !this.spelled && (this.hasUnits || lane.array.columns > 1);
    this.order = [...Array(lane.array.columns).keys()];
    this.picture = makeElement("canvas", { class: "gv-heat", role: "img", style: `height:${this.height()}px` });
    this.mark = makeElement("div", { class: "gv-unit-mark", hidden: true });
    this.line = this.hasUnits
      ? makeElement("canvas", { class: "gv-line", "aria-hidden": "true", style: `height:${LINE_HEIGHT}px` })
      : null;
    this.value = makeElement("output", { class: "gv-lane-value", "aria-live": "off" });
    this.label = makeElement(
      "button",
      {
        type: "button", class: "gv-lane-label", "aria-pressed": "false", title: lane.meaning || lane.name,
        "aria-label": `${lane.name} ${lane.sign ?? lane.letter}`,
        onclick: () => actions.chooseLane(panel, lane.letter),
      },
      makeElement("b", { style: `border-color:${model.colours[lane.letter] || "currentColor"}` }, lane.sign ?? lane.letter),
      makeElement("span", {}, lane.name),
    );
    this.legend = makeElement("div", { class: "gv-legend", "aria-hidden": "true" });
    this.plot = makeElement("div", { class: "gv-lane-plot" }, makeElement("div", { class: "gv-heat-box" }, this.picture, this.mark), this.line);
    this.element = makeElement("div", { class: `gv-lane${lane.floor ? " gv-gradient" : ""}${this.spelled ? " gv-spelled" : ""}`, "data-lane": lane.letter }, this.label, this.plot, makeElement("div", { class: "gv-lane-side" }, this.value, this.legend));
    onPress(this.picture, (event) => this.chooseUnit(event));
    const drawn = this.line ?? (lane.kind === "input" && !this.heated && !this.spelled ? this.picture : null);
    if (drawn && !lane.floor) this.letDrag(drawn);
    this.describe();
  }

  height(scale = 1) {
    if (!this.heated) return scale * INPUT_HEIGHT;
    return Math.max(26, Math.min(scale > 1 ? scale * 56 : 96, this.lane.array.columns * 7 * scale));
  }

  /** Draw the squares this many times as high, and the line, too. Letters keep their size. */
  enlarge(scale) {
    if (this.spelled) return;
    this.picture.style.height = `${this.height(scale)}px`;
    if (this.line) this.line.style.height = `${LINE_HEIGHT * Math.max(1, scale / 2)}px`;
  }

  number(value) {
    return this.lane.floor ? formatGradient(value) : formatNumber(value);
  }

  /** Write the description for screen readers and the legend. */
  describe() {
    const { lane } = this;
    this.described = [lane.sign, lane.low, lane.high].join(" ");
    const end = (value) => (lane.floor ? `${value < 0 ? "−" : ""}${formatDecade(Math.abs(value))}` : formatNumber(value, 1));
    this.picture.setAttribute("aria-label", this.description(`${end(lane.low)} to ${end(lane.high)}`));
    if (!this.heated) return;
    const small = (value) => makeElement("small", {}, !lane.floor && Number.isInteger(value) ? formatNumber(value, 0) : end(value));
    this.legend.replaceChildren(
      makeElement("i", { style: `background:${laneGradient(lane)}` }), small(lane.low), small(lane.high),
      lane.floor ? makeElement("small", { class: "gv-floor" }, `blank < ${formatDecade(lane.floor)}`) : "",
    );
  }

  /** Return one sentence that says what the picture shows. */
  description(range) {
    const { lane, model: { steps } } = this;
    const name = `${lane.name} ${lane.sign ?? lane.letter}`;
    if (this.spelled) return `The input as text: one character at each of ${steps} steps.`;
    if (!this.heated) return `Line of the ${name} over ${counted(steps, "step")}, on a scale from ${range}.`;
    const { columns } = lane.array;
    const rows = counted(columns, this.hasUnits ? "unit" : "row");
    const log = lane.floor ? `, by powers of ten, blank below ${formatDecade(lane.floor)}` : "";
    return `Heatmap of the ${name}: ${rows} by ${counted(steps, "step")}, from ${range}${log}.`;
  }

  /** Redraw after the lane's values changed. */
  refresh() {
    this.pixels = null;
    this.describe();
  }

  repaint() {
    this.pixels = null;
    const { lane } = this;
    if (this.described !== [lane.sign, lane.low, lane.high].join(" ") || lane.kind === "answer") this.describe();
  }

  /** In edit mode, set the unit's value at the step where the pointer went down, as high as the pointer is. */
  letDrag(canvas) {
    const { actions, panel, lane } = this;
    const value = (event) => {
      const box = canvas.getBoundingClientRect();
      const share = Math.max(0, Math.min(1, 1 - (event.clientY - box.top - 3) / (box.height - 6)));
      return Number((lane.low + share * (lane.high - lane.low)).toPrecision(3));
    };
    canvas.classList.add("gv-draggable");
    canvas.addEventListener("pointerdown", (event) => {
      if (!actions.edits() || event.button > 0 || lane.letter === "difference") return;
      canvas.setPointerCapture(event.pointerId);
      const box = canvas.getBoundingClientRect();
      const step = Math.floor(this.view.from + ((event.clientX - box.left) / box.width) * this.view.count);
      actions.grab(panel, lane.letter, Math.max(0, Math.min(this.model.steps - 1, step)), this.hasUnits ? undefined : 0);
    });
    canvas.addEventListener("pointermove", (event) => { if (actions.drags()) actions.drag(value(event)); });
    canvas.addEventListener("pointerup", () => actions.drop());
    canvas.addEventListener("pointercancel", () => actions.drop());
  }

  chooseUnit(event) {
    if (!this.hasUnits) return;
    this.actions.chooseUnit(this.panel, this.columnAt(event));
  }

  /** Return the array's column in the row of squares under the pointer. */
  columnAt(event) {
    const box = this.picture.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * this.order.length);
    return this.order[Math.max(0, Math.min(this.order.length - 1, row))];
  }

  /** Return the array's column that the pointer is over. A line shows the chosen unit. */
  squareColumn(event) {
    if (event.target === this.line) return this.unit;
    return this.heated ? this.columnAt(event) : 0;
  }

  /** Return the value of a square, with what it belongs to. */
  squareText(column, step) {
    const { lane, panel } = this;
    const label = panel.text ? ` ${letterText(panel, step)}` : "";
    if (this.spelled) return `step ${step}${label}`;
    const value = this.number(lane.array.at(step + lane.offset, column));
    return `${this.rowName(column)}, step ${step}${label}: ${value}`;
  }

  /** Name the lane and one of its rows. */
  rowName(column) {
    const { lane, panel, hasUnits } = this;
    const sign = lane.sign ?? lane.letter;
    if (hasUnits) return `${sign} of unit ${column}`;
    if (lane.kind === "answer" && lane.array.columns > 1) return `answer “${panel.answers.names[column]}”`;
    return lane.kind === "input" && lane.array.columns > 1 ? `${sign} [${panel.features?.[column] ?? column}]` : `${lane.name} ${sign}`;
  }

  setOrder(order) {
    this.order = order;
    this.pixels = null;
  }

  draw(view, unit, style) {
    this.view = view;
    const context = canvasContext(this.picture);
    if (!context) return;
    if (this.spelled) this.drawText(context, view, style);
    else if (this.heated) this.drawPixels(context, view);
    else this.drawLine(context, view, 0, style);
    this.setUnit(view, unit, style);
  }

  drawPixels(context, view) {
    this.pixels ??= this.sheet = paintValues(this.lane, this.model.steps, this.order, this.sheet);
    context.imageSmoothingEnabled = context.cssWidth / view.count < 1;
    context.drawImage(this.pixels, view.from, 0, view.count, this.order.length, 0, 0, context.cssWidth, context.cssHeight);
  }

  drawText(context, view, style) {
    setText(this.legend, lettersLeft(context.cssWidth, view));
    if (isTooNarrow(context.cssWidth, view)) return this.hint(context, ["Too narrow for letters. Show fewer steps.", "Show fewer steps", "…"], style);
    const first = this.panel.written?.first ?? Infinity;
    context.textBaseline = "middle";
    drawLetters(context, this.panel, view, { most: 22 * style.large, y: context.cssHeight / 2, colour: (t) => (t < first ? style.text : style.accent), replaced: style.accent });
  }

  /** Write the first of the texts that fits, else the last. */
  hint(context, texts, style) {
    context.font = `${14 * style.large}px ${style.font}`;
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillStyle = style.muted;
    const fits = (text) => context.measureText(text).width <= context.cssWidth - 8;
    context.fillText(texts.find(fits) ?? texts.at(-1), 4, context.cssHeight / 2 + 5);
  }

  drawLine(context, view, unit, style) {
    const { lane } = this;
    const place = this.placing(context);
    context.fillStyle = style.text;
    context.strokeStyle = style.line;
    context.lineWidth = 1;
    context.strokeRect(0, place(lane.signed ? 0 : lane.low), context.cssWidth, 0);
    context.strokeStyle = this.model.colours[lane.letter] || (lane.kind === "answer" ? style.accent : style.text);
    context.lineWidth = 2.2;
    if (lane.before) this.drawBefore(context, view, unit, place);
    this.trace(context, view, place, (t) => lane.array.at(t + lane.offset, unit));
  }

  /** Draw the run without edits as a thin line, and a mark above each edited step. */
  drawBefore(context, view, unit, place) {
    const { lane, panel: { edits } } = this;
    const { lineWidth, strokeStyle } = context;
    context.lineWidth = 1;
    context.strokeStyle = context.fillStyle;
    this.trace(context, view, place, (t) => lane.before.at(t + lane.offset, unit));
    const width = context.cssWidth / view.count;
    const here = edits.filter((edit) => edit.letter === lane.letter && this.placed(edit) && (!edit.units || edit.units.includes(unit)));
    for (let t = view.from; t < view.from + view.count; t += 1) {
      if (here.some(({ steps }) => !steps || steps.includes(t))) context.fillRect((t - view.from) * width, 0, Math.max(2, width - 1), 2);
    }
    Object.assign(context, { lineWidth, strokeStyle });
  }

  placed({ layer, direction }) {
    const [shownLayer, shownDirection] = this.panel.engine.place;
    return layer === shownLayer && direction === shownDirection;
  }

  /** Return the function from a value to its height in a line. A gradient shows its magnitude by decades. */
  placing(context) {
    const { lane } = this;
    const share = lane.floor
      ? (value) => laneShare(value, lane)
      : (value) => (value - lane.low) / (lane.high - lane.low);
    return (value) => 3 + (1 - Math.max(-0.05, Math.min(1.05, share(value)))) * (context.cssHeight - 6);
  }

  /** Draw a line with one stair for each step, broken where there is no value. */
  trace(context, view, place, value) {
    const width = context.cssWidth / view.count;
    context.beginPath();
    let broken = true;
    for (let t = view.from; t < view.from + view.count; t += 1) {
      const y = place(value(t));
      if (!Number.isFinite(y)) broken = true;
      else {
        context[broken ? "moveTo" : "lineTo"]((t - view.from) * width, y);
        context.lineTo((t - view.from + 1) * width, y);
        broken = false;
      }
    }
    context.stroke();
  }

  setUnit(view, unit, style) {
    if (!this.hasUnits) return;
    const there = unit < this.lane.array.columns;
    this.unit = unit;
    this.mark.hidden = !there;
    const height = 100 / this.order.length;
    this.mark.style.top = `${this.order.indexOf(unit) * height}%`;
    this.mark.style.height = `${height}%`;
    const context = canvasContext(this.line);
    if (context && there) this.drawLine(context, view, unit, style);
  }

  setStep(step, unit) {
    setText(this.value, this.valueText(step, unit));
  }

  valueText(step, unit) {
    const { array, offset } = this.lane;
    if (this.spelled) return letterNow(this.panel, step);
    if (this.hasUnits) return unit < array.columns ? this.number(array.at(step + offset, unit)) : "–";
    return array.columns === 1 ? formatNumber(array.at(step, 0)) : "";
  }
}
