/* One step of one unit as sentences made from its numbers. */

import { formatNumber, formatShare, ofCell } from "./numbers.js";

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

function gruResetBeforeSentence(v) {
  const n = formatNumber;
  return `z = ${n(v.z)} keeps ${formatShare(v.z)} of h = ${n(v.h)} and takes ${formatShare(1 - v.z)} `
    + `of the candidate n = ${n(v.n)}. The candidates of all units read r·h = ${n(v.r * v.h)} of this one (r = ${n(v.r)}). `
    + `So h becomes ${n(v["h'"])}.`;
}

function rnnSentence(v, products, activation) {
  const n = formatNumber;
  const change = `h was ${n(v.h)} and becomes ${n(v["h'"])}`;
  if (!products) return `${change}. No gate decides what to keep.`;
  return `The input adds ${n(products.x.sum)} and the old state ${n(products.h.sum)}. The ${activation} of their sum `
    + `is the new state: ${change}. No gate decides what to keep.`;
}

function plainSentence(v, products, panel) {
  const n = formatNumber;
  const gates = panel.gates.map(({ letter }) => `${letter} = ${n(v[letter])}`).join(", ");
  const states = panel.states.map((name) => `${name} was ${n(v[name])} and becomes ${n(v[`${name}'`])}.`).join(" ");
  return gates ? `${gates}. ${states}` : states;
}

/** One step of each cell in words. */
const cellSentences = {
  lstm(values, products, panel) {
    if (!panel.projected) return lstmSentence(values);
    return `${lstmSentence({ ...values, "h'": NaN })} The projection then makes h.`;
  },
  gru: gruSentence,
  gru_reset_before: gruResetBeforeSentence,
  rnn_tanh: (values, products) => rnnSentence(values, products, "tanh"),
  rnn_relu: (values, products) => rnnSentence(values, products, "relu"),
  plain: plainSentence,
};

/** Return what one unit does at one step, in two or three sentences. */
export function stepSentence(panel, values, products) {
  return ofCell({ cellSentences }, panel)(values, products, panel);
}
