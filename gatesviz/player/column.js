/* One column of the player: a panel with its diagram, sentence, equations and lanes. */

import { changeGivesStep, changeSentence } from "./answerchanges.js";
import { answerSentence } from "./answers.js";
import { backwardAt, gradientSentence } from "./backward.js";
import { laneShare } from "./colours.js";
import { createDiagram, wireScales } from "./diagram.js";
import { makeElement, onPress, setText } from "./dom.js";
import { computedStates, editedSentence } from "./edited.js";
import { Equations } from "./equations.js";
import { Lanes } from "./lanes.js";
import { productsAt, valuesAt, wiresAt } from "./numbers.js";
import { engineSentence } from "./recomputed.js";
import { TextStrip } from "./textstrip.js";
import { stepSentence } from "./words.js";
export class Column {
  constructor(panel, model, actions) {
    Object.assign(this, { panel, model });
    this.diagram = createDiagram(panel, model.colours, (letter) => this.openSum(letter));
    this.words = makeElement("p", { class: "gv-words", role: "status" });
    this.answer = makeElement("p", { class: "gv-answer", hidden: !panel.answers });
    this.equations = new Equations(panel, model, actions);
    this.lanes = new Lanes(panel, model, actions);
    this.strip = (panel.text || panel.words) && !model.shared ? new TextStrip(panel.labels, actions, panel.written, panel.words) : null;
    this.title = makeElement("span");
    const way = panel.direction === "backward" ? makeElement("small", {}, " · reads from the last step to the first") : null;
    this.note = makeElement("small");
    this.engine = makeElement("p", { class: "gv-note gv-engine" });
    const title = makeElement("h2", { class: "gv-title" }, this.title, way, this.note);
    const working = makeElement("div", { class: "gv-working" }, title, this.strip?.element, this.diagram.element, this.words, this.answer, this.equations.element, this.engine);
    this.working = working;
    this.element = makeElement("section", { class: "gv-column", "data-cell": panel.cell }, working, this.lanes.element);
    onPress(this.element, () => actions.activate(panel));
    this.letDragGauges(actions);
    this.describe();
  }

  /** In edit mode, drag a gate of the diagram up or down to set it at this step. */
  letDragGauges(actions) {
    const { panel, diagram: { element } } = this;
    let box = null;
    let gate = null;
    element.addEventListener("pointerdown", (event) => {
      const held = event.target.closest("[data-gate]");
      gate = panel.gates.find(({ letter }) => letter === held?.dataset.gate);
      if (!gate || !actions.edits() || event.button > 0) return;
      box = held.querySelector("rect").getBoundingClientRect();
      actions.grab(panel, gate.letter, this.step);
    });
    element.addEventListener("pointermove", (event) => {
      if (!gate || !actions.drags()) return;
      element.setPointerCapture(event.pointerId); // only now: a click opens the gate's sum
      const share = Math.max(0, Math.min(1, (box.bottom - event.clientY) / box.height));
      actions.drag(Number((gate.low + share * (gate.high - gate.low)).toPrecision(3)));
    });
    element.addEventListener("touchmove", (event) => { if (gate && actions.drags()) event.preventDefault(); }, { passive: false }); // else the page scrolls
    for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => { gate = null; actions.drop(); });
  }

  /** Update what depends on the panel's values but not on the step. */
  describe() {
    const { panel } = this;
    setText(this.title, panel.title);
    setText(this.engine, engineSentence(panel, panel.computed));
    this.element.setAttribute("aria-label", panel.title);
    this.ranges = Object.fromEntries(panel.lanes.map((lane) => [lane.letter, [lane.low, lane.high]]));
    this.scales = wireScales(panel, this.ranges);
  }

  /** Open the sum behind a gate, or close it. Return whether it is open. */
  openSum(letter) {
    return this.equations.openRow(letter);
  }

  /** Cover the steps that the model has still to write, from `until` on. */
  setCover(until, writing) {
    this.strip?.setCover(until, { writing, edited: Boolean(this.panel.edited) });
    this.lanes.setCover(until);
  }

  repaint(lane) {
    this.describe();
    this.lanes.repaint(lane);
  }

  /** Redraw after the panel's values changed. */
  refresh() {
    this.describe();
    this.lanes.refresh();
  }

  /** Show a step. With `back`, the wires and the sentence show the gradients. */
  setStep(step, unit, { quiet, back }) {
    const { panel } = this;
    this.step = step;
    const values = valuesAt(panel, step, unit);
    const reversed = back && panel.gradients.length > 0;
    setText(this.note, reversed ? " · wires show gradients" : this.scales);
    this.diagram.update(wiresAt(panel, step, unit), { ranges: this.ranges, back: reversed ? this.backward(step, unit) : null });
    this.equations.update(step, unit, values);
    this.words.setAttribute("aria-live", quiet ? "off" : "polite");
    const products = panel.gates.length || reversed ? null : productsAt(panel, "h", step, unit);
    setText(this.words, reversed ? gradientSentence(panel, step, unit) : stepSentence(panel, values, products, computedStates(panel, step, unit)) + editedSentence(panel, step, unit));
    const now = changeGivesStep(panel, step) ? "" : answerSentence(panel, step);
    setText(this.answer, [now, changeSentence(panel, step)].filter(Boolean).join(". ").replace("?. ", "? "));
    this.strip?.setStep(step);
    this.lanes.setStep(step, unit);
  }

  backward(step, unit) {
    const share = (value) => laneShare(value, this.model.gradients);
    return { values: backwardAt(this.panel, step, unit), share };
  }
}
