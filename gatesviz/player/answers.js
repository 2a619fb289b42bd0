/* What a readout says at a step, what was right, and whether the two agree. */

import { formatNumber, formatShare } from "./numbers.js";

/** The members of a set: those with a probability above one half. */
function members(array, step) {
  return [...Array(array.columns).keys()].filter((k) => array.at(step, k) > 0.5);
}

function likeliest(array, step) {
  let best = 0;
  for (let k = 1; k < array.columns; k += 1) if (array.at(step, k) > array.at(step, best)) best = k;
  return best;
}

/**
 * {told, right, agrees} of a step: lists of indices into the answer's names, or numbers. `right`
 * and `agrees` are null where nothing is right or wrong; a number is never right, only near.
 */
export function judge(panel, step) {
  const { y, target } = panel.arrays;
  const known = target && !Number.isNaN(target.at(step, 0));
  const { kind } = panel.answers;
  if (kind === "number") return { told: y.at(step, 0), right: known ? target.at(step, 0) : null, agrees: null };
  const set = kind === "set";
  const told = set ? members(y, step) : [likeliest(y, step)];
  if (!known) return { told, right: null, agrees: null };
  const right = set ? members(target, step) : [Math.round(target.at(step))];
  return { told, right, agrees: String(told) === String(right) };
}

/** “A”, or “A” “B” where several names belong to an answer. */
export function nameAnswers(panel, indices) {
  return indices.length ? indices.map((k) => `“${panel.answers.names[k]}”`).join(" ") : "none";
}

/** How often the answer is right: {right, of}, of the steps that have a right answer. */
export function tally(panel, steps) {
  const judged = Array.from({ length: steps }, (_, t) => judge(panel, t).agrees).filter((agrees) => agrees !== null);
  return { right: judged.filter(Boolean).length, of: judged.length };
}

/** What the readout says at a step, and what would have been right, as a sentence. */
export function tellAnswer(panel, step) {
  if (!panel.answers) return "";
  const { names, question, kind } = panel.answers;
  const { told, right, agrees } = judge(panel, step);
  const asked = question ? `${question} ` : "";
  if (kind === "number") {
    const near = right === null ? "" : `; right is ${formatNumber(right)}, it is off by ${formatNumber(Math.abs(told - right))}`;
    return `${asked}${formatNumber(told)}${near}`;
  }
  const ranked = names.map((name, index) => [panel.arrays.y.at(step, index), name]).sort((a, b) => b[0] - a[0]);
  const shown = ranked.slice(0, 3).map(([value, name]) => `“${name}” ${formatShare(value)}`).join(", ");
  if (right === null) return asked + shown;
  return `${asked}${shown}: ${agrees ? "✓ right" : `✗ wrong, right is ${nameAnswers(panel, right)}`}`;
}
