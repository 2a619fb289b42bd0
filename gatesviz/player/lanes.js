/* The lanes of one panel, under one cursor. */

import { AnswerLane } from "./answerlane.js";
import { canvasContext } from "./canvas.js";
import { makeElement, onPress, setText } from "./dom.js";
import { DifferenceLane } from "./difference.js";
import { SquareValue } from "./hover.js";
import { Lane } from "./lane.js";
import { CursorLetter, drawLetters, isTooNarrow, lettersLeft } from "./letters.js";
import { orderUnits } from "./ordering.js";
import { StretchFrame } from "./stretch.js";

const SIDEWAYS = 12; // pixels

/** All lanes of a panel, their cursor and the time axis below them. */
export class Lanes {
  constructor(panel, model, actions) {
    Object.assign(this, { panel, model, actions, view: { from: 0, count: model.steps } });
    this.lanes = panel.lanes.map((lane) => new (lane.kind === "answer" ? AnswerLane : Lane)(lane, panel, model, actions));
    this.difference = new DifferenceLane(panel, model, actions);
    this.lanes.push(this.difference);
    this.cursor = makeElement("div", { class: "gv-cursor" });
    this.lettered = panel.text && !panel.spelled; // else the input's lane shows the letters
    this.axis = makeElement("canvas", { class: this.lettered ? "gv-axis gv-lettered" : "gv-axis", "aria-hidden": "true" });
    this.letter = panel.text ? new CursorLetter(panel) : null;
    const axis = makeElement("div", { class: "gv-axis-box" }, this.axis, this.lettered ? this.letter.element : null);
    if (panel.spelled) this.lanes.find(({ spelled }) => spelled).picture.parentElement.append(this.letter.element);
    this.frame = new StretchFrame();
    this.left = makeElement("span", { class: "gv-letters-left" });
    const layer = makeElement("div", { class: "gv-cursor-layer" }, this.frame.element, this.cursor);
    this.cover = makeElement("div", { class: "gv-cover", hidden: true });
    const covering = makeElement("div", { class: "gv-cursor-layer gv-cover-layer" }, this.cover);
    this.element = makeElement(
      "div", { class: "gv-lanes" }, ...this.lanes.map((lane) => lane.element), covering, layer,
      makeElement("div", { class: "gv-lane" }, makeElement("span", { class: "gv-axis-name" }, "step"), axis, this.left),
    );
    this.element.addEventListener("pointerdown", (event) => { this.finger = { x: event.clientX, y: event.clientY }; });
    onPress(this.element, (event) => this.scrub(event, true));
    this.element.addEventListener("pointermove", (event) => { if (!this.pans(event)) this.scrub(event, false); });
    this.square = new SquareValue(this);
  }

  /** Return the step under the pointer; it may lie outside the lanes. */
  stepAt(event) {
    const box = this.axis.getBoundingClientRect();
    return this.view.from + Math.floor(((event.clientX - box.left) / box.width) * this.view.count);
  }

  /** Return where the middle of a step is on the page. */
  middleOf(step) {
    const box = this.axis.getBoundingClientRect();
    return box.left + ((step - this.view.from + 0.5) / this.view.count) * box.width;
  }

  /** Return whether a finger may still be scrolling the page: it chooses steps only once it has moved sideways. */
  pans(event) {
    if (event.pointerType !== "touch" || this.actions.drags()) return false;
    const { finger } = this;
    if (!finger || finger.sideways) return !finger;
    const [across, down] = [Math.abs(event.clientX - finger.x), Math.abs(event.clientY - finger.y)];
    finger.sideways = across > SIDEWAYS && across > 2 * down;
    if (finger.sideways && this.actions.selects()) this.pulled = { anchor: this.stepAt({ clientX: finger.x }), moved: false };
    return !finger.sideways;
  }

  scrub(event, pressed) {
    if (!pressed && !(event.buttons & 1)) this.pulled = null;
    if (!event.target.closest(".gv-lane-plot, .gv-axis") || !(pressed || event.buttons & 1) || this.actions.drags()) return;
    const step = Math.max(0, Math.min(this.model.steps - 1, this.stepAt(event)));
    if (this.actions.selects()) this.stretch(event, step, pressed);
    this.actions.goTo(step, this.panel);
  }

