/* Run one layer in one direction in the browser: its compiled equations, step by step, with edits. */

import { compileEquations } from "./expressions.js";

export const sigmoid = (value) => 1 / (1 + Math.exp(-value));
const relu = (value) => Math.max(0, value);

/** One loop for each operation: (to, its offset, a, its offset, b, its offset, how many). */
const LOOPS = {
  add(to, p, a, q, b, r, n) { for (let k = 0; k < n; k += 1) to[p + k] = a[q + k] + b[r + k]; },
  subtract(to, p, a, q, b, r, n) { for (let k = 0; k < n; k += 1) to[p + k] = a[q + k] - b[r + k]; },
  multiply(to, p, a, q, b, r, n) { for (let k = 0; k < n; k += 1) to[p + k] = a[q + k] * b[r + k]; },
  sigmoid(to, p, a, q, b, r, n) { for (let k = 0; k < n; k += 1) to[p + k] = sigmoid(a[q + k]); },
  tanh(to, p, a, q, b, r, n) { for (let k = 0; k < n; k += 1) to[p + k] = Math.tanh(a[q + k]); },
  relu(to, p, a, q, b, r, n) { for (let k = 0; k < n; k += 1) to[p + k] = relu(a[q + k]); },
  copy(to, p, a, q, b, r, n) { for (let k = 0; k < n; k += 1) to[p + k] = a[q + k]; },
};

/** Return a matrix {data, rows, columns} as plain arrays, one for each row. They are the fastest to multiply. */
export function rowsOf({ data, rows, columns }) {
  return Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * columns, (row + 1) * columns)));
}

function columnsOf({ data, rows, columns }) {
  return Array.from({ length: columns }, (_, column) => Array.from({ length: rows }, (_one, row) => data[row * columns + column]));
}

/** Write start + rows · vector into `to` from an offset on. */
export function multiply(rows, vector, start, to, offset) {
  const size = vector.length;
  for (let row = 0; row < rows.length; row += 1) {
    const weights = rows[row];
    let sum = start[row];
    for (let k = 0; k < size; k += 1) sum += weights[k] * vector[k];
    to[offset + row] = sum;
  }
}

/** What an edit changes in one letter of one pass: the values, NaN where there is none. */
export class Patch {
  constructor(steps, width) {
    Object.assign(this, { width, values: new Float64Array(steps * width).fill(NaN), there: new Uint8Array(steps) });
    this.computed = new Float64Array(steps * width).fill(NaN);
  }

  add({ value, steps, units }, count) {
    const chosen = steps ?? Array.from({ length: count }, (_, step) => step);
    chosen.forEach((step, row) => {
      this.there[step] = 1;
      const write = (unit, place) => { this.values[step * this.width + unit] = Array.isArray(value) ? value[row][place] : value; };
      if (units) units.forEach(write);
      else for (let unit = 0; unit < this.width; unit += 1) write(unit, unit);
    });
  }

  /** Replace the values of a step in `to`, and keep those that were computed. */
  apply(step, to, offset) {
    const { width, values, computed } = this;
    for (let unit = 0; unit < width; unit += 1) {
      const value = values[step * width + unit];
      if (Number.isNaN(value)) continue;
      computed[step * width + unit] = to[offset + unit];
      to[offset + unit] = value;
    }
  }
}

