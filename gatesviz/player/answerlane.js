/* The lane of the answers: the readout's answer and the expected one. */

import { firstNumbers, judge, nameAnswers, tally } from "./answers.js";
import { canvasContext } from "./canvas.js";
import { makeElement } from "./dom.js";
import { Lane } from "./lane.js";
import { formatNumber } from "./numbers.js";

const MARKS_HEIGHT = 14;
const NUMBERS_HEIGHT = 64;
const FORECAST_HEIGHT = 132; // three lines that lie close together
const SMALLEST = 4; // pixels of an outline, however small its cell
const NAME_HEIGHT = 12; // pixels that the name of a row needs
const MOST_NAMES = 10; // more rows than this stay without their names

export class AnswerLane extends Lane {
  constructor(lane, panel, model, actions) {
    super(lane, panel, model, actions);
    if (this.named) {
      this.picture.style.height = `calc(${this.height()}px * var(--gv-large, 1))`; // the names grow while the app is presented
      this.picture.parentElement.append(this.names());
    }
    this.element.classList.toggle("gv-long-names", this.named && panel.answers.names.some((name) => name.length > 1));
    this.element.classList.toggle("gv-forecast", this.forecasts);
    this.element.classList.toggle("gv-several-numbers", panel.answers.kind === "number" && panel.answers.names.length > 1);
    if (!panel.arrays.target) return;
    this.judged = panel.answers.kind !== "number";
    if (this.judged) {
      this.marks = makeElement("canvas", { class: "gv-line gv-marks", "aria-hidden": "true", style: `height:${MARKS_HEIGHT}px` });
      this.plot.append(this.marks);
    } else {
      const named = ["━ ŷ answer", "┅ y expected", ...(this.forecasts ? ["┈ x last value"] : [])];
      this.legend.replaceChildren(...named.map((text) => makeElement("small", {}, text)));
    }
  }

  /** Whether the answer is a forecast, which is drawn beside the true next value and the last one. */
  get forecasts() {
    const { forecasts, kind } = this.panel.answers;
    return kind === "number" && Boolean(forecasts && this.panel.arrays.target);
  }

  /** Whether each row is one class, or one of several numbers, and all names fit. */
  get named() {
    const { kind, names } = this.panel.answers;
    return (kind !== "number" || names.length > 1) && names.length <= MOST_NAMES;
  }

  /** The name of each class at the height of its row. */
  names() {
    const rows = this.panel.answers.names.map((name) => makeElement("small", { title: name }, name));
    return makeElement("span", { class: "gv-row-names", "aria-hidden": "true" }, ...rows);
  }

  /** The answers keep their height. */
  enlarge() {}

  height() {
    if (this.named) return Math.max(26, NAME_HEIGHT * this.panel.answers.names.length);
    if (this.forecasts) return FORECAST_HEIGHT;
    return this.panel.arrays.target && !this.heated ? NUMBERS_HEIGHT : super.height();
  }

  describe() {
    super.describe();
    const about = this.picture.getAttribute("aria-label");
    if (this.forecasts) this.picture.setAttribute("aria-label", `${about} A dashed line shows the true next value, a dotted one the last value.`);
    if (!this.panel.arrays.target || this.panel.answers.kind === "number") return;
    const { right, of } = tally(this.panel, this.model.steps);
    this.picture.setAttribute("aria-label", `${about} Correct at ${right} of ${of} ${of === 1 ? "step that has" : "steps that have"} an expected answer.`);
  }

  draw(view, unit, style) {
    super.draw(view, unit, style);
    const context = this.panel.arrays.target && this.picture.clientWidth ? this.picture.getContext("2d") : null;
    if (!context) return;
    if (this.judged) {
      this.outline(context, view, style);
      this.drawMarks(view, style);
    } else this.drawTargets(context, view, style);
  }

