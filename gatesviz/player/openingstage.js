/* The stage of the opening: one unit's memory as a river through time, with a gate at every step. */

import { judge, nameAnswers } from "./answers.js";
import { laneCss } from "./colours.js";
import { makeElement, setText } from "./dom.js";
import { formatNumber, formatShare } from "./numbers.js";

const WIDEST = 0.72; // of the row, of the river where |c| is largest
const bar = (name) => makeElement("i", { class: name });

export class OpeningStage {
  /** `toggle(step)` is called when the reader closes the forget gate at a step, or gives it back. */
  constructor(panel, model, { unit, toggle }) {
    Object.assign(this, { panel, model, unit });
    this.steps = [...Array(model.steps).keys()];
    this.letters = this.steps.map((step) => makeElement("span", { class: "gv-op-letter" }, model.labels[step]));
    this.doors = Object.fromEntries(["i", "o"].map((letter) => [letter, this.steps.map(() => makeElement("span", { class: "gv-op-door" }, bar("gv-op-beam"), bar("gv-op-left"), bar("gv-op-right")))]));
    this.river = this.steps.map((step) => this.riverCell(step, toggle));
    this.answers = this.steps.map(() => makeElement("span", { class: "gv-op-answer" }, makeElement("s"), makeElement("b"), makeElement("small")));
    this.values = {};
    this.rows = {
      x: this.row("x", [["x", "input"]], this.letters),
      i: this.row("i", [["i", this.gateName("i")]], this.doors.i),
      c: this.row("c", [["f", this.gateName("f")], ["c", "cell state"]], this.river.map(({ element }) => element)),
      o: this.row("o", [["o", this.gateName("o")]], this.doors.o),
      y: this.row("y", [["ŷ", "answer (· means “nothing”)"]], this.answers),
    };
    this.element = makeElement("div", { class: "gv-op-stage", style: `--steps: ${model.steps}` }, ...Object.values(this.rows));
    this.element.addEventListener("keydown", (event) => this.moveFocus(event));
    this.paint();
  }

  gateName(letter) {
    return this.panel.gates.find((gate) => gate.letter === letter).name;
  }

  row(name, labels, cells) {
    const heads = labels.map(([letter, text]) => {
      this.values[letter] = makeElement("output", { "aria-hidden": "true" });
      return makeElement("span", { class: "gv-op-head", "data-letter": letter }, makeElement("b", { style: `border-color: ${this.model.colours[letter] ?? "transparent"}` }, letter), makeElement("span", {}, text), this.values[letter]);
    });
    return makeElement("div", { class: "gv-op-row", "data-row": name }, makeElement("div", { class: "gv-op-heads" }, ...heads), ...cells);
  }

  /** One step of the river: the memory after it, the memory without edits, and the forget gate before both. */
  riverCell(step, toggle) {
    const [water, ghost, top, bottom] = [bar("gv-op-water"), bar("gv-op-ghost"), bar("gv-op-top"), bar("gv-op-bottom")];
    const valve = makeElement("button", { type: "button", class: "gv-op-valve", hidden: true, tabindex: step ? -1 : 0, onclick: () => toggle(step) });
    return { water, ghost, top, bottom, valve, element: makeElement("span", { class: "gv-op-cell" }, ghost, water, top, bottom, valve) };
  }

  /** Colour everything by the panel's values, which edits change. */
  paint() {
    const { panel, unit } = this;
    const high = Math.max(...this.steps.map((step) => Math.abs(panel.recorded.c.at(step + 1, unit)))) || 1;
    for (const step of this.steps) {
      const value = (letter) => panel.arrays[letter].at(step, unit);
      const memory = panel.arrays.c.at(step + 1, unit);
      for (const letter of ["i", "o"]) this.doors[letter][step].style.setProperty("--open", value(letter));
      this.doors.i[step].style.setProperty("--flow", laneCss(value("g"), { signed: true, high: 1 }));
      this.doors.o[step].style.setProperty("--flow", laneCss(memory, { signed: true, high }));
      const { water, ghost, element } = this.river[step];
      element.style.setProperty("--open", value("f"));
      water.style.height = `${100 * WIDEST * Math.min(1, Math.abs(memory) / high)}%`;
      water.style.background = laneCss(memory, { signed: true, high });
      const before = panel.before?.c.at(step + 1, unit);
      ghost.hidden = before === undefined;
      if (before !== undefined) ghost.style.height = `${100 * WIDEST * Math.min(1, Math.abs(before) / high)}%`;
      this.paintAnswer(step);
    }
  }

  paintAnswer(step) {
    const { panel } = this;
    const [old, now, share] = this.answers[step].children;
    const [answer] = judge(panel, step).answer;
    const before = panel.before ? judge({ ...panel, arrays: { ...panel.arrays, y: panel.before.y } }, step).answer[0] : answer;
    const name = (index) => (index === 0 ? "·" : panel.answers.names[index]);
    setText(now, name(answer));
    setText(old, before === answer ? "" : name(before));
    setText(share, answer === 0 ? "" : formatShare(panel.arrays.y.at(step, answer)));
    this.answers[step].classList.toggle("gv-op-changed", before !== answer);
    this.answers[step].title = nameAnswers(panel, [answer]);
  }

  /** Show the rows named, with one gate lit, up to a step. Step −1 stands before the first letter. */
  show({ rows, lit, step }) {
    for (const [name, row] of Object.entries(this.rows)) {
      row.classList.toggle("gv-op-off", !rows.includes(name));
      row.classList.toggle("gv-op-lit", lit === name || (lit === "f" && name === "c"));
    }
    this.element.classList.toggle("gv-op-gated", rows.includes("f"));
    const cells = [this.letters, this.doors.i, this.river.map(({ element }) => element), this.doors.o, this.answers];
    for (const row of cells) row.forEach((cell, at) => {
      cell.classList.toggle("gv-op-later", at > step);
      cell.classList.toggle("gv-op-now", at === step);
    });
    this.showValues(step);
  }

  showValues(step) {
    const { panel, unit } = this;
    for (const [letter, output] of Object.entries(this.values)) {
      const array = letter in panel.arrays && letter !== "x" ? panel.arrays[letter] : null;
      setText(output, array && step >= 0 && step < this.steps.length ? formatNumber(array.at(step + (letter === "c" ? 1 : 0), unit), 2) : "");
    }
  }

  /** Let the reader press the forget gate at each step; `closed` are those that are closed. */
  setValves(open, closed) {
    this.element.classList.toggle("gv-op-yours", open);
    this.river.forEach(({ valve, element }, step) => {
      const shut = closed.includes(step);
      valve.hidden = !open;
      valve.setAttribute("aria-pressed", shut);
      valve.setAttribute("aria-label", `Close the forget gate at step ${step}, letter “${this.model.labels[step]}”`);
      element.classList.toggle("gv-op-shut", shut);
    });
  }

  /** The forget gate that the Tab key reaches. */
  get valve() {
    return this.river.find(({ valve }) => valve.tabIndex === 0).valve;
  }

  /** Move the focus from gate to gate: they are one stop of the Tab key. */
  moveFocus(event) {
    const at = this.river.findIndex(({ valve }) => valve === event.target);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: this.steps.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = this.river[Math.max(0, Math.min(this.steps.length - 1, to))].valve;
    for (const { valve } of this.river) valve.tabIndex = valve === next ? 0 : -1;
    next.focus();
  }
}
