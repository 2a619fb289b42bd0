/* Give a panel the arrays of an edited run, next to those of the original run. */

import { judge, nameAnswers } from "./answers.js";
import { editProblem } from "./edits.js";
import { formatNumber, formatShare } from "./numbers.js";
import { shownArrays } from "./recomputed.js";

const LEAST_CHANGE = 0.01; // of a probability: smaller changes aren't worth a sentence

/** Return the edits of a list that a panel can take. */
export function fittingEdits(panel, edits, steps) {
  return panel.computed.problem ? [] : edits.filter((edit) => !editProblem(edit, panel, steps));
}

/**
 * Compute a panel with edits and show its arrays; without edits that fit, show the recording again.
 *
 * `panel.before` then holds the arrays of the run without edits, computed in the same way; else null.
 */
export function applyEdits(panel, edits, steps) {
  const { computed: { engine, original }, recorded } = panel;
  const fitting = fittingEdits(panel, [...(panel.base ?? []), ...edits], steps);
  panel.edits = fitting;
  panel.changed = panel.largest = null; // the first step whose answer changes and the largest change, not yet searched
  panel.edited = fitting.length ? engine.edit(original, fitting) : null;
  panel.before = fitting.length ? shownArrays(panel, original) : null;
  const run = panel.edited ?? (panel.engine?.edits.length && original); // a recording with edits, reset
  panel.arrays = run ? { ...recorded, ...shownArrays(panel, run) } : recorded;
  for (const lane of panel.lanes) showIn(lane, panel);
}

/** Let a lane show its arrays, and those of the run without edits. A range grows with edited values, except a gate’s. */
function showIn(lane, panel) {
  lane.array = panel.arrays[lane.letter];
  lane.before = panel.before?.[lane.letter] ?? null;
  const gate = panel.gates.some(({ letter }) => letter === lane.letter);
  const high = gate || lane.floor || !lane.before ? lane.range.high : Math.max(lane.range.high, lane.array.largest());
  const low = lane.range.low < 0 && !gate && !lane.floor ? -high : lane.range.low;
  Object.assign(lane, { low, high });
}

/** Return the state that an edit of a letter changes first; the state kept longest where the letter is in no state's equation. */
export function effectOf(panel, letter) {
  if (panel.states.includes(letter)) return letter;
  if (!panel.gates.some((gate) => gate.letter === letter)) return "";
  const names = (expression) => expression.match(/[A-Za-z_]\w*/g) ?? [];
  const direct = panel.equations.map(([target, expression]) => [target.replace("'", ""), expression])
    .find(([target, expression]) => panel.states.includes(target) && names(expression).includes(letter));
  return direct?.[0] ?? panel.states.at(-1);
}

/** Return the value that an edit replaced, NaN where none did. */
export function replacedAt(panel, letter, step, unit) {
  if (!panel.edited) return NaN;
  if (letter !== "x" && !(letter in panel.arrays)) return NaN; // m of a projection
  return panel.edited.replaced(...panel.engine.place, letter, step, unit);
}

/** Return a sentence on what is set by edits at a step of a unit, or "". */
export function editedSentence(panel, step, unit) {
  if (!panel.edited) return "";
  const letters = [...panel.gates.map(({ letter }) => letter), ...[...panel.states].reverse()];
  const set = letters.map((letter) => [letter, replacedAt(panel, letter, step, unit)]).filter(([, value]) => !Number.isNaN(value));
  const inputs = [...Array(panel.arrays.x.columns).keys()];
  const fed = inputs.some((index) => !Number.isNaN(replacedAt(panel, "x", step, index))) ? " You set the input here." : "";
  return fed + set.map(([letter, value]) => ` You set ${letter} here; the cell computed ${formatNumber(value)}.`).join("");
}

/** Return the arrays with a run's answers, so that `judge` can read them. */
const answering = (panel, arrays) => ({ ...panel, arrays: { ...panel.arrays, y: arrays.y } });