/** One layer in one direction: its weights and its compiled equations. */
export class Pass {
  constructor(cell, { layer, direction, weights, first }) {
    const H = weights.weight_hh.rows / cell.blocks.length;
    const P = weights.weight_hh.columns;
    Object.assign(this, { layer, direction, first, H, P, cell, reverse: direction === "backward" });
    Object.assign(this, { inputs: weights.weight_ih.columns, sums: cell.blocks.length * H });
    this.widths = Object.fromEntries([...cell.gates.map((letter) => [letter, H]), ...cell.states.map((name) => [`${name}'`, name === "h" ? P : H])]);
    const given = Object.fromEntries(cell.states.map((name) => [name, this.widths[`${name}'`]]));
    for (const block of cell.blocks) Object.assign(given, { [`Wx_${block}`]: H, [`Wh_${block}`]: H });
    this.program = compileEquations(cell.equations, given, this.widths, weights.weight_hr && P);
    this.byRow = rowsOf(weights.weight_ih);
    this.byColumn = columnsOf(weights.weight_ih);
    this.recurrent = rowsOf(weights.weight_hh);
    this.projection = weights.weight_hr ? rowsOf(weights.weight_hr) : null;
    this.nothing = Array.from({ length: Math.max(P, this.sums) }, () => 0);
    this.inputBias = weights.bias_ih ? Array.from(weights.bias_ih.data) : this.nothing;
    this.stateBias = weights.bias_hh ? Array.from(weights.bias_hh.data) : this.nothing;
    this.ofBlock = Object.fromEntries(cell.blocks.map((block, k) => [block, {
      rows: this.recurrent.slice(k * H, (k + 1) * H), bias: this.stateBias.slice(k * H, (k + 1) * H),
    }]));
  }

  /** Return the width of a letter's values: of a gate, a state or the input x. */
  width(letter) {
    return letter === "x" ? this.inputs : this.widths[letter] ?? this.widths[`${letter}'`];
  }
}

/** The arrays of one pass over T steps. States have T + 1 rows, placed as in a recording. */
export class PassRun {
  constructor(pass, steps) {
    Object.assign(this, { pass, steps, patches: {} });
    const { H, sums, cell, widths } = pass;
    this.x = new Float64Array(steps * pass.inputs);
    this.arrays = Object.fromEntries(cell.gates.map((letter) => [letter, new Float64Array(steps * H)]));
    for (const name of cell.states) this.arrays[name] = new Float64Array((steps + 1) * widths[`${name}'`]);
    this.fromInput = new Float64Array(steps * sums);
    this.fromState = new Float64Array(sums);
    this.vector = Array.from({ length: pass.P }, () => 0.5);
    this.other = Array.from({ length: pass.P }, () => 0.5);
    this.inside = Array.from({ length: H }, () => 0.5);
    this.bind();
  }

  /** Give each register its array, its offset at step 0 and what each step adds to the offset. */
  bind() {
    const { registers, instructions } = this.pass.program;
    this.bound = registers.map((register) => this.place(register));
    this.instructions = instructions.map((one) => ({ ...one, width: registers[one.to].width, loop: LOOPS[one.operation] }));
    this.offsets = new Int32Array(registers.length);
  }

  place({ name, width, number }) {
    const { pass: { cell, H, sums, reverse }, arrays } = this;
    if (name === undefined) return { data: new Float64Array(width).fill(number ?? 0), base: 0, stride: 0 };
    const product = /^W([xh])_(\w+)$/.exec(name);
    if (product) {
      const base = cell.blocks.indexOf(product[2]) * H;
      return product[1] === "x" ? { data: this.fromInput, base, stride: sums } : { data: this.fromState, base, stride: 0 };
    }
    const letter = name.replace("'", "");
    if (cell.gates.includes(letter)) return { data: arrays[letter], base: 0, stride: width };
    if (!cell.states.includes(letter)) return { data: new Float64Array(width), base: 0, stride: 0 };
    const later = name.endsWith("'") !== reverse; // the row after the step, in input order
    return { data: arrays[letter], base: later ? width : 0, stride: width };
  }

  /** Return the offset of the state h before or after a step. */
  offset(step, after) {
    return (step + (after === this.pass.reverse ? 0 : 1)) * this.pass.P;
  }

  /** Take over the arrays of another run of the same pass, so that only the changed steps are computed. */
  copy(other) {
    this.x.set(other.x);
    this.fromInput.set(other.fromInput);
    for (const [letter, array] of Object.entries(this.arrays)) array.set(other.arrays[letter]);
  }

  begin(first) {
    for (const name of this.pass.cell.states) {
      const width = this.pass.widths[`${name}'`];
      const row = this.pass.reverse ? this.steps : 0;
      const values = first?.[name];
      for (let unit = 0; unit < width; unit += 1) this.arrays[name][row * width + unit] = values ? values[unit] : 0;
    }
  }

