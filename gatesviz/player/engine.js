/* Run a network of any cell in the browser: its layers, directions and readout, with edits. */

import { multiply, Pass, PassRun, Patch, rowsOf, sigmoid } from "./passes.js";

/** All arrays of a network over T steps, with the answers (T × O) of its readout, or null. */
export class Run {
  constructor(engine, steps) {
    Object.assign(this, { engine, steps });
    this.layers = engine.layers.map((passes) => passes.map((pass) => new PassRun(pass, steps)));
    const { readout } = engine;
    this.answers = readout ? new Float64Array(steps * readout.outputs) : null;
  }

  /** Return the arrays of one layer and direction by letter, x included: {data, rows, columns}. */
  arrays(layer, direction) {
    const { pass, x, arrays, steps } = this.pass(layer, direction);
    const found = { x: { data: x, rows: steps, columns: pass.inputs } };
    for (const [letter, data] of Object.entries(arrays)) {
      const columns = pass.width(letter);
      found[letter] = { data, rows: data.length / columns, columns };
    }
    return found;
  }

  pass(layer, direction) {
    return this.layers.flat().find(({ pass }) => pass.layer === layer && pass.direction === direction);
  }

  /** Return the value that an edit replaced, or NaN where no edit did. */
  replaced(layer, direction, letter, step, unit) {
    const patch = this.pass(layer, direction).patches[letter];
    return patch ? patch.computed[step * patch.width + unit] : NaN;
  }

  /** Return the states after the last step read, to continue from: {"0.forward": {h, c}, …}. */
  last() {
    const states = {};
    for (const { pass, arrays, steps } of this.layers.flat()) {
      states[`${pass.layer}.${pass.direction}`] = Object.fromEntries(pass.cell.states.map((name) => {
        const width = pass.width(name);
        const from = pass.reverse ? 0 : steps * width;
        return [name, Array.from(arrays[name].subarray(from, from + width))];
      }));
    }
    return states;
  }

  /** Add an edit {letter, value, steps, units, layer, direction}. Where edits overlap, the later one holds. */
  patch(edit) {
    const run = this.pass(edit.layer, edit.direction);
    run.patches[edit.letter] ??= new Patch(this.steps, run.pass.width(edit.letter));
    run.patches[edit.letter].add(edit, this.steps);
  }

  /** Compute what changes if the network's inputs changed at the steps [from, to], or null. */
  compute(changed) {
    let steps = changed;
    this.layers.forEach((runs, layer) => {
      const [given, outputs] = [steps, []];
      for (const run of runs) {
        if (given && layer) this.connect(run, this.layers[layer - 1], given);
        outputs.push(run.run(given));
      }
      const touched = outputs.filter(Boolean);
      steps = touched.length ? [Math.min(...touched.map(([low]) => low)), Math.max(...touched.map(([, high]) => high))] : null;
    });
    if (steps && this.answers) for (let step = steps[0]; step <= steps[1]; step += 1) this.answer(step);
  }

  /** Copy h of all directions below into the inputs of a pass. */
  connect(run, below, [from, to]) {
    const { inputs } = run.pass;
    let column = 0;
    for (const lower of below) {
      const { P } = lower.pass;
      for (let step = from; step <= to; step += 1) {
        const offset = lower.offset(step, true);
        for (let unit = 0; unit < P; unit += 1) run.x[step * inputs + column + unit] = lower.arrays.h[offset + unit];
      }
      column += P;
    }
  }

  answer(step) {
    const { rows, bias, kind, outputs } = this.engine.readout;
    const output = [];
    for (const run of this.layers.at(-1)) {
      const offset = run.offset(step, true);
      for (let unit = 0; unit < run.pass.P; unit += 1) output.push(run.arrays.h[offset + unit]);
    }
    multiply(rows, output, bias, this.answers, step * outputs);
    follow(this.answers.subarray(step * outputs, (step + 1) * outputs), kind);
  }
}

const SELU = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };

/** What follows each sum of a readout, by its kind. A choice takes all sums together. */
const AFTER = {
  number: (value) => value,
  set: sigmoid,
  relu: (value) => Math.max(0, value),
  tanh: Math.tanh,
  softplus: (value) => Math.max(0, value) + Math.log1p(Math.exp(-Math.abs(value))),
  softsign: (value) => value / (1 + Math.abs(value)),
  exponential: Math.exp,
  elu: (value) => (value > 0 ? value : Math.expm1(value)),
  selu: (value) => SELU.scale * (value > 0 ? value : SELU.alpha * Math.expm1(value)),
  silu: (value) => value * sigmoid(value),
};

/** Turn a readout's sums into answers: probabilities of a choice or of a set's members, or numbers. */
export function follow(values, kind) {
  if (kind !== "choice") return void values.forEach((value, k) => { values[k] = AFTER[kind](value); });
  const highest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  let sum = 0;
  values.forEach((value, k) => { values[k] = Math.exp(value - highest); sum += values[k]; });
  values.forEach((value, k) => { values[k] = value / sum; });
}

/**
 * A network that computes in the browser.
 *
 * `cell` is {equations, blocks, gates (letters), states}. `layers` is a list of lists of
 * {layer, direction, weights: name → {data, rows, columns}, first: {h, c}}. `readout` is null or
 * {weight, bias, kind}. Throw a SyntaxError if an equation can't be compiled.
 */
export class Engine {
  constructor({ cell, layers, readout }) {
    this.layers = layers.map((passes) => passes.map((pass) => new Pass(cell, pass)));
    this.readout = readout
      ? { rows: rowsOf(readout.weight), bias: Array.from(readout.bias.data), kind: readout.kind, outputs: readout.weight.rows }
      : null;
  }

  /**
   * Read inputs {data, rows: T, columns: I} and return the `Run`, which holds the arrays of all layers.
   *
   * `first` maps "layer.direction" to {h, c}, such as `Run.last` returns; by default the network's own.
   */
  read(inputs, { edits = [], first = null } = {}) {
    const run = new Run(this, inputs.rows);
    for (const passed of run.layers[0]) passed.x.set(inputs.data);
    for (const passed of run.layers.flat()) {
      const { pass } = passed;
      passed.begin(first ? first[`${pass.layer}.${pass.direction}`] : pass.first);
    }
    for (const edit of edits) run.patch(edit);
    run.compute([0, inputs.rows - 1]);
    return run;
  }

  /** Return `original` with edits. Only what they can change is computed again; the rest is copied. */
  edit(original, edits) {
    const run = new Run(this, original.steps);
    run.layers.forEach((passes, layer) => passes.forEach((passed, index) => passed.copy(original.layers[layer][index])));
    run.answers?.set(original.answers);
    for (const edit of edits) run.patch(edit);
    run.compute(null);
    return run;
  }
}
