/* One panel on the page. */

import { createDiagram } from "./diagram.js";
import { makeElement, setText } from "./dom.js";
import { Equations } from "./equations.js";
import { Lanes } from "./lanes.js";
import { productsAt, valuesAt, wiresAt } from "./numbers.js";
import { tellAnswer, tellStep } from "./words.js";

/** One column: title, diagram, sentence, equations, lanes. */
export class Column {
  constructor(panel, model, actions) {
    Object.assign(this, { panel, model });
    this.diagram = createDiagram(panel.cell, model.colours, { projected: panel.projected });
    this.words = makeElement("p", { class: "gv-words", role: "status" });
    this.answer = makeElement("p", { class: "gv-answer" });
    this.equations = new Equations(panel, model, actions);
    this.lanes = new Lanes(panel, model, actions);
    const title = makeElement("h2", { class: "gv-title" }, panel.title);
    const way = panel.direction === "backward" ? makeElement("small", {}, " reads backward") : null;
    if (way) title.append(way);
    const working = makeElement("div", { class: "gv-working" }, title, this.diagram.element, this.words, this.answer, this.equations.element);
    this.element = makeElement("section", { class: "gv-column", "data-cell": panel.cell, "aria-label": panel.title }, working, this.lanes.element);
    this.element.addEventListener("pointerdown", () => actions.activate(panel));
    this.ranges = Object.fromEntries(panel.lanes.map((lane) => [lane.letter, [lane.low, lane.high]]));
  }

  setStep(step, unit, quiet) {
    const { panel } = this;
    const values = valuesAt(panel, step, unit);
    this.diagram.update(wiresAt(panel, step, unit, this.model), { ranges: this.ranges });
    this.equations.update(step, unit, values);
    this.words.setAttribute("aria-live", quiet ? "off" : "polite");
    const products = panel.gates.length ? null : productsAt(panel, "h", step, unit);
    setText(this.words, tellStep(panel, values, products));
    setText(this.answer, tellAnswer(panel, step));
    this.answer.hidden = !panel.answers;
    this.lanes.setStep(step, unit);
  }
}
