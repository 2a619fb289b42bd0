/* The value of one square of a lane: for the pointer over it, after a tap, and by keyboard. */

import { makeElement, onPress, setText } from "./dom.js";

export class SquareValue {
  /** Follow the pointer over the lanes of a `Lanes` object. */
  constructor(lanes) {
    Object.assign(this, { lanes, step: 0, chosen: null, shown: null });
    this.element = makeElement("div", { class: "gv-square", "aria-hidden": "true", hidden: true });
    lanes.element.append(this.element);
    lanes.element.addEventListener("pointermove", (event) => { if (!lanes.pans(event)) this.follow(event); });
    onPress(lanes.element, (event) => this.follow(event));
    lanes.element.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") this.hide(); });
    for (const lane of lanes.lanes) if (!lane.hasUnits && lane.heated && lane.order.length > 1) this.addRows(lane);
  }

  /** Let the arrow keys choose a row of a lane without units, such as the answers. */
  addRows(lane) {
    const rows = makeElement("div", {
      class: "gv-rows", role: "slider", tabindex: 0, "aria-orientation": "vertical", "aria-label": `Row of the ${lane.lane.name}`,
      "aria-valuemin": 0, "aria-valuemax": lane.order.length - 1,
    });
    const chosen = { lane, rows, column: 0 };
    rows.addEventListener("focus", () => { this.chosen = chosen; this.showChosen(); });
    rows.addEventListener("blur", () => { this.chosen = null; this.hide(); });
    rows.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation(); // else they choose a unit
      chosen.column = Math.max(0, Math.min(lane.order.length - 1, chosen.column + by));
      this.showChosen();
    });
    this.describe(chosen);
    lane.picture.parentElement.append(rows);
  }

  describe({ lane, rows, column }) {
    rows.setAttribute("aria-valuenow", column);
    rows.setAttribute("aria-valuetext", lane.squareText(column, this.step));
  }

  /** Show the value of the row that the keyboard chose, at the player's step. */
  showChosen() {
    const { lane, column } = this.chosen;
    this.describe(this.chosen);
    this.show(lane, column, this.step);
  }

  setStep(step) {
    this.step = step;
    if (this.chosen) this.showChosen();
  }

  hide() {
    this.shown = null;
    this.element.hidden = true;
  }

  /** Keep the value after the lanes were drawn again: a tap can change the player's height, an edit the value. */
  refresh() {
    if (!this.shown) return;
    if (this.shown[0].element.dataset.lane) this.show(...this.shown);
    else this.hide(); // the lane of differences is gone
  }

  follow(event) {
    const holder = event.target.closest(".gv-lane-plot")?.closest("[data-lane]");
    const lane = this.lanes.lanes.find((one) => one.element === holder);
    const step = lane ? this.lanes.stepAt(event) : NaN;
    if (!(step in this.lanes.panel.labels) || this.lanes.covers(step)) return this.hide();
    return this.show(lane, lane.squareColumn(event), step, event.clientX);
  }

  /** Show the value of a square above its lane, around x, so that neither a finger nor a neighbour hides it. */
  show(lane, column, step, x = this.lanes.middleOf(step)) {
    this.shown = [lane, column, step];
    setText(this.element, lane.squareText(column, step));
    this.element.hidden = false;
    const box = this.lanes.element.getBoundingClientRect();
    const wide = this.element.offsetWidth;
    const left = Math.max(0, Math.min(box.width - wide, x - box.left - wide / 2));
    const top = lane.element.getBoundingClientRect().top - box.top - this.element.offsetHeight;
    Object.assign(this.element.style, { left: `${left}px`, top: `${top}px` });
  }
}
