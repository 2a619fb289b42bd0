/* Edits: their text in a link, their words, what a panel can take, and the history for undo and redo. */

const EDIT = /^([a-z])(?:\.l(\d{1,2}))?(\.b)?(?:@(\d{1,6})(?:-(\d{1,6}))?)?((?:\.u\d{1,5})*)=(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?)$/;
const MOST_EDITS = 1000; // limits.EDITS
const LONGEST_TEXT = 4000; // limits.EDIT_TEXT
const LONGEST_SEQUENCE = 1000; // limits.STEPS

/** Return the whole numbers from `first` to `last`. */
export const range = (first, last) => Array.from({ length: last - first + 1 }, (_, k) => first + k);

/** Return the edits of a link's text, as recordings/edit_text.py reads them. Throw a SyntaxError with a sentence. */
export function editsFromText(text) {
  if (text.length > LONGEST_TEXT) throw new SyntaxError(`The link’s edits have ${text.length} characters, at most ${LONGEST_TEXT} are allowed.`);
  const parts = text ? text.split(",") : [];
  if (parts.length > MOST_EDITS) throw new SyntaxError(`The link has ${parts.length} edits, at most ${MOST_EDITS} are allowed.`);
  return parts.map((part) => {
    const found = EDIT.exec(part);
    const [, letter, layer, backward, first, last = first, units, value] = found ?? [];
    const steps = first === undefined ? null : [Number(first), Number(last)];
    const fits = !steps || (steps[0] <= steps[1] && steps[1] < LONGEST_SEQUENCE);
    if (!found || !fits || !Number.isFinite(Number(value))) {
      throw new SyntaxError(`The link’s edit “${part.slice(0, 40)}” was ignored: expected a letter, steps and a value, as in f@25=0 or c@10-19.u3=-1.`);
    }
    return {
      letter, value: Number(value), steps: steps && range(...steps),
      units: units ? units.split(".u").slice(1).map(Number) : null,
      layer: Number(layer ?? 0), direction: backward ? "backward" : "forward",
    };
  });
}

/** Return {edits, note}: the edits of a link's text that can be read, and sentences on the others. */
export function readEdits(text) {
  try {
    return { edits: editsFromText(text), note: "" };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const parts = text.split(",");
    if (text.length > LONGEST_TEXT || parts.length === 1 || parts.length > MOST_EDITS) return { edits: [], note: error.message };
    const read = parts.map(readEdits);
    return { edits: read.flatMap(({ edits }) => edits), note: read.map(({ note }) => note).filter(Boolean).slice(0, 3).join(" ") };
  }
}

/** Return sorted numbers as runs [first, last] of neighbours. */
function runsOf(numbers) {
  const runs = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    if (runs.length && number === runs.at(-1)[1] + 1) runs.at(-1)[1] = number;
    else runs.push([number, number]);
  }
  return runs;
}

const numberText = (value) => (Object.is(value, -0) ? "0" : String(value).replace("e+", "e"));

/** Return the text of one edit; separate runs of steps, and the values of an array, become several. */
function editText({ letter, value, steps, units, layer, direction }) {
  const head = `${letter}${layer ? `.l${layer}` : ""}${direction === "backward" ? ".b" : ""}`;
  if (Array.isArray(value)) {
    return value.flatMap((row, k) => row.map((one, place) => `${head}@${steps ? steps[k] : k}.u${units ? units[place] : place}=${numberText(one)}`));
  }
  const where = (units ?? []).map((unit) => `.u${unit}`).join("");
  const whens = steps ? runsOf(steps).map(([first, last]) => (first === last ? `@${first}` : `@${first}-${last}`)) : [""];
  return whens.map((when) => `${head}${when}${where}=${numberText(value)}`);
}

/** Return the text that `editsFromText` reads back. */
export function editsToText(edits) {
  return edits.flatMap(editText).join(",");
}

/** Return the text for a link, or "" if it is too long for one. */
export function linkText(edits) {
  const text = editsToText(edits);
  return text.length > LONGEST_TEXT ? "" : text;
}

/** Return steps in words, and the layer where there are `several`, counted from 1 as in titles: at steps 10 to 19. */
function describePlace({ steps, layer, direction }, several) {
  const when = steps ? runsOf(steps).map(([first, last]) => (first === last ? `step ${first}` : `steps ${first} to ${last}`)).join(" and ") : "all steps";
  return [`at ${when}`, several ? `, layer ${layer + 1}${direction === "backward" ? ", backward" : ""}` : ""];
}

/** Return an edit that puts a letter, in words: letter “B” at step 25. */
export function describeLetter(name, edit, several) {
  return `letter “${name}” ${describePlace(edit, several).join("")}`;
}