  /** Choose the steps that the pointer drags over, or those up to a step that is pressed with Shift. */
  stretch(event, step, pressed) {
    if (pressed) this.pulled = { anchor: event.shiftKey ? this.actions.anchor() : step, moved: event.shiftKey };
    if (!this.pulled) return;
    this.pulled.moved ||= step !== this.pulled.anchor; // a press alone moves only the cursor
    if (this.pulled.moved) this.actions.selectStretch(this.pulled.anchor, step);
  }

  setStretch(stretch) {
    this.stretched = stretch;
    this.frame.show(stretch, this.view);
  }

  /** Return whether one of the lanes has one of the letters. */
  has(letters) {
    return this.lanes.some(({ lane }) => letters.includes(lane.letter));
  }

  /** Show only the lanes with these letters, larger the fewer they are; all lanes for null. */
  showOnly(letters) {
    const lanes = this.lanes.filter((lane) => lane !== this.difference);
    const chosen = lanes.filter(({ lane }) => !letters || letters.includes(lane.letter));
    const scale = letters ? (chosen.length > 1 ? 2 : 4) : 1;
    for (const lane of lanes) {
      lane.element.hidden = !chosen.includes(lane);
      lane.enlarge(scale);
    }
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
    if (view.from !== this.view.from || view.count !== this.view.count) this.square.hide();
    Object.assign(this, { view, style });
    this.frame.show(this.stretched, view);
    for (const lane of this.lanes) lane.draw(view, unit, style);
    this.drawAxis(view, style);
    this.letter?.draw(view, this.axis.clientWidth);
    this.square.refresh();
  }

  /** Let the lane of differences follow the chosen lane. */
  compare(letter) {
    if (this.difference.follow(letter) && this.style) this.difference.draw(this.view, this.difference.unit, this.style);
  }

  /** Draw again after edits, while lane `letter` is chosen: in the same order, with new descriptions only where a range changed. */
  repaint(letter) {
    this.difference.follow(letter);
    for (const lane of this.lanes) lane.repaint();
  }

  /** Redraw after the panel's values changed. */
  refresh() {
    for (const lane of this.lanes) lane.refresh();
  }

  drawAxis(view, style) {
    const context = canvasContext(this.axis);
    if (!context) return;
    const width = context.cssWidth / view.count;
    const { large } = style;
    const every = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((n) => n * width >= 44 * large) || 1000;
    context.font = `${13 * large}px ${style.font}`;
    context.textAlign = "center";
    context.fillStyle = style.muted;
    for (let t = Math.ceil(view.from / every) * every; t < view.from + view.count; t += every) {
      const x = (t - view.from + 0.5) * width;
      context.fillText(String(t), Math.max(8 * large, Math.min(context.cssWidth - 10 * large, x)), 13 * large);
    }
    if (this.lettered) setText(this.left, lettersLeft(context.cssWidth, view));
    if (this.lettered && !isTooNarrow(context.cssWidth, view)) drawLetters(context, this.panel, view, { most: 15 * large, y: 30 * large, colour: () => style.muted, replaced: style.accent });
  }

  setUnit(unit, style) {
    for (const lane of this.lanes) lane.setUnit(this.view, unit, style);
  }

  setStep(step, unit) {
    for (const lane of this.lanes) lane.setStep(step, unit);
    this.letter?.setStep(step);
    this.square.setStep(step);
  }

  /** Cover the steps from `until` on, which the model has still to write. 0 covers none. */
  setCover(until) {
    this.until = until;
    const share = until ? Math.max(0, Math.min(1, (until - this.view.from) / this.view.count)) : 1;
    this.cover.hidden = share === 1;
    this.cover.style.left = `${100 * share}%`;
  }

  covers(step) {
    return this.until > 0 && step >= this.until;
  }

  markLane(letter) {
    for (const lane of this.lanes) {
      const chosen = lane.lane.letter === letter;
      lane.label.setAttribute("aria-pressed", String(chosen));
      lane.element.classList.toggle("gv-chosen", chosen);
    }
  }

  /** Move the cursor to `place`, a step that may be fractional while it glides. */
  moveCursor(place) {
    const { from, count } = this.view;
    const width = 100 / count;
    this.cursor.hidden = place <= from - 1 || place >= from + count; // its frame would show at the edge of the plot
    this.cursor.style.width = `${width}%`;
    this.cursor.style.left = `${(place - from) * width}%`;
  }
}
