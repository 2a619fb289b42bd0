/* The letters of a text above or below its steps: all of them, or some where all would be too small. */

import { makeElement, setText } from "./dom.js";
import { range } from "./edits.js";

const READABLE = 13; // pixels: where all letters would be smaller, some are left out
const SPARSE = 16; // pixels of the letters that are left
const LETTER_PITCH = 0.75; // of a letter's size, from one letter to the next
const FARTHEST = 4; // steps from one letter to the next; where they are farther apart, they mean nothing

/** Return the size of letters in pixels, at most `most`, and how many steps apart they are. */
function lettersOf(width, most) {
  const size = Math.min(most, width * 1.6);
  if (size >= READABLE) return { size, every: 1 };
  const fewer = Math.min(most, SPARSE);
  return { size: fewer, every: Math.ceil((LETTER_PITCH * fewer) / width) };
}

/** Return whether so many letters would be left out that the others mean nothing. */
export function isTooNarrow(width, { count }) {
  return lettersOf(width / count, SPARSE).every > FARTHEST;
}

/** Return the steps whose letters have room, at least `every` steps apart. Letters that are rare in the text come first. */
export function stepsWithRoom(labels, every) {
  const steps = [...labels.keys()];
  if (every === 1) return steps;
  const counts = new Map();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const taken = new Set();
  const near = range(1 - every, every - 1);
  for (const step of steps.sort((a, b) => counts.get(labels[a]) - counts.get(labels[b]) || a - b)) {
    if (!near.some((by) => taken.has(step + by))) taken.add(step);
  }
  return [...taken];
}

/** Draw the labels of the visible steps at height `y`, in the colour that a function of the step returns. */
export function drawLetters(context, labels, { from, count }, { most, y, colour }) {
  const width = context.cssWidth / count;
  const { size, every } = lettersOf(width, most);
  const half = every > 1 ? size / 3 : 0; // no letter is cut off at an end
  context.font = `600 ${size}px ui-monospace, "DejaVu Sans Mono", monospace`;
  context.textAlign = "center";
  for (const step of stepsWithRoom(labels, every).filter((one) => one >= from && one < from + count)) {
    context.fillStyle = colour(step);
    context.fillText(labels[step], Math.max(half, Math.min(context.cssWidth - half, (step - from + 0.5) * width)), y);
  }
}

/** The letter at the cursor, where it would be too small or left out. */
export class CursorLetter {
  constructor(labels) {
    Object.assign(this, { labels, view: { from: 0, count: labels.length }, step: 0 });
    this.element = makeElement("span", { class: "gv-letter", "aria-hidden": "true", hidden: true });
  }

  draw(view, width) {
    this.view = view;
    this.element.hidden = lettersOf(width / view.count, SPARSE).every === 1;
    this.setStep(this.step);
  }

  setStep(step) {
    this.step = step;
    setText(this.element, this.labels[step]);
    this.element.style.left = `${(100 * (step - this.view.from + 0.5)) / this.view.count}%`;
  }
}
