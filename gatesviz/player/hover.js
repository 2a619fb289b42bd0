/* The value of one square of a lane: for the pointer over it, and after a tap. */

import { makeElement, setText } from "./dom.js";

export class SquareValue {
  /** Follow the pointer over the lanes of a `Lanes` object. */
  constructor(lanes) {
    this.lanes = lanes;
    this.element = makeElement("div", { class: "gv-square", "aria-hidden": "true", hidden: true });
    lanes.element.append(this.element);
    lanes.element.addEventListener("pointermove", (event) => this.follow(event));
    lanes.element.addEventListener("pointerdown", (event) => this.follow(event));
    lanes.element.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") this.hide(); });
  }

  hide() {
    this.element.hidden = true;
  }

  follow(event) {
    const holder = event.target.closest(".gv-lane-plot")?.closest("[data-lane]");
    const lane = this.lanes.lanes.find((one) => one.element === holder);
    const step = lane ? this.lanes.stepAt(event) : NaN;
    const text = step in this.lanes.panel.labels && !this.lanes.covers(step) ? lane.squareText(event, step) : "";
    if (!text) return this.hide();
    setText(this.element, text);
    this.element.hidden = false;
    this.place(lane, event);
  }

  /** Stand above the lane, near the pointer, so that neither a finger nor a neighbour hides it. */
  place(lane, event) {
    const box = this.lanes.element.getBoundingClientRect();
    const wide = this.element.offsetWidth;
    const left = Math.max(0, Math.min(box.width - wide, event.clientX - box.left - wide / 2));
    const top = lane.element.getBoundingClientRect().top - box.top - this.element.offsetHeight;
    Object.assign(this.element.style, { left: `${left}px`, top: `${top}px` });
  }
}
