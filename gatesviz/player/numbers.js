/* Format numbers for the screen, and collect the numbers of one unit at one step. */

import { letterChange } from "./spelling.js";

/** Format with three decimals by default and a true minus sign; "–" where there is no number. */
export function formatNumber(value, decimals = 3) {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text = size >= 1e5 ? size.toExponential(2).replace("e+", "e") : size.toFixed(decimals);
  return (value < 0 && Number(text) !== 0 ? "−" : "") + text;
}

/** Write a value that was set: as it was typed if it is short, else with three decimals. */
export function formatSet(value) {
  const text = String(value);
  return text.length > 7 ? formatNumber(value) : text.replaceAll("-", "−");
}

/** Format any magnitude with three significant digits by default: 0.0123, 4.56e−7. */
export function formatGradient(value, digits = 3) {
  const size = Math.abs(value);
  if (!Number.isFinite(size)) return formatNumber(value);
  if (size === 0) return "0";
  const text = size >= 0.01 && size < (digits > 2 ? 999.5 : 99.5) ? size.toPrecision(digits) : size.toExponential(digits - 1).replace("e-", "e−").replace("e+", "e");
  return (value < 0 ? "−" : "") + text;
}

/** Write a power of ten: 1, 10⁻⁸. */
export function formatDecade(value) {
  const power = Math.round(Math.log10(value));
  if (power === 0) return "1";
  return `10${[...String(power)].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("")}`;
}

/** Write a share between 0 and 1 as a percentage with at least so many decimals, never rounded to a false 0 or 100. */
export function formatShare(value, least = 0) {
  if (!Number.isFinite(value)) return "–";
  const percent = value * 100;
  for (let decimals = least; decimals <= 2; decimals += 1) {
    const text = percent.toFixed(decimals);
    if (Number(text) !== 0 && Number(text) !== 100) return `${text}\u00a0%`;
  }
  return percent < 50 ? (percent === 0 ? "0\u00a0%" : "under 0.01\u00a0%") : "over 99.99\u00a0%";
}

/**
 * Return one unit's recorded values at one step: the gates, c and h before, c' and h' after.
 * Units beyond the size of h (an LSTM with a projection) have no h.
 */
export function valuesAt(panel, step, unit) {
  const forward = panel.direction === "forward";
  const [before, after] = forward ? [step, step + 1] : [step + 1, step];
  const values = {};
  for (const gate of panel.gates) values[gate.letter] = panel.arrays[gate.letter].at(step, unit);
  for (const name of panel.states) {
    const array = panel.arrays[name];
    const there = unit < array.columns;
    values[name] = there ? array.at(before, unit) : NaN;
    values[`${name}'`] = there ? array.at(after, unit) : NaN;
  }
  return values;
}

/** Return the letters whose product a block's recurrent matrix multiplies: ["r", "h"] for Wh_n(r * h), else ["h"]. */
export function factorsOf(panel, block) {
  const written = new RegExp(`Wh_${block}\\(([^()]*)\\)`);
  const found = panel.equations.map(([, expression]) => written.exec(expression)).find(Boolean);
  return found ? found[1].split(" * ") : ["h"];
}

/**
 * Return the two products that feed one gate of one unit, term by term:
 * {x: {terms: [{weight, value, index}], bias, sum}, h: the same}; null without weights.
 */
export function productsAt(panel, block, step, unit) {
  const { arrays } = panel;
  if (!arrays.weight_ih) return null;
  const row = panel.blocks.indexOf(block) * panel.hidden + unit;
  const before = panel.direction === "forward" ? step : step + 1;
  const factors = factorsOf(panel, block);
  const state = (index) => factors.reduce((value, letter) => value * arrays[letter].at(panel.states.includes(letter) ? before : step, index), 1);
  const product = (weights, biases, valueAt) => {
    const terms = [];
    let sum = biases ? biases.at(row) : 0;
    for (let index = 0; index < weights.columns; index += 1) {
      const [weight, value] = [weights.at(row, index), valueAt(index)];
      sum += weight * value;
      if (value !== 0) terms.push({ weight, value, index });
    }
    return { terms, bias: biases ? biases.at(row) : null, sum, size: weights.columns };
  };
  return {
    x: product(arrays.weight_ih, arrays.bias_ih, (index) => arrays.x.at(step, index)),
    h: product(arrays.weight_hh, arrays.bias_hh, state),
  };
}

/** Return the values of `valuesAt` and the products that the diagram's wires carry. */
export function wiresAt(panel, step, unit) {
  const v = valuesAt(panel, step, unit);
  const { x } = panel.arrays;
  v.x = x.columns === 1 ? x.at(step, 0) : NaN;
  v.xText = panel.spelled ? letterChange(panel, step) : x.columns === 1 ? formatNumber(v.x, 2) : `${x.columns} values`;
  if (panel.spelled) v.x = 1;
  return Object.assign(v, ofCell({ cellWires }, panel)(v, panel, step, unit));
}

function rnnWires(v, panel, step, unit) {
  const products = productsAt(panel, "h", step, unit);
  return { a: products ? products.x.sum + products.h.sum : NaN };
}

/** What each cell's wires carry besides gates and states. */
const cellWires = {
  lstm: (v) => ({ fc: v.f * v.c, ig: v.i * v.g, tc: Math.tanh(v["c'"]) }),
  gru(v, panel, step, unit) {
    const products = productsAt(panel, "n", step, unit);
    return { rh: products ? v.r * products.h.sum : NaN, zh: v.z * v.h, zn: (1 - v.z) * v.n };
  },
  gru_reset_before(v, panel, step, unit) {
    const products = productsAt(panel, "n", step, unit);
    return { rh: v.r * v.h, hn: products ? products.h.sum : NaN, zh: v.z * v.h, zn: (1 - v.z) * v.n };
  },
  rnn_tanh: rnnWires,
  rnn_relu: rnnWires,
  plain: () => ({}),
};

/**
 * Return the entry for a panel's cell in a table, which is the one property of `named`. A cell that
 * is described with drawn=False has the entry `plain`. Throw where there is no entry: a cell is never
 * shown as another one.
 */
export function ofCell(named, panel) {
  const [[name, table]] = Object.entries(named);
  const key = panel.drawn ? panel.cell : "plain";
  if (Object.hasOwn(table, key)) return table[key];
  throw new Error(`cell '${key}' has no entry in ${name} of gatesviz/player. Add one, or describe the cell with drawn=False.`);
}
