/* The readout's answer at a step, the expected answer, and whether the two agree. */

import { formatNumber, formatShare } from "./numbers.js";

export const MOST_NUMBERS = 3; // of an answer of several numbers that are written

/** Return the members of a set: the names with a probability above one half. */
function members(array, step) {
  return [...Array(array.columns).keys()].filter((k) => array.at(step, k) > 0.5);
}

function likeliest(array, step) {
  let best = 0;
  for (let k = 1; k < array.columns; k += 1) if (array.at(step, k) > array.at(step, best)) best = k;
  return best;
}

/** Return the first of several numbers with their names, and how many more there are. */
export function firstNumbers(panel, answer) {
  const parts = answer.slice(0, MOST_NUMBERS).map((value, k) => `${panel.answers.names[k]}: ${formatNumber(value)}`);
  return answer.length > MOST_NUMBERS ? [...parts, `and ${answer.length - MOST_NUMBERS} more`] : parts;
}

/** Return an answer that is a number as text, or the first of several with their names. */
export function numbersAnswered(panel, answer) {
  return Array.isArray(answer) ? firstNumbers(panel, answer).join(", ") : formatNumber(answer);
}

/**
 * Return {answer, right, agrees} of a step: lists of indices into the answer's names, or numbers.
 * `right` and `agrees` are null where no answer is expected. A number is never judged.
 */
export function judge(panel, step) {
  const { y, target } = panel.arrays;
  const known = target && !Number.isNaN(target.at(step, 0));
  const { kind } = panel.answers;
  if (kind === "number" && y.columns > 1) {
    return { answer: Array.from({ length: y.columns }, (_, k) => y.at(step, k)), right: null, agrees: null };
  }
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
function drawnSentence({ written, labels, edited, before, arrays, answers }, step) {
  const drawn = written ? step + 1 - written.first : -1;
  if (!(drawn in (written?.chances ?? []))) return "";
  const run = edited ? "Without your changes, at" : "At";
  const letter = labels[step + 1];
  const chance = formatShare(written.chances[drawn]);
  const plain = formatShare((before?.y ?? arrays.y).at(step, answers.names.indexOf(letter)));
  const raised = plain === chance || !answers.names.includes(letter) ? "" : ` (temperature 1 gives ${plain})`;
  return `. ${run} temperature ${written.temperature} it drew “${letter}”, which had a chance of ${chance}${raised}`;
}

/** Return the readout's answer at a step and the expected one, as a sentence. */
export function answerSentence(panel, step) {
  if (!panel.answers) return "";
  const { names, question, kind } = panel.answers;
  const { answer, right, agrees } = judge(panel, step);
  const run = panel.edited && panel.engine?.readout ? `With your changes, at step ${step}: ` : "";
  const opening = question ? `${run}${question} ` : run;
  if (kind === "number") {
    const expected = right === null ? "" : `. Expected ${formatNumber(right)}, error ${formatNumber(Math.abs(answer - right))}`;
    return `${opening}${numbersAnswered(panel, answer)}${expected}`;
  }
  const ranked = names.map((name, index) => [panel.arrays.y.at(step, index), name]).sort((a, b) => b[0] - a[0]);
  const shown = ranked.slice(0, 3).map(([value, name]) => `“${name}” ${formatShare(value)}`).join(", ");
  if (right === null) return opening + shown + drawnSentence(panel, step);
  if (panel.read?.size) return `${opening}${shown}. Expected without your edits: ${nameAnswers(panel, right)}`;
  return `${opening}${shown}: ${agrees ? "✓ correct" : `✗ wrong, expected ${nameAnswers(panel, right)}`}`;
}
