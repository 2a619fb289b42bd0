/* The tiny cell of the export's lessons: sliders for the input and the old state, and buttons to go on step by step. */

import { RecordedArray } from "./arrays.js";
import { decodePayload } from "./decode.js";
import { describeLanes } from "./describe.js";
import { makeElement } from "./dom.js";
import { showPlayer } from "./player.js";
import { engineOf, recompute, shownArrays } from "./recomputed.js";
import { selectionOf } from "./standing.js";

const USUAL_REACH = { h: 1, c: 5 }; // ends of the sliders of the old state; the page *Inside the cell* has the same

let walks = 0;

/** Return the values of a row of an array. */
const rowOf = (array, row) => Float32Array.from({ length: array.columns }, (_, column) => array.at(row, column));

/** Return a panel that reads other inputs, one number a step, from other first states. */
function walkedPanel(panel, difference, { first, inputs }) {
  const arrays = { ...panel.arrays, x: new RecordedArray(Float32Array.from(inputs), [inputs.length, 1], 1) };
  for (const name of panel.states) arrays[`first.${name}`] = new RecordedArray(Float32Array.from(first[name]), [first[name].length], 1);
  const labels = inputs.map((_, step) => String(step));
  const walked = { ...panel, labels, arrays, engine: { ...panel.engine, every: {}, edits: [], example: difference, from: "settings" } };
  Object.assign(arrays, shownArrays(walked, engineOf(walked).read(arrays.x)));
  return walked;
}

/** A cell of one or two units. `most` is its largest number of steps, `reach` the largest input. */
export class TinyCell {
  constructor(node, bytes, { most, reach }) {
    Object.assign(this, { node, bytes, most, earlier: [] });
    this.model = decodePayload(bytes);
    const [panel] = this.model.panels;
    this.difference = recompute(panel).difference;
    const inputs = Array.from({ length: this.model.steps }, (_, step) => panel.arrays.x.at(step, 0));
    const first = Object.fromEntries(panel.states.map((name) => [name, [...panel.arrays[`first.${name}`].data]]));
    this.walk = { first, inputs };
    this.input = this.makeSlider("Input x", reach, inputs.at(-1), (value) => this.change({ ...this.walk, inputs: [...this.walk.inputs.slice(0, -1), value] }));
    this.states = panel.states.flatMap((name) => first[name].map((value, unit) => ({ name, unit, slider: this.makeState(name, unit, first[name].length, value) })));
    this.count = makeElement("span", { role: "status" });
    const act = (text, onclick) => makeElement("button", { type: "button", onclick }, text);
    this.forward = act("Step", () => this.step());
    this.undo = act("Undo", () => this.goBack());
    this.again = act("Start over", () => this.go({ ...this.walk, inputs: this.walk.inputs.slice(-1) }));
    this.controls = makeElement("div", { class: "tiny" }, ...[this.input, ...this.states.map(({ slider }) => slider)].map(({ element }) => element), makeElement("p", { class: "writing" }, this.forward, this.undo, this.again, this.count));
  }

  makeSlider(label, reach, value, move) {
    const said = makeElement("output");
    const input = makeElement("input", { type: "range", min: -reach, max: reach, step: 0.05, value, oninput: () => move(input.valueAsNumber) });
    return { element: makeElement("label", { class: "setting" }, label, input, said), input, said };
  }

  makeState(name, unit, units, value) {
    const reach = USUAL_REACH[name];
    return this.makeSlider(`Old ${name}${units > 1 ? ` of unit ${unit}` : ""}`, reach, value, () => this.beginHere(name, unit));
  }

  begin(select) {
    this.player = showPlayer(this.node, this.bytes, { ownsPage: true });
    this.draw({ ...this.player.model.select, ...select });
  }

  /** Change the walk. Undo returns to the one before. */
  go(walk) {
    this.earlier.push(this.walk);
    this.change(walk);
  }

  change(walk) {
    this.walk = walk;
    this.draw(selectionOf(this.player.state));
  }

  step() {
    const { inputs } = this.walk;
    if (inputs.length <= this.most) this.go({ ...this.walk, inputs: [...inputs, inputs.at(-1)] });
  }

  goBack() {
    if (this.earlier.length) this.change(this.earlier.pop());
  }

  /** Begin a new walk of one step from the state that the sliders hold. */
  beginHere(moved, at) {
    const first = Object.fromEntries(Object.entries(this.before).map(([name, values]) => [name, [...values]]));
    first[moved][at] = this.states.find(({ name, unit }) => name === moved && unit === at).slider.input.valueAsNumber;
    const walk = { first, inputs: this.walk.inputs.slice(-1) };
    if (this.walk.inputs.length > 1) this.go(walk);
    else this.change(walk);
  }

  draw(select) {
    const { model, walk, player } = this;
    const steps = walk.inputs.length;
    const panel = walkedPanel(model.panels[0], this.difference, walk);
    walks += 1;
    const walked = { ...model, id: `walk ${walks}`, steps, labels: panel.labels, panels: [panel] };
    describeLanes(walked);
    this.before = Object.fromEntries(panel.states.map((name) => [name, rowOf(panel.arrays[name], steps - 1)]));
    player.playing.stop();
    player.show(walked, { ...select, step: steps - 1 });
    this.follow();
  }

  /** Show the numbers of the walk on the controls. */
  follow() {
    const { walk } = this;
    const set = ({ input, said }, value) => {
      if (Math.abs(value) > Number(input.max)) Object.assign(input, { max: Math.ceil(Math.abs(value)), min: -Math.ceil(Math.abs(value)) });
      if (input.valueAsNumber !== value) input.value = value;
      said.textContent = String(Number(value.toFixed(3))).replace("-", "−");
    };
    set(this.input, walk.inputs.at(-1));
    for (const { name, unit, slider } of this.states) set(slider, this.before[name][unit]);
    this.count.textContent = `Step ${walk.inputs.length - 1} of at most ${this.most}.`;
    this.forward.disabled = walk.inputs.length > this.most;
    this.undo.disabled = !this.earlier.length;
    this.again.disabled = walk.inputs.length < 2;
  }
}
