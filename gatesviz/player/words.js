/* One step of one unit as sentences made from its numbers. */

import { formatNumber, formatShare } from "./numbers.js";

function lstmSentence(v) {
  const n = formatNumber;
  const write = v.i * v.g;
  return `f = ${n(v.f)} keeps ${formatShare(v.f)} of c = ${n(v.c)}. `
    + `i·g = ${n(v.i)} · ${n(v.g)} adds ${n(write)}, so c becomes ${n(v["c'"])}. `
    + `o = ${n(v.o)} shows ${formatShare(v.o)} of tanh(c) = ${n(Math.tanh(v["c'"]))}`
    + (Number.isNaN(v["h'"]) ? "." : `, so h becomes ${n(v["h'"])}.`);
}

function gruSentence(v) {
  const n = formatNumber;
  return `z = ${n(v.z)} keeps ${formatShare(v.z)} of h = ${n(v.h)} and takes ${formatShare(1 - v.z)} `
    + `of the candidate n = ${n(v.n)}. The candidate uses ${formatShare(v.r)} of the old state (r = ${n(v.r)}). `
    + `So h becomes ${n(v["h'"])}.`;
}

function rnnSentence(v, products, activation) {
  const n = formatNumber;
  const change = `h was ${n(v.h)} and becomes ${n(v["h'"])}`;
  if (!products) return `${change}. No gate decides what to keep.`;
  return `The input adds ${n(products.x.sum)} and the old state ${n(products.h.sum)}. The ${activation} of their sum `
    + `is the new state: ${change}. No gate decides what to keep.`;
}

/** Return what one unit does at one step, in two or three sentences. */
export function stepSentence(panel, values, products) {
  if (panel.cell === "lstm") {
    if (!panel.projected) return lstmSentence(values);
    return `${lstmSentence({ ...values, "h'": NaN })} The projection then makes h.`;
  }
  if (panel.cell === "gru") return gruSentence(values);
  return rnnSentence(values, products, panel.cell === "rnn_relu" ? "relu" : "tanh");
}
