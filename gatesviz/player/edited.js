/* Give a panel the arrays of an edited run, next to those of the original run. */

import { judge, nameAnswers } from "./answers.js";
import { editProblem } from "./edits.js";
import { formatNumber, formatShare } from "./numbers.js";
import { shownArrays } from "./recomputed.js";

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
  panel.changed = null; // the first step whose answer changes, not yet searched
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
  const other = panel.changed < 0 ? "No answer changes." : changeSentence(panel, panel.changed);
  if (shareBefore === shareNow) return `The answer at step ${step} stays ${is}${shareNow}. ${other}`;
  return `The answer at step ${step} stays ${is}: ${shareBefore.trim().slice(1, -1)} before, ${shareNow.trim().slice(1, -1)} now. ${other}`;
}

/** Return the first step whose answer changes, −1 for none. Steps with an expected answer come first. */
function firstChange(panel, before) {
  const { target, y } = panel.arrays;
  const steps = [...Array(y.rows).keys()].filter((step) => answerText(before, step) !== answerText(panel, step));
  return steps.find((step) => target && !Number.isNaN(target.at(step, 0))) ?? steps[0] ?? -1;
}