  /** Compute W_i·x + b_i of one step. Zeros, as in a one-hot input, are skipped. */
  multiplyInput(step) {
    const { x, fromInput, pass: { inputs, sums, byRow, byColumn, inputBias } } = this;
    const row = Array.from(x.subarray(step * inputs, (step + 1) * inputs));
    let zeros = 0;
    for (const value of row) if (value === 0) zeros += 1;
    const offset = step * sums;
    if (2 * zeros < inputs) return multiply(byRow, row, inputBias, fromInput, offset);
    for (let k = 0; k < sums; k += 1) fromInput[offset + k] = inputBias[k];
    for (let column = 0; column < inputs; column += 1) {
      const value = row[column];
      if (value === 0) continue;
      const weights = byColumn[column];
      for (let k = 0; k < sums; k += 1) fromInput[offset + k] += weights[k] * value;
    }
    return undefined;
  }

  /** Compute one step from the states before it. */
  advance(step) {
    const { pass, vector, bound, offsets, arrays: { h } } = this;
    const before = this.offset(step, false);
    for (let unit = 0; unit < pass.P; unit += 1) vector[unit] = h[before + unit];
    multiply(pass.recurrent, vector, pass.stateBias, this.fromState, 0);
    for (let k = 0; k < bound.length; k += 1) offsets[k] = bound[k].base + bound[k].stride * step;
    for (const { operation, loop, to, a, b, width, letter, block } of this.instructions) {
      if (loop) loop(bound[to].data, offsets[to], bound[a].data, offsets[a], bound[b].data, offsets[b], width);
      else if (operation === "edit") this.edit(letter, step, bound[to].data, offsets[to]);
      else if (operation === "product") this.multiplyState(block, bound[to].data, offsets[to], bound[a].data, offsets[a]);
      else this.project(bound[to].data, offsets[to], bound[a].data, offsets[a]);
    }
  }

  edit(letter, step, to, offset) {
    const patch = this.patches[letter];
    if (patch && patch.there[step]) patch.apply(step, to, offset);
  }

  /** Compute W_h·a + b_h of one block, for a value that takes the place of h. */
  multiplyState(block, to, p, a, q) {
    const { other, pass } = this;
    for (let unit = 0; unit < pass.P; unit += 1) other[unit] = a[q + unit];
    multiply(pass.ofBlock[block].rows, other, pass.ofBlock[block].bias, to, p);
  }

  project(to, p, a, q) {
    const { inside, pass } = this;
    for (let unit = 0; unit < pass.H; unit += 1) inside[unit] = a[q + unit];
    multiply(pass.projection, inside, pass.nothing, to, p);
  }

  /** Return the first and last step that an edit names, or null. */
  edited() {
    const steps = Object.values(this.patches).flatMap(({ there }) => [there.indexOf(1), there.lastIndexOf(1)]);
    return steps.length ? [Math.min(...steps), Math.max(...steps)] : null;
  }

  /**
   * Compute again what follows from new inputs at the steps `changed` [from, to] and from the edits.
   * Return the steps at which h may have changed, or null.
   */
  run(changed) {
    const touched = [changed, this.edited()].filter(Boolean);
    if (!touched.length) return null;
    const [from, to] = [Math.min(...touched.map(([low]) => low)), Math.max(...touched.map(([, high]) => high))];
    const patch = this.patches.x;
    for (let step = from; step <= to; step += 1) {
      const given = changed && step >= changed[0] && step <= changed[1];
      if (patch?.there[step]) patch.apply(step, this.x, step * this.pass.inputs);
      if (given || patch?.there[step]) this.multiplyInput(step);
    }
    if (this.pass.reverse) for (let step = to; step >= 0; step -= 1) this.advance(step);
    else for (let step = from; step < this.steps; step += 1) this.advance(step);
    return this.pass.reverse ? [0, to] : [from, this.steps - 1];
  }
}
