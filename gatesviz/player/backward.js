/* One step of backpropagation: the recorded derivatives and what the cell passes back. */

import { formatGradient, formatNumber, formatShare, ofCell, productsAt, valuesAt } from "./numbers.js";

/**
 * Return the derivative of the loss that each wire carries, by the wire's name. h′ and c′ belong to
 * the states after the step, h and c to those before it; all four are recorded. Each of the others
 * follows from them by one factor in the equations of cells.py.
 */
export function backwardAt(panel, step, unit) {
  const v = valuesAt(panel, step, unit);
  const [before, after] = panel.direction === "forward" ? [step, step + 1] : [step + 1, step];
  const at = (letter, row) => {
    const array = panel.arrays[`d${letter}`];
    return array && unit < array.columns ? array.at(row, unit) : NaN;
  };
  const d = { h: at("h", before), dh: at("h", after), c: at("c", before), dc: at("c", after) };
  return ofCell({ cellBackward }, panel)(v, d, panel, step, unit);
}

function rnnBackward(slopeAt) {
  return (v, { h, dh }) => {
    const slope = slopeAt(v["h'"]);
    return { h, "h'": dh, a: dh * slope, slope };
  };
}

/**
 * Return the derivative with respect to r·h of one unit: every unit's candidate reads it, each by
 * its own weight. NaN without weights.
 */
function throughCandidates(panel, step, unit) {
  const { weight_hh: weights, dh } = panel.arrays;
  if (!weights) return NaN;
  const after = panel.direction === "forward" ? step + 1 : step;
  const first = panel.blocks.indexOf("n") * panel.hidden;
  let sum = 0;
  for (let other = 0; other < panel.hidden; other += 1) {
    const [z, n] = [panel.arrays.z.at(step, other), panel.arrays.n.at(step, other)];
    sum += dh.at(after, other) * (1 - z) * (1 - n * n) * weights.at(first + other, unit);
  }
  return sum;
}

/** What each cell's wires carry back, from the values v and the recorded derivatives. */
const cellBackward = {
  lstm(v, { h, dh, c, dc }, panel) {
    const shown = panel.projected ? NaN : dh; // through a projection dh is another unit's
    return {
      h, c, "h'": dh, "c'": dc, fc: dc, ig: dc, f: dc * v.c, i: dc * v.g, g: dc * v.i,
      o: shown * Math.tanh(v["c'"]), tc: shown * v.o, passed: dc * v.f,
    };
  },
  gru(v, { h, dh }, panel, step, unit) {
    const heard = dh * (1 - v.z) * (1 - v.n * v.n);
    const sum = productsAt(panel, "n", step, unit)?.h.sum ?? NaN;
    return {
      h, "h'": dh, zh: dh, zn: dh, z: dh * v.h, "1-z": dh * v.n, n: dh * (1 - v.z), rh: heard, r: heard * sum,
      passed: dh * v.z,
    };
  },
  gru_reset_before(v, { h, dh }, panel, step, unit) {
    const reset = throughCandidates(panel, step, unit);
    return {
      h, "h'": dh, zh: dh, zn: dh, z: dh * v.h, "1-z": dh * v.n, n: dh * (1 - v.z), hn: dh * (1 - v.z) * (1 - v.n * v.n),
      rh: reset, r: reset * v.h, passed: dh * v.z,
    };
  },
  rnn_tanh: rnnBackward((h) => 1 - h ** 2),
  rnn_relu: rnnBackward((h) => Math.min(Math.ceil(h), 1)),
  plain: (v, { h, dh, c, dc }) => ({ h, c, "h'": dh, "c'": dc }),
};

/** Return the same numbers as sentences. */
export function gradientSentence(panel, step, unit) {
  return ofCell({ cellGradientSentences }, panel)(valuesAt(panel, step, unit), backwardAt(panel, step, unit), panel);
}

function rnnGradientSentence(back, activation) {
  const g = formatGradient;
  return `∂L/∂h′ = ${g(back["h'"])}, at the later side of this step. There ${activation} has the slope ${formatNumber(back.slope)}, which leaves ${g(back.a)}. `
    + `Multiplied by W_hh, this gives ∂L/∂h = ${g(back.h)} at its earlier side. No gate passes anything straight back.`;
}

function gruGradientSentence(v, back) {
  const g = formatGradient;
  return `∂L/∂h′ = ${g(back["h'"])}, at the later side of this step. The update gate passes ${formatShare(v.z)} straight back: ${g(back.passed)}. `
    + `With the part that came through the gates, ∂L/∂h = ${g(back.h)} at its earlier side.`;
}

/** The derivatives of each cell's step in words. */
const cellGradientSentences = {
  lstm(v, back) {
    const g = formatGradient;
    return `∂L/∂c′ = ${g(back["c'"])}, at the later side of this step. The forget gate passes ${formatShare(v.f)} back along c: ${g(back.passed)}. `
      + `At the earlier side, ∂L/∂c = ${g(back.c)}, including the part that came through h. `
      + `∂L/∂h′ = ${g(back["h'"])}, and ∂L/∂h = ${g(back.h)}.`;
  },
  gru: gruGradientSentence,
  gru_reset_before: gruGradientSentence,
  rnn_tanh: (v, back) => rnnGradientSentence(back, "tanh"),
  rnn_relu: (v, back) => rnnGradientSentence(back, "relu"),
  plain: (v, back, panel) =>
    panel.states.map((name) => `∂L/∂${name}′ = ${formatGradient(back[`${name}'`])} at the later side of this step, and ∂L/∂${name} = ${formatGradient(back[name])} at the earlier one.`).join(" "),
};
