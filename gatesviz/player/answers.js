/* The readout's answer at a step, the expected answer, and whether the two agree. */

import { formatNumber, formatShare } from "./numbers.js";

/** Return the members of a set: the names with a probability above one half. */
function members(array, step) {
  return [...Array(array.columns).keys()].filter((k) => array.at(step, k) > 0.5);
}

function likeliest(array, step) {
  let best = 0;
  for (let k = 1; k < array.columns; k += 1) if (array.at(step, k) > array.at(step, best)) best = k;
  return best;
}

/**
 * Return {answer, right, agrees} of a step: lists of indices into the answer's names, or numbers.
 * `right` and `agrees` are null where no answer is expected. A number is never judged.
 */
export function judge(panel, step) {
  const { y, target } = panel.arrays;
  const known = target && !Number.isNaN(target.at(step, 0));
  const { kind } = panel.answers;
  if (kind === "number") return { answer: y.at(step, 0), right: known ? target.at(step, 0) : null, agrees: null };
  const set = kind === "set";
  const answer = set ? members(y, step) : [likeliest(y, step)];
  if (!known) return { answer, right: null, agrees: null };
  const right = set ? members(target, step) : [Math.round(target.at(step))];
  return { answer, right, agrees: String(answer) === String(right) };
}

/** Return “A”, or “A” “B” for an answer of several names. */
export function nameAnswers(panel, indices) {
  return indices.length ? indices.map((k) => `“${panel.answers.names[k]}”`).join(" ") : "none";
}

/** Count the correct answers: {right, of}, where `of` counts the steps that have an expected answer. */
export function tally(panel, steps) {
  const judged = Array.from({ length: steps }, (_, t) => judge(panel, t).agrees).filter((agrees) => agrees !== null);
  return { right: judged.filter(Boolean).length, of: judged.length };
}

/** Return which letter the model drew after a step, and its chance; "" if it drew none. */
function drawnSentence({ written, labels }, step) {
  const drawn = written ? step + 1 - written.first : -1;
  if (!(drawn in (written?.chances ?? []))) return "";
  return `. At temperature ${written.temperature} it drew “${labels[step + 1]}”, which had a chance of ${formatShare(written.chances[drawn])}`;
}

/** Return the readout's answer at a step and the expected one, as a sentence. */
export function answerSentence(panel, step) {
  if (!panel.answers) return "";
  const { names, question, kind } = panel.answers;
  const { answer, right, agrees } = judge(panel, step);
  const opening = question ? `${question} ` : "";
  if (kind === "number") {
    const expected = right === null ? "" : `. Expected ${formatNumber(right)}, error ${formatNumber(Math.abs(answer - right))}`;
    return `${opening}${formatNumber(answer)}${expected}`;
  }
  const ranked = names.map((name, index) => [panel.arrays.y.at(step, index), name]).sort((a, b) => b[0] - a[0]);
  const shown = ranked.slice(0, 3).map(([value, name]) => `“${name}” ${formatShare(value)}`).join(", ");
  if (right === null) return opening + shown + drawnSentence(panel, step);
  return `${opening}${shown}: ${agrees ? "✓ correct" : `✗ wrong, expected ${nameAnswers(panel, right)}`}`;
}
