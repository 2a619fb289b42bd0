/* The letters of a text above or below its steps: all of them, or some where all would be too small. */

import { makeElement, setText } from "./dom.js";
import { range } from "./edits.js";
import { labelsRead } from "./spelling.js";

const SMALLEST_LETTER = 10; // pixels: where all letters would be smaller, some are left out
const LETTER_WIDTH = 0.6; // of a letter's size, its width in a font of equal widths
const SPARSE = [12, 16]; // pixels of the letters that are left: at least, at most
const LETTER_PITCH = 0.75; // of a letter's size, from one letter to the next
const FARTHEST = 4; // steps from one letter to the next; where they are farther apart, they mean nothing

/** Return the size of letters in pixels, at most `most`, and how many steps apart they are. */
function lettersOf(width, most) {
  const size = Math.min(most, width / LETTER_WIDTH);
  if (size >= SMALLEST_LETTER) return { size, every: 1 };
  const [least, largest] = SPARSE;
  const every = Math.ceil((LETTER_PITCH * least) / width);
  return { size: Math.min(most, largest, (every * width) / LETTER_PITCH), every };
}

/** Return whether so many letters would be left out that the others mean nothing. */
export function isTooNarrow(width, { count }) {
  return lettersOf(width / count, SMALLEST_LETTER).every > FARTHEST;
}

/** Return which letters are drawn, such as "every 2nd letter shown", or "" if all are or none. */
export function lettersLeft(width, view) {
  const { every } = lettersOf(width / view.count, SMALLEST_LETTER);
  return every === 1 || isTooNarrow(width, view) ? "" : `every ${every === 2 ? "2nd" : every === 3 ? "3rd" : `${every}th`} letter shown`;
}

/** Return the steps whose letters have room: every so many, from step 0 on, except next to one of the steps `before`. */
export function stepsWithRoom(labels, every, before = new Map()) {
  const taken = new Set();
  const near = range(1 - every, every - 1);
  const regular = [...labels.keys()].filter((step) => step % every === 0);
  for (const step of [...before.keys(), ...regular]) {
    if (!near.some((by) => taken.has(step + by))) taken.add(step);
  }
  return [...taken];
}

/**
 * Draw what the network of a panel reads at the visible steps at height `y`, in the colour that a function
 * of the step returns. A letter that an edit put there has a bar; one that stands for no letter now is struck.
 */
export function drawLetters(context, panel, { from, count }, { most, y, colour, replaced }) {
  const { read = new Map() } = panel;
  const labels = labelsRead(panel);
  const width = context.cssWidth / count;
  const { size, every } = lettersOf(width, most);
  const half = every > 1 ? size / 3 : 0; // no letter is cut off at an end
  context.font = `600 ${size}px ui-monospace, "DejaVu Sans Mono", monospace`;
  context.textAlign = "center";
  for (const step of stepsWithRoom(labels, every, read).filter((one) => one >= from && one < from + count)) {
    const x = Math.max(half, Math.min(context.cssWidth - half, (step - from + 0.5) * width));
    context.fillStyle = read.has(step) ? replaced : colour(step);
    context.fillText(labels[step], x, y);
    if (read.get(step) === "") context.fillRect(x - size / 2, y - (context.textBaseline === "middle" ? 0 : size / 3), size, 2);
  }
  context.fillStyle = replaced;
  for (const step of read.keys()) context.fillRect((step - from) * width, 0, Math.max(2, width - 1), 3);
}

/** The letter at the cursor, where it would be too small or left out. */
export class CursorLetter {
  constructor(panel) {
    Object.assign(this, { panel, view: { from: 0, count: panel.labels.length }, step: 0 });
    this.element = makeElement("span", { class: "gv-letter", "aria-hidden": "true", hidden: true });
  }

  draw(view, width) {
    this.view = view;
    this.element.hidden = lettersOf(width / view.count, SMALLEST_LETTER).every === 1;
    this.setStep(this.step);
  }

  setStep(step) {
    this.step = step;
    setText(this.element, labelsRead(this.panel)[step]);
    this.element.style.left = `${(100 * (step - this.view.from + 0.5)) / this.view.count}%`;
  }
}
