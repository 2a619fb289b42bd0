/* Give a panel the arrays of an edited run, next to those of the original run. */

import { editProblem } from "./edits.js";
import { formatNumber } from "./numbers.js";
import { shownArrays } from "./recomputed.js";
import { readLetters, replacedLetterSentence } from "./spelling.js";

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
  panel.changed = panel.largest = null; // the steps whose answers change and the largest change, not yet searched
  panel.edited = fitting.length ? engine.edit(original, fitting) : null;
  panel.before = fitting.length ? shownArrays(panel, original) : null;
  const run = panel.edited ?? (panel.engine?.edits.length && original); // a recording with edits, reset
  panel.arrays = run ? { ...recorded, ...shownArrays(panel, run) } : recorded;
  panel.read = readLetters(panel);
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
  if (!(unit < panel.arrays[letter]?.columns)) return NaN; // m of a projection, or a unit without h
  return panel.edited.replaced(...panel.engine.place, letter, step, unit);
}

/** Return the value that the cell computed, by letter, for each of `letters` that an edit replaced. */
function replaced(panel, letters, step, unit) {
  return letters.map((letter) => [letter, replacedAt(panel, letter, step, unit)]).filter(([, value]) => !Number.isNaN(value));
}

/** Return letter → the value that the cell computed, for each state of a unit that an edit replaced at a step. */
export function computedStates(panel, step, unit) {
  return Object.fromEntries(replaced(panel, panel.states, step, unit));
}

/** Return a sentence on the gates and the input that edits set at a step of a unit, or "". */
export function editedSentence(panel, step, unit) {
  if (!panel.edited) return "";
  const set = replaced(panel, panel.gates.map(({ letter }) => letter), step, unit);
  const inputs = [...Array(panel.arrays.x.columns).keys()];
  const inputSet = inputs.some((index) => !Number.isNaN(replacedAt(panel, "x", step, index))) ? " You set the input here." : "";
  const fed = replacedLetterSentence(panel, step) || inputSet;
  return fed + set.map(([letter, value]) => ` You set ${letter}. The cell computed ${formatNumber(value)}.`).join("");
}