  /** Draw the expected numbers as a dashed line, which needs no colour to be recognised. */
  drawTargets(context, view, style) {
    const { target } = this.panel.arrays;
    context.strokeStyle = style.text;
    context.lineWidth = 2.2;
    context.setLineDash([5, 3]);
    this.trace(context, view, this.placing(context), (t) => target.at(t, 0));
    context.setLineDash([]);
    if (this.forecasts) this.drawLastValues(context, view, style);
    this.drawLoneTargets(context, view);
  }

  /** Draw the value that was read as a dotted line: the forecast that repeats it. */
  drawLastValues(context, view, style) {
    context.strokeStyle = style.text;
    context.lineWidth = 1.6;
    context.setLineDash([1.6, 3]);
    this.trace(context, view, this.placing(context), (t) => this.panel.arrays.x.at(t, 0));
    context.setLineDash([]);
  }

  /** Draw a ring where a single step has an expected number: a dash would not fit. */
  drawLoneTargets(context, view) {
    const { target } = this.panel.arrays;
    const known = (t) => t >= 0 && t < this.model.steps && !Number.isNaN(target.at(t, 0));
    const place = this.placing(context);
    for (let t = view.from; t < view.from + view.count; t += 1) {
      if (!known(t) || known(t - 1) || known(t + 1)) continue;
      const x = ((t - view.from + 0.5) * context.cssWidth) / view.count;
      context.beginPath();
      context.arc(Math.min(x, context.cssWidth - 5), place(target.at(t, 0)), 3.5, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** Frame the probability of each expected answer. */
  outline(context, view, style) {
    const width = context.cssWidth / view.count;
    const height = context.cssHeight / this.order.length;
    const [across, down] = [Math.max(SMALLEST, width), Math.max(SMALLEST, height)];
    for (let t = view.from; t < view.from + view.count; t += 1) {
      for (const k of judge(this.panel, t).right ?? []) {
        const x = (t - view.from + 0.5) * width - across / 2;
        const y = Math.min(context.cssHeight - down, (k + 0.5) * height - down / 2);
        for (const [colour, line] of [[style.surface, 3], [style.text, 1.5]]) {
          context.strokeStyle = colour;
          context.lineWidth = line;
          context.strokeRect(x + 1.5, Math.max(0, y) + 1.5, across - 3, down - 3);
        }
      }
    }
  }

  /** Draw a tick below each correct answer and a cross below each wrong one. */
  drawMarks(view, style) {
    const context = canvasContext(this.marks);
    if (!context) return;
    const width = context.cssWidth / view.count;
    const size = Math.max(2, Math.min(8, width - 1)) / 2;
    const middle = MARKS_HEIGHT / 2 + 1;
    context.lineWidth = size < 2 ? 1.2 : 2;
    for (let t = view.from; t < view.from + view.count; t += 1) {
      const { agrees } = judge(this.panel, t);
      if (agrees === null) continue;
      const x = (t - view.from + 0.5) * width;
      context.strokeStyle = agrees ? style.muted : style.text;
      context.beginPath();
      if (agrees) {
        context.moveTo(x - size, middle);
        context.lineTo(x - size / 3, middle + size * 0.8);
        context.lineTo(x + size, middle - size);
      } else {
        context.moveTo(x - size, middle - 5);
        context.lineTo(x + size, middle + 5);
        context.moveTo(x - size, middle + 5);
        context.lineTo(x + size, middle - 5);
      }
      context.stroke();
    }
  }

  setStep(step, unit) {
    super.setStep(step, unit);
    this.value.title = this.value.textContent; // a very long name is cut off
  }

  valueText(step) {
    const { answer, right, agrees } = judge(this.panel, step);
    if (this.panel.answers.kind === "number") {
      if (right === null) return Array.isArray(answer) ? firstNumbers(this.panel, answer).join("\n") : formatNumber(answer);
      const last = this.forecasts ? `\nx ${formatNumber(this.panel.arrays.x.at(step, 0))}` : "";
      return `ŷ ${formatNumber(answer)}\ny ${formatNumber(right)}${last}`;
    }
    const name = nameAnswers(this.panel, answer);
    if (agrees === null) return name;
    return agrees ? `✓ ${name}` : `✗ ${name}, y ${nameAnswers(this.panel, right)}`;
  }
}
