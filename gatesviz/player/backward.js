/* One step of backpropagation: the recorded derivatives and what the cell passes back. */

import { formatGradient, formatNumber, formatShare, productsAt, valuesAt } from "./numbers.js";

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
  const [h, dh, c, dc] = [at("h", before), at("h", after), at("c", before), at("c", after)];
  if (panel.cell === "lstm") {
    const shown = panel.projected ? NaN : dh; // through a projection dh is another unit's
    return {
      h, c, "h'": dh, "c'": dc, fc: dc, ig: dc, f: dc * v.c, i: dc * v.g, g: dc * v.i,
      o: shown * Math.tanh(v["c'"]), tc: shown * v.o, passed: dc * v.f,
    };
  }
  if (panel.cell === "gru") {
    const heard = dh * (1 - v.z) * (1 - v.n * v.n);
    const sum = productsAt(panel, "n", step, unit)?.h.sum ?? NaN;
    return {
      h, "h'": dh, zh: dh, zn: dh, z: dh * v.h, "1-z": dh * v.n, n: dh * (1 - v.z), rh: heard, r: heard * sum,
      passed: dh * v.z,
    };
  }
  const slope = panel.cell === "rnn_relu" ? Math.min(Math.ceil(v["h'"]), 1) : 1 - v["h'"] ** 2;
  return { h, "h'": dh, a: dh * slope, slope };
}

/** Return the same numbers as sentences. */
export function gradientSentence(panel, step, unit) {
  const [v, back] = [valuesAt(panel, step, unit), backwardAt(panel, step, unit)];
  const g = formatGradient;
  if (panel.cell === "lstm") {
    return `∂L/∂c = ${g(back["c'"])} after this step. The forget gate passes ${formatShare(v.f)} back along c: ${g(back.passed)}. `
      + `Before the step, ∂L/∂c = ${g(back.c)}, including the part that came through h. `
      + `∂L/∂h = ${g(back["h'"])} after the step and ${g(back.h)} before it.`;
  }
  if (panel.cell === "gru") {
    return `∂L/∂h = ${g(back["h'"])} after this step. The update gate passes ${formatShare(v.z)} straight back: ${g(back.passed)}. `
      + `With the part that came through the gates, ∂L/∂h = ${g(back.h)} before the step.`;
  }
  const activation = panel.cell === "rnn_relu" ? "relu" : "tanh";
  return `∂L/∂h = ${g(back["h'"])} after this step. There ${activation} has the slope ${formatNumber(back.slope)}, which leaves ${g(back.a)}. `
    + `W_hh mixes the units, so ∂L/∂h = ${g(back.h)} before the step. No gate passes anything straight back.`;
}