/** Return an edit in words: f = 0 at steps 10 to 19, unit 3. Units of a one-hot input have the `names` of letters. */
export function describeEdit(edit, several, names) {
  const { letter, value, units } = edit;
  const [when, place] = describePlace(edit, several);
  const called = (unit) => (letter === "x" && names?.[unit] !== undefined ? `${unit} (“${names[unit]}”)` : unit);
  const where = units ? `unit${units.length > 1 ? "s" : ""} ${units.map(called).join(", ")}` : "all units";
  const shown = Array.isArray(value) ? "from an array" : `= ${String(value).replace("-", "−")}`;
  return `${letter} ${shown} ${when}, ${where}${place}`;
}

/** Return why a panel can't take an edit, as a sentence, or "". */
export function editProblem(edit, panel, steps) {
  const { letter, value, layer, direction } = edit;
  const widths = widthsOf(panel);
  const numbers = Array.isArray(value) ? value.flat() : [value];
  if (!Object.hasOwn(widths, letter)) return `The ${panel.name} has no ${letter}. Choose one of ${Object.keys(widths).join(", ")}.`;
  if (!panel.engine.passes.some(([one, way]) => one === layer && way === direction)) {
    return `Layer ${layer + 1}, ${direction}, can’t be edited: this player doesn’t include its weights.`;
  }
  const late = edit.steps?.find((step) => step >= steps);
  if (late !== undefined) return `Step ${late} doesn’t exist: steps are 0 to ${steps - 1}.`;
  const width = widths[letter](layer);
  const beyond = edit.units?.find((unit) => unit >= width);
  if (beyond !== undefined) return `Unit ${beyond} of ${letter} doesn’t exist: units are 0 to ${width - 1}${letter === "x" && panel.spelled ? ", one for each letter" : ""}.`;
  return numbers.every((number) => Number.isFinite(number)) ? "" : `${letter} needs a finite number.`;
}

/** Return letter → (layer → its number of units) of what can be edited in a panel. */
function widthsOf(panel) {
  const state = panel.arrays.h.columns;
  const directions = new Set(panel.engine.passes.map(([, direction]) => direction)).size;
  const lowest = panel.engine.passes[0][0];
  const inputs = (panel.arrays["network.x"] ?? panel.arrays.x).columns;
  const widths = Object.fromEntries(panel.gates.map(({ letter }) => [letter, () => panel.hidden]));
  for (const name of panel.states) widths[name] = () => (name === "h" ? state : panel.hidden);
  return { ...widths, x: (layer) => (layer === lowest ? inputs : directions * state) };
}

/** Return a sentence if a value is one that the gate can never have, else "". */
export function rangeWarning({ letter, value }, panel) {
  const gate = panel.gates.find((one) => one.letter === letter) ?? rangeOfState(letter, panel);
  const outside = gate && [value].flat(2).find((number) => number < gate.low || number > gate.high);
  if (outside === undefined || !gate) return "";
  const of = gate.name ? `the ${gate.name.includes("candidate") ? "candidate" : "gate"}’s range` : "the range of h,";
  return `${letter} = ${outside} is outside ${of} ${gate.low} to ${gate.high}. No input could make the cell do this.`.replaceAll("-", "−");
}

/** Return the range of h where the cell's own equations bound it, else nothing: a relu or a projection doesn't. */
function rangeOfState(letter, { drawn, projected, equations }) {
  const bounded = drawn && !projected && !equations.some(([, expression]) => expression.includes("relu("));
  return letter === "h" && bounded ? { low: -1, high: 1 } : undefined;
}

/** A list of edits with undo and redo. Those that it begins with are undone one by one. */
export class EditHistory {
  constructor(edits = []) {
    Object.assign(this, { list: edits, past: edits.map((_, count) => edits.slice(0, count)), future: [] });
  }

  get canUndo() { return this.past.length > 0; }

  get canRedo() { return this.future.length > 0; }

  /** Replace the list by another one, which can be undone. */
  set(list) {
    if (JSON.stringify(list) === JSON.stringify(this.list)) return;
    this.past.push(this.list);
    Object.assign(this, { list, future: [] });
  }

  /** Replace the list by another one, which Undo skips: it brings back the list before. */
  replace(list) {
    Object.assign(this, { list, future: [] });
  }

  /** Add an edit. It takes the place of earlier ones with the same letter, steps and units. */
  add(edit) {
    this.set(withEdit(this.list, edit));
  }

  undo() {
    if (!this.canUndo) return;
    this.future.push(this.list);
    this.list = this.past.pop();
  }

  redo() {
    if (!this.canRedo) return;
    this.past.push(this.list);
    this.list = this.future.pop();
  }
}

/** Return a list of edits with one more, in place of those for the same letter, steps and units. */
export function withEdit(list, edit) {
  const place = ({ value, ...rest }) => JSON.stringify([rest.letter, rest.steps, rest.units, rest.layer, rest.direction]);
  return [...list.filter((one) => place(one) !== place(edit)), edit];
}
