/* Letters as input: which numbers stand for each letter, and which letters edits put in place of others. */

const LETTER_ROUNDING = 1e-6; // float32 rounds an embedding by less
const LISTED = 60; // letters that a sentence names

/** Return whether inputs are one-hot characters. A second layer reads the h of the first. */
export function isOneHot(x) {
  for (let row = 0; row < x.rows; row += 1) {
    let ones = 0;
    for (let column = 0; column < x.columns; column += 1) {
      const value = x.at(row, column);
      if (Math.abs(value - 1) < 1e-3) ones += 1;
      else if (value !== 0) return false;
    }
    if (ones > 1) return false;
  }
  return true;
}

const sameValues = (one, other) => one.every((value, k) => Math.abs(value - other[k]) <= LETTER_ROUNDING * Math.max(1, Math.abs(value)));

/** Return the inputs of a panel's network as they were recorded, (T, I). */
const networkInputs = ({ arrays, recorded = arrays }) => recorded["network.x"] ?? recorded.x;

const inputsAt = (x, step) => Array.from({ length: x.columns }, (_, column) => x.at(step, column));

/**
 * Return letter → its numbers in the network's input, or null where the panel shows no text.
 *
 * One-hot letters are those of the model's vocabulary, where the panel has it. All others are known
 * from the text itself: the numbers at the steps where a letter stands, if they are the same each time.
 */
export function spellingOf(panel) {
  if (!panel.text || panel.computed.problem) return null;
  const x = networkInputs(panel);
  const found = new Map();
  if (panel.features?.length === x.columns && isOneHot(x)) {
    panel.features.forEach((name, place) => found.set(name, inputsAt({ columns: x.columns, at: (_, k) => Number(k === place) }, 0)));
    return found;
  }
  const repeated = new Set(panel.labels).size < panel.labels.length;
  for (const [step, label] of panel.labels.entries()) {
    const row = inputsAt(x, step);
    if (!found.has(label)) found.set(label, row);
    else if (!sameValues(found.get(label), row)) return null;
  }
  return repeated || isOneHot(x) ? found : null; // else nothing shows that a letter always has the same numbers
}

/** Return the letter that numbers stand for; "" where they stand for none. */
function letterOf(spelling, values) {
  for (const [name, one] of spelling) if (sameValues(one, values)) return name;
  return "";
}

/** Return whether letters can be set in the layer that a panel shows: only the lowest one reads them. */
export const readsLetters = ({ spelling, engine }) => Boolean(spelling) && engine.place[0] === engine.passes[0][0];

/** Return step → the letter that the network reads there instead of the panel's label; "" where it is no letter. */
export function readLetters(panel) {
  const { spelling, edited, edits, labels } = panel;
  const read = new Map();
  if (!spelling || !edited) return read;
  const place = [panel.engine.passes[0][0], panel.engine.place[1]];
  if (!edits.some(({ letter, layer, direction }) => letter === "x" && layer === place[0] && direction === place[1])) return read;
  const { data, columns } = edited.arrays(...place).x;
  for (const [step, label] of labels.entries()) {
    const values = Array.from(data.subarray(step * columns, (step + 1) * columns));
    if (spelling.has(label) && sameValues(spelling.get(label), values)) continue;
    read.set(step, letterOf(spelling, values));
  }
  return read;
}

/** Return the labels of a panel with the letters that edits put in place of others. */
export function labelsRead({ labels, read }) {
  return read?.size ? labels.map((label, step) => read.get(step) || label) : labels;
}

/** Return what the network reads at a step, in quotes: “B”, or “B” instead of “y”. */
export function letterText({ labels, read }, step) {
  if (!read?.has(step)) return `“${labels[step]}”`;
  return `${read.get(step) ? `“${read.get(step)}”` : "no letter"} instead of “${labels[step]}”`;
}

/** Return what the network reads at a step: “B”, or “–” where it is no letter. */
export function letterNow({ labels, read }, step) {
  return read?.get(step) === "" ? "–" : `“${read?.get(step) ?? labels[step]}”`;
}

/** Return what an edit did to the letter of a step, in short: “B”, or “y” → “B”. */
export function letterChange({ labels, read }, step) {
  if (!read?.has(step)) return `“${labels[step]}”`;
  return `“${labels[step]}” → ${read.get(step) ? `“${read.get(step)}”` : "no letter"}`;
}

/** Return a sentence on the letter that an edit replaced at a step, or "". */
export function replacedLetterSentence({ labels, read }, step) {
  if (!read?.has(step)) return "";
  if (!read.get(step)) return ` You set the input here. It was “${labels[step]}” and now stands for no letter.`;
  return ` You replaced the letter “${labels[step]}” by “${read.get(step)}” here.`;
}

/** Return the edits that put a letter at steps (null for all) of a panel, in each direction that reads them. */
export function letterEdits(panel, name, steps) {
  const values = panel.spelling.get(name);
  const [layer] = panel.engine.passes[0];
  const directions = panel.engine.passes.filter(([one]) => one === layer).map(([, direction]) => direction);
  const hot = values.indexOf(1);
  const oneHot = values.every((value, k) => value === Number(k === hot));
  return directions.flatMap((direction) => {
    const edit = (value, units) => ({ letter: "x", value, steps, units, layer, direction });
    if (oneHot) return [edit(0, null), edit(1, [hot])];
    return values.map((value, unit) => edit(Number(value.toPrecision(9)), [unit])); // nine digits keep a float32
  });
}

/** Return a list of edits with those of a letter, in place of all edits of the same input within its steps. */
export function withLetter(list, edits) {
  const within = (one) => edits.some(({ steps, layer, direction }) => one.letter === "x" && one.layer === layer && one.direction === direction
    && (!steps || one.steps?.every((step) => steps.includes(step))));
  return [...list.filter((one) => !within(one)), ...edits];
}

/** Return how many edits from a place of the list on put one letter, and which: {count, name}; null where they put none. */
export function letterAt(list, from, { spelling }) {
  const [first, ...others] = list.slice(from);
  if (!spelling || first?.letter !== "x") return null;
  const [inputs] = [...spelling.values()].map(({ length }) => length);
  const place = ({ letter, steps, layer, direction }) => JSON.stringify([letter, steps, layer, direction]);
  const count = first.units ? inputs : 2;
  const edits = [first, ...others].slice(0, count);
  const values = Array.from({ length: inputs }, () => 0);
  const fits = edits.length === count && edits.every((edit, k) => {
    const [unit] = edit.units ?? [-1];
    if (place(edit) !== place(first) || Array.isArray(edit.value) || edit.units?.length > 1) return false;
    if (k === 0 && !edit.units) return edit.value === 0;
    values[unit] = edit.value;
    return first.units ? unit === k : unit >= 0 && unit < inputs;
  });
  const name = fits ? letterOf(spelling, values) : "";
  return name ? { count, name } : null;
}

/** Return the letters that can be set, for a sentence. */
export function namesOf({ spelling }) {
  const names = [...spelling.keys()].map((name) => `“${name}”`);
  return names.slice(0, LISTED).join(", ") + (names.length > LISTED ? ` and ${names.length - LISTED} more` : "");
}
