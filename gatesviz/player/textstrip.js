/* The text, each character or word coloured by the chosen unit in the chosen lane. */

import { makeElement, setText } from "./dom.js";
import { laneCss, laneInk } from "./colours.js";
import { labelsRead, letterText } from "./spelling.js";

export class TextStrip {
  /** `written` says which letters at the end the model wrote; null if it wrote none. `words`: the labels are words. */
  constructor(labels, actions, written = null, words = false) {
    Object.assign(this, { labels, written, between: words ? " " : "", shown: labels.length, read: new Map() });
    const origin = (step) => (written && step >= written.first ? "gv-written" : null);
    this.spans = labels.map((label, step) => makeElement(
      "span", { class: origin(step), "data-step": step, onclick: () => actions.goTo(step) }, label,
    ));
    this.caption = makeElement("span", { class: "gv-strip-caption" });
    this.progress = makeElement("span", { class: "gv-progress", hidden: !written });
    this.writing = makeElement("button", { type: "button", class: "gv-writing", hidden: true, onclick: actions.write });
    this.text = makeElement("div", { class: "gv-strip-text", role: "img", tabindex: 0 }, ...this.spans.flatMap((span) => (words ? [span, " "] : [span])));
    this.element = makeElement("div", { class: "gv-strip" }, this.caption, this.progress, this.writing, this.text);
  }

  /** Show the letters before step `until`, or all if it is 0. While `writing`, the button stops it. `edited` says whether the run has edits. */
  setCover(until, { writing, edited }) {
    if (!this.written) return;
    const { length } = this.labels;
    const [shown, { first }] = [until || length, this.written];
    if (shown !== this.covered) {
      this.spans.forEach((span, step) => { span.hidden = step >= shown; });
      this.covered = this.shown = shown;
      this.describe();
    }
    const without = edited ? " without your edits" : "";
    setText(this.progress, ` · the model wrote what is underlined${without}, ${Math.max(0, shown - first)} of ${length - first} letters`);
    this.writing.hidden = shown === length;
    setText(this.writing, writing ? "Stop writing" : "Write on");
  }

  /** Strike the letters that edits replaced, and write what the network reads instead. */
  setRead(read = new Map()) {
    const steps = new Set([...this.read.keys(), ...read.keys()]);
    for (const step of steps) {
      if (this.read.get(step) === read.get(step) && this.read.has(step) === read.has(step)) continue;
      const replaced = [makeElement("del", {}, this.labels[step]), read.get(step) ? makeElement("ins", {}, read.get(step)) : null];
      this.spans[step].replaceChildren(...(read.has(step) ? replaced.filter(Boolean) : [this.labels[step]]));
    }
    this.read = read;
  }

  paint(panel, lane, unit, dark) {
    this.setRead(panel.read);
    const column = lane.kind === "units" ? unit : 0;
    const there = column < lane.array.columns && lane.letter !== "x";
    this.spans.forEach((span, step) => {
      const value = there ? lane.array.at(step + lane.offset, column) : NaN;
      span.style.background = there ? laneCss(value, lane) : "";
      span.style.color = there ? laneInk(value, lane, dark) : "";
    });
    const what = lane.letter === "y" ? "the answer" : `${lane.name} ${lane.sign ?? lane.letter} of unit ${unit}`;
    this.caption.textContent = there ? `coloured by ${what}` : "input text";
    this.coloured = there;
    this.describe();
  }

  /** Write the text for screen readers. */
  describe() {
    const [first, how] = [this.written?.first ?? this.shown, this.coloured ? this.caption.textContent : "without colours"];
    const letters = labelsRead(this);
    const read = (from, to) => letters.slice(from, to).join(this.between).replaceAll("␣", " ");
    const edits = [...this.read.keys()].map((step) => `. At step ${step}: ${letterText(this, step)}`).join("");
    const own = read(0, Math.min(first, this.shown));
    const more = first < this.shown ? `. The model wrote: ${read(first, this.shown)}` : "";
    this.text.setAttribute("aria-label", `Input text, ${how}: ${own}${more}${edits}`);
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
