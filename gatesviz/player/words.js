/* One step of one unit, told in a sentence made from its numbers. */

import { formatNumber, formatShare } from "./numbers.js";

function tellLstm(v) {
  const n = formatNumber;
  const write = v.i * v.g;
  return `f = ${n(v.f)} keeps ${formatShare(v.f)} of c = ${n(v.c)}; `
    + `i·g = ${n(v.i)} · ${n(v.g)} adds ${n(write)}: c becomes ${n(v["c'"])}. `
    + `o = ${n(v.o)} shows ${formatShare(v.o)} of tanh(c) = ${n(Math.tanh(v["c'"]))}`
    + (Number.isNaN(v["h'"]) ? "." : `: h becomes ${n(v["h'"])}.`);
}

function tellGru(v) {
  const n = formatNumber;
  return `z = ${n(v.z)} keeps ${formatShare(v.z)} of h = ${n(v.h)} and takes ${formatShare(1 - v.z)} `
    + `of the candidate n = ${n(v.n)}, which heard ${formatShare(v.r)} of the old state (r = ${n(v.r)}): `
    + `h becomes ${n(v["h'"])}.`;
}

function tellRnn(v, products, activation) {
  const n = formatNumber;
  const was = `h was ${n(v.h)} and becomes ${n(v["h'"])}`;
  if (!products) return `${was}. No gate decides what is kept.`;
  return `The input brings ${n(products.x.sum)}, the old state ${n(products.h.sum)}; ${activation} of their sum `
    + `replaces the state: ${was}. No gate decides what is kept.`;
}

export function tellStep(panel, values, products) {
  if (panel.cell === "lstm") {
    if (!panel.projected) return tellLstm(values);
    return `${tellLstm({ ...values, "h'": NaN })} Its h is one of the projected values.`;
  }
  if (panel.cell === "gru") return tellGru(values);
  return tellRnn(values, products, panel.cell === "rnn_relu" ? "relu" : "tanh");
}
