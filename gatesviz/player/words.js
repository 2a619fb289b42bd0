/* One step of one unit as sentences made from its numbers. */

import { formatNumber, formatSet, formatShare, ofCell } from "./numbers.js";

/** Return what the cell computes of a state and what you set instead: the cell computes c′ = −1.803. You set c′ to 11. */
function setSentence(v, letter, prime = "") {
  return `the cell computes ${letter}${prime} = ${formatNumber(v.computed[letter])}. You set ${letter}${prime} to ${formatSet(v[`${letter}'`])}.`;
}

/** Return the end of a sentence on a state's new value, which an edit may have replaced. */
function becomes(v, letter) {
  return letter in v.computed ? `: ${setSentence(v, letter, "′")}` : `, so ${letter}′ = ${formatNumber(v[`${letter}'`])}.`;
}

/** Return a state's new value as a sentence of its own. */
function soBecomes(v, letter) {
  return letter in v.computed ? `So ${setSentence(v, letter, "′")}` : `So ${letter}′ = ${formatNumber(v[`${letter}'`])}.`;
}

/** Return a state's old and new value. */
function wasAndBecomes(v, letter) {
  const was = `${letter} was ${formatNumber(v[letter])}`;
  return letter in v.computed ? `${was}, and ${setSentence(v, letter)}` : `${was} and becomes ${formatNumber(v[`${letter}'`])}.`;
}

/**
 * Return what a gate does to a value: it keeps 90.0 % of it, or, set above 1 or below 0, multiplies it.
 * The percentage is as exact as the gate: 0.008 is 0.8 %.
 */
function portion(verb, value, what) {
  const share = formatShare(value, 1).replace("under", "less than").replace("over", "more than");
  return value >= 0 && value <= 1 ? `${verb} ${share} of ${what}` : `multiplies ${what} by ${formatNumber(value)}`;
}

/** Return a number as a second factor: negative ones stand in brackets, as in the arithmetic. */
function factor(value) {
  const text = formatNumber(value);
  return text.startsWith("−") ? `(${text})` : text;
}

function lstmSentence(v) {
  const n = formatNumber;
  const write = v.i * v.g;
  return `f = ${n(v.f)} ${portion("keeps", v.f, `c = ${n(v.c)}`)}. `
    + `i·g = ${n(v.i)} · ${factor(v.g)} adds ${n(write)}${becomes(v, "c")} `
    + `o = ${n(v.o)} ${portion("outputs", v.o, `tanh(c′) = ${n(Math.tanh(v["c'"]))}`)}`
    + (Number.isNaN(v["h'"]) ? "." : becomes(v, "h"));
}

/** Return what r multiplies; a payload without weights doesn't say whether there is a bias. */
function oldProduct({ weight_hh: weights, bias_hh: bias }) {
  if (!weights) return "the product with h";
  return bias ? "W_hn·h + b_hn" : "W_hn·h";
}

function gruSentence(v, products, panel) {
  const n = formatNumber;
  return `z = ${n(v.z)} ${portion("keeps", v.z, `h = ${n(v.h)}`)} and ${portion("takes", 1 - v.z, `the candidate n = ${n(v.n)}`)}. In the candidate, r = ${n(v.r)} ${portion("keeps", v.r, oldProduct(panel.arrays))}. `
    + soBecomes(v, "h");
}

function gruResetBeforeSentence(v) {
  const n = formatNumber;
  return `z = ${n(v.z)} ${portion("keeps", v.z, `h = ${n(v.h)}`)} and ${portion("takes", 1 - v.z, `the candidate n = ${n(v.n)}`)}. The candidates of all units read r·h = ${n(v.r * v.h)} of this one (r = ${n(v.r)}). `
    + soBecomes(v, "h");
}

function rnnSentence(v, products, activation) {
  const n = formatNumber;
  const change = `${wasAndBecomes(v, "h")} No gate decides what to keep.`;
  if (!products) return change;
  const is = "h" in v.computed ? "would be" : "is";
  return `The input adds ${n(products.x.sum)} and the old state ${n(products.h.sum)}. The ${activation} of their sum `
    + `${is} the new state: ${change}`;
}

function plainSentence(v, products, panel) {
  const n = formatNumber;
  const gates = panel.gates.map(({ letter }) => `${letter} = ${n(v[letter])}`).join(", ");
  const states = panel.states.map((name) => wasAndBecomes(v, name)).join(" ");
  return gates ? `${gates}. ${states}` : states;
}

/** One step of each cell in words. */
const cellSentences = {
  lstm(values, products, panel) {
    if (!panel.projected) return lstmSentence(values);
    const made = "h" in values.computed ? ` The projection then makes h′: ${setSentence(values, "h", "′")}` : " The projection then makes h′.";
    return lstmSentence({ ...values, "h'": NaN }) + made;
  },
  gru: gruSentence,
  gru_reset_before: gruResetBeforeSentence,
  rnn_tanh: (values, products) => rnnSentence(values, products, "tanh"),
  rnn_relu: (values, products) => rnnSentence(values, products, "relu"),
  plain: plainSentence,
};

/**
 * Return what one unit does at one step, in two or three sentences.
 *
 * computed: for each state that an edit replaced, the value that the cell computed.
 */
export function stepSentence(panel, values, products, computed = {}) {
  return ofCell({ cellSentences }, panel)({ ...values, computed }, products, panel);
}