/** Return an answer at a step as text: a number, or names. */
function answerText(panel, step) {
  const { answer } = judge(panel, step);
  if (panel.answers.kind === "number") return formatNumber(answer);
  return nameAnswers(panel, answer);
}

function answerShare(panel, step) {
  const { answer } = judge(panel, step);
  return panel.answers.kind === "choice" ? ` (${formatShare(panel.arrays.y.at(step, answer[0]))})` : "";
}

/** Return whether the answers of a panel follow its edits. */
export const answersFollow = (panel) => Boolean(panel.answers && panel.engine?.readout);

/** Return {answer, before} at a step as plain text, or null without answers. */
export function answersAt(panel, step) {
  if (!panel.answers) return null;
  const plain = (shown) => {
    const { answer } = judge(shown, step);
    return panel.answers.kind === "number" ? String(answer) : answer.map((k) => panel.answers.names[k]).join(" ");
  };
  const before = panel.before?.y ? answering(panel, panel.before) : panel;
  return { answer: plain(panel), before: plain(before) };
}

/** Return what the edits do to the answer at a step, as a sentence. */
export function changeSentence(panel, step) {
  if (!panel.edited) return "";
  if (!panel.answers) return "";
  if (!answersFollow(panel)) return "The answers can’t be computed here, so they are those of the recording.";
  const before = answering(panel, panel.before);
  const [was, is] = [answerText(before, step), answerText(panel, step)];
  const [shareBefore, shareNow] = [answerShare(before, step), answerShare(panel, step)];
  if (was !== is) return `The answer at step ${step} changes from ${was}${shareBefore} to ${is}${shareNow}.`;
  panel.changed ??= firstChange(panel, before);
  const other = panel.changed < 0 ? `No answer changes.${largestSentence(panel, before, step)}` : changeSentence(panel, panel.changed);
  if (shareBefore === shareNow) return `The answer at step ${step} stays ${is}${shareNow}. ${other}`;
  return `The answer at step ${step} stays ${is}: ${shareBefore.trim().slice(1, -1)} before, ${shareNow.trim().slice(1, -1)} now. ${other}`;
}

/** Return whether an answer is expected at a step. */
const isExpected = ({ arrays: { target } }, step) => Boolean(target) && !Number.isNaN(target.at(step, 0));

/** Return the first step whose answer changes, −1 for none. Steps with an expected answer come first. */
function firstChange(panel, before) {
  const steps = [...Array(panel.arrays.y.rows).keys()].filter((step) => answerText(before, step) !== answerText(panel, step));
  return steps.find((step) => isExpected(panel, step)) ?? steps[0] ?? -1;
}

/**
 * Return the largest change of an answer's probability: {step, name, was, is}. A choice counts the name
 * that it answers, a set counts every name. Steps with an expected answer come first, if something
 * changes there.
 */
function largestChange(panel, before) {
  const { y } = panel.arrays;
  const names = (step) => (panel.answers.kind === "set" ? panel.answers.names.keys() : judge(panel, step).answer);
  const changes = [...Array(y.rows).keys()].flatMap((step) => [...names(step)].map((k) => (
    { step, name: panel.answers.names[k], was: before.arrays.y.at(step, k), is: y.at(step, k) })));
  const size = ({ was, is }) => Math.abs(is - was);
  const largest = (list) => list.reduce((most, one) => (size(one) > size(most) ? one : most), { was: 0, is: 0 });
  const expected = largest(changes.filter(({ step }) => isExpected(panel, step)));
  return size(expected) >= LEAST_CHANGE ? expected : largest(changes);
}

/** Return a sentence on the largest change of a probability; "" where none changes much, or it is that of `step`. */
function largestSentence(panel, before, step) {
  if (panel.answers.kind === "number") return "";
  panel.largest ??= largestChange(panel, before);
  const { step: at, name, was, is } = panel.largest;
  if (Math.abs(is - was) < LEAST_CHANGE || (at === step && panel.answers.kind === "choice")) return "";
  return ` At step ${at}, “${name}” ${is < was ? "falls" : "rises"} from ${formatShare(was)} to ${formatShare(is)}.`;
}
