/* The lane of differences: the edited run minus the run without edits, in the chosen lane. */

import { Lane } from "./lane.js";
import { formatGradient } from "./numbers.js";

/** Two arrays, read as their difference. */
class Difference {
  constructor(after, before) {
    Object.assign(this, { after, before, rows: after.rows, columns: after.columns });
  }

  at(row, column) {
    return this.after.at(row, column) - this.before.at(row, column);
  }
}

export class DifferenceLane extends Lane {
  constructor(panel, model, actions) {
    const shown = panel.lanes.find((lane) => lane.letter === panel.states.at(-1));
    super({ ...shown, letter: "difference", sign: `Δ${shown.letter}`, name: "change", meaning: "The edited run minus the run without edits." }, panel, model, actions);
    this.label.disabled = true;
    this.show(false);
  }

  /** Show the lane, or keep its place free while the reader edits. */
  show(shown) {
    const kept = !shown && this.actions.edits() && this.panel.engine && !this.panel.computed.problem;
    this.element.hidden = !shown && !kept;
    this.element.classList.toggle("gv-reserved", Boolean(kept));
    if (shown) this.element.dataset.lane = "difference";
    else delete this.element.dataset.lane;
  }

  /** Follow the chosen lane, or the last state where that has no differences. Return whether that is another picture. */
  follow(letter) {
    const { lane, panel } = this;
    const several = panel.lanes.filter((one) => one.kind === "units" && one.before);
    const shown = several.find((one) => one.letter === letter) ?? several.find((one) => one.letter === panel.states.at(-1));
    this.show(Boolean(shown));
    const seen = [shown?.array, shown?.before];
    if (seen.every((array, place) => array === this.seen?.[place])) return false;
    this.seen = seen;
    if (!shown) return true;
    const array = new Difference(shown.array, shown.before);
    let most = 0;
    for (let row = 0; row < array.rows; row += 1) for (let column = 0; column < array.columns; column += 1) most = Math.max(most, Math.abs(array.at(row, column)) || 0);
    const high = most > 0 ? most : 1;
    Object.assign(lane, { array, offset: shown.offset, sign: `Δ${shown.letter}`, low: -high, high, signed: true, before: null });
    this.label.querySelector("b").textContent = lane.sign;
    this.label.setAttribute("aria-label", `${lane.name} ${lane.sign}`);
    if (this.order.length !== array.columns) this.order = [...Array(array.columns).keys()];
    this.repaint();
    return true;
  }

  number(value) {
    return formatGradient(value);
  }
}
