/* The text, each character coloured by the chosen unit in the chosen lane. */

import { makeElement } from "./dom.js";
import { laneCss, laneInk } from "./colours.js";

export class TextStrip {
  constructor(labels, actions) {
    this.labels = labels;
    this.spans = labels.map((label, step) => makeElement(
      "span", { "data-step": step, onclick: () => actions.goTo(step) }, label === " " ? "\u00a0" : label,
    ));
    this.caption = makeElement("span", { class: "gv-strip-caption" });
    this.text = makeElement("div", { class: "gv-strip-text", role: "img", tabindex: 0 }, ...this.spans);
    this.element = makeElement("div", { class: "gv-strip" }, this.caption, this.text);
  }

  paint(panel, lane, unit, dark) {
    const column = lane.kind === "units" ? unit : 0;
    const there = column < lane.array.columns && lane.letter !== "x";
    this.spans.forEach((span, step) => {
      const value = there ? lane.array.at(step + lane.offset, column) : NaN;
      span.style.background = there ? laneCss(value, lane) : "";
      span.style.color = there ? laneInk(value, lane, dark) : "";
    });
    const what = lane.letter === "y" ? "the answer" : `${lane.name} ${lane.sign ?? lane.letter} of unit ${unit}`;
    this.caption.textContent = there ? `coloured by ${what}` : "input text";
    this.text.setAttribute("aria-label", `Input text, ${there ? this.caption.textContent : "without colours"}: ${this.labels.join("")}`);
  }

  setStep(step) {
    if (this.marked === step) return;
    if (this.marked !== undefined) this.spans[this.marked].classList.remove("gv-here");
    const span = this.spans[step];
    span.classList.add("gv-here");
    this.marked = step;
    const { text } = this;
    if (text.scrollHeight > text.clientHeight) text.scrollTop = span.offsetTop - text.clientHeight / 2;
  }
}
