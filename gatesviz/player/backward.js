/* One step seen from the loss: the recorded derivatives, and what the cell passes back. */

import { formatGradient, formatNumber, formatShare, productsAt, valuesAt } from "./numbers.js";

/**
 * The derivatives of the loss that the wires carry, by the wires' names; h′ and c′ are those after
 * the step, h and c those before it, all four as recorded. The others follow from them by one
 * factor each, which stands in the equations of cells.py.
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
      o: shown * Math.tanh(v["c'"]), tc: shown * v.o, kept: dc * v.f,
    };
  }
  if (panel.cell === "gru") {
    const heard = dh * (1 - v.z) * (1 - v.n * v.n);
    const sum = productsAt(panel, "n", step, unit)?.h.sum ?? NaN;
    return {
      h, "h'": dh, zh: dh, zn: dh, z: dh * v.h, "1-z": dh * v.n, n: dh * (1 - v.z), rh: heard, r: heard * sum,
      kept: dh * v.z,
    };
  }
  const slope = panel.cell === "rnn_relu" ? Math.min(Math.ceil(v["h'"]), 1) : 1 - v["h'"] ** 2;
  return { h, "h'": dh, a: dh * slope, slope };
}

/** The same as a sentence. */
export function tellBackward(panel, step, unit) {
  const [v, back] = [valuesAt(panel, step, unit), backwardAt(panel, step, unit)];
  const g = formatGradient;
  if (panel.cell === "lstm") {
    return `∂L/∂c = ${g(back["c'"])} after this step; the forget gate passes ${formatShare(v.f)} back along c: ${g(back.kept)}. `
      + `Before it ∂L/∂c = ${g(back.c)}, what came through h included. `
      + `∂L/∂h = ${g(back["h'"])} after, ${g(back.h)} before.`;
  }
  if (panel.cell === "gru") {
    return `∂L/∂h = ${g(back["h'"])} after this step; the update gate passes ${formatShare(v.z)} straight back: ${g(back.kept)}. `
      + `With what came through the gates ∂L/∂h = ${g(back.h)} before it.`;
  }
  const activation = panel.cell === "rnn_relu" ? "relu" : "tanh";
  return `∂L/∂h = ${g(back["h'"])} after this step; the slope of ${activation} there, ${formatNumber(back.slope)}, leaves ${g(back.a)}, `
    + `and W_hh mixes the units: ∂L/∂h = ${g(back.h)} before it. No gate passes anything straight back.`;
}
