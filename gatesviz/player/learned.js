/* Live pictures of models that learn: the gates of all units over one sequence, and the answers beside the targets. */

import { makeElement, makeShape, setText } from "./dom.js";
import { laneColour, laneCss, laneGradient } from "./colours.js";

const SMALLEST_FONT = 10; // pixels of a letter's font
const LINES_HIGH = 96; // pixels of height of two lines
const ROWS_HIGH = 104; // pixels of height of a heatmap of answers
const NUMBERS_APART = 44; // pixels between two numbers of the time axis

/** Return the bytes behind `text` in base64. */
function unpackBytes(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Return the numbers in base64, which were packed with 8 or 16 bits between two ends. */
export function unpackNumbers(text, bits, { low, high }) {
  const bytes = unpackBytes(text);
  const levels = bits === 8 ? bytes : new Uint16Array(bytes.buffer);
  return Array.from(levels, (level) => low + ((high - low) * level) / (2 ** bits - 1));
}

/** Draw bytes, `across` in each row, on a canvas with a pixel for each; `lane` has the ends and whether it is signed. */
function drawBytes(canvas, bytes, across, lane) {
  const down = Math.max(1, Math.round(bytes.length / across));
  Object.assign(canvas, { width: across, height: down });
  const context = canvas.getContext("2d");
  const image = context.createImageData(across, down);
  bytes.forEach((byte, k) => image.data.set(laneColour(lane.low + ((lane.high - lane.low) * byte) / 255, lane), 4 * k));
  context.putImageData(image, 0, 0);
}

const UNIT_SPAN = { low: 0, high: 1, signed: false };

/** Return the text of a range, such as "0 to 1". */
const rangeText = ({ low, high }) => `${low} to ${high}`.replaceAll("-", "−");

/** Return the steps whose letters have room, `apart` steps each: rare letters before frequent ones. */
function roomyLetters(labels, apart) {
  const counts = new Map();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const taken = [];
  const order = [...labels.keys()].sort((a, b) => counts.get(labels[a]) - counts.get(labels[b]) || a - b);
  for (const step of order) {
    const needed = apart * Math.max(1, [...labels[step]].length) - 1e-6;
    if (taken.every((other) => Math.abs(other - step) >= needed)) taken.push(step);
  }
  return taken;
}

class LearnedModel {
  constructor(choose) {
    this.choose = choose;
    this.title = makeElement("figcaption", {});
    this.name = makeElement("span", {});
    this.note = makeElement("span", { class: "gv-learned-note" });
    this.title.append(this.name, this.note);
    this.lanes = makeElement("div", { class: "gv-learned-lanes" });
    this.inputs = makeElement("div", { class: "gv-learned-axis gv-learned-inputs", "aria-hidden": "true" });
    this.axis = makeElement("div", { class: "gv-learned-axis", "aria-hidden": "true" });
    this.answerTitle = makeElement("div", { class: "gv-learned-about" });
    this.answers = makeElement("div", { class: "gv-learned-answers" });
    this.sentence = makeElement("p", { class: "gv-learned-sentence" });
    this.attentionTitle = makeElement("div", { class: "gv-learned-about" });
    this.attention = makeElement("canvas", { class: "gv-learned-attention", role: "img" });
    this.readout = makeElement("div", { class: "gv-learned-readout", "aria-hidden": "true" });
    this.element = makeElement("figure", {}, this.title, this.lanes, this.inputs, this.axis, this.readout, this.answerTitle, this.answers, this.sentence, this.attentionTitle, this.attention);
    this.rows = [];
  }

  show(picture) {
    this.picture = picture;
    setText(this.name, picture.title);
    setText(this.note, picture.note);
    setText(this.readout, this.help());
    this.fillLanes(picture);
    this.fillAttention(picture.attention);
    setText(this.sentence, picture.answers.look === "bars" ? "" : picture.answers.sentence);
    this.draw();
  }

  fillLanes({ lanes, steps, every, units }) {
    const letters = lanes.map((lane) => lane.letter).join();
    if (letters !== this.letters) {
      this.letters = letters;
      this.rows = lanes.map((lane, k) => this.lane(lane, k));
      this.lanes.replaceChildren(...this.rows.map((row) => row.element));
    }
    const across = Math.ceil(steps / every);
    lanes.forEach((lane, k) => {
      drawBytes(this.rows[k].canvas, unpackBytes(lane.values), across, lane);
      setText(this.rows[k].range, rangeText(lane));
      this.rows[k].canvas.setAttribute("aria-label", `Heatmap of ${lane.letter}: ${units} units by ${steps} time steps. Its mean is ${lane.mean}.`.replaceAll("-", "−"));
    });
  }

  lane(lane, k) {
    const canvas = makeElement("canvas", { role: "img", title: "A click shows how this unit's values changed during the run", onclick: (event) => this.pick(event, k), onpointermove: (event) => this.point(event, k), onpointerleave: () => setText(this.readout, this.help()) });
    const range = makeElement("span", { class: "gv-learned-range" });
    const legend = makeElement("i", { style: `background: ${laneGradient(lane)}` });
    const name = makeElement("div", { class: "gv-learned-name" }, makeElement("b", { style: `border-color: ${lane.colour}` }, lane.letter), legend, range);
    return { canvas, range, element: makeElement("div", { class: "gv-learned-lane" }, name, canvas) };
  }

  /** Return the unit and the step under the pointer. */
  at(event, k) {
    const box = this.rows[k].canvas.getBoundingClientRect();
    const { units, steps, every } = this.picture;
    const part = (value, size, count) => Math.max(0, Math.min(count - 1, Math.floor((value / size) * count)));
    const step = every * part(event.clientX - box.left, box.width, Math.ceil(steps / every));
    return { letter: this.picture.lanes[k].letter, unit: part(event.clientY - box.top, box.height, units), step };
  }

  point(event, k) {
    const { letter, unit, step } = this.at(event, k);
    const { labels } = this.picture;
    setText(this.readout, `${letter} of unit ${unit}, step ${step}${labels ? ` “${labels[step]}”` : ""}`);
  }

  pick(event, k) {
    this.choose(this.at(event, k));
  }

  /** Draw what depends on the width. */
  draw() {
    const width = this.rows[0].canvas.clientWidth;
    if (!width) return;
    this.label(width);
    const { answers } = this.picture;
    const drawn = { lines: drawLines, bars: drawBars, letters: drawLetterRows, rows: drawAnswerRows }[answers.look];
    setText(this.answerTitle, ANSWER_TITLES[answers.last ? "forecast" : answers.look]);
    this.answers.replaceChildren(drawn(this.picture, width));
  }

  /** Return what rows and columns are. */
  help() {
    const { every } = this.picture;
    return `Rows: units. Columns: steps${every > 1 ? ` (1 of ${every} drawn)` : ""}.`;
  }

  /** Write the numbers of the steps, and above them the letters that were read, the rarest first where not all have room. */
  label(width) {
    const { labels, steps } = this.picture;
    const room = width / steps;
    const spot = (step, text) => makeElement("span", { style: `left:${((step + 0.5) / steps) * 100}%` }, text);
    const apart = [1, 2, 5, 10, 20, 50, 100, 200].find((count) => count * room >= NUMBERS_APART) ?? 500;
    const numbers = [...Array(steps).keys()].filter((step) => step % apart === 0);
    this.axis.replaceChildren(...numbers.map((step) => spot(step, step ? String(step) : "step 0")));
    this.inputs.hidden = !labels;
    if (!labels) return;
    const size = Math.max(SMALLEST_FONT, Math.min(14, room * 1.55));
    this.inputs.style.fontSize = `${size}px`;
    this.inputs.replaceChildren(...roomyLetters(labels, (0.62 * size) / room).map((step) => spot(step, labels[step])));
  }

  fillAttention(attention) {
    for (const part of [this.attention, this.attentionTitle]) part.hidden = !attention;
    if (!attention) return;
    const bytes = unpackBytes(attention.values);
    drawBytes(this.attention, bytes, attention.steps, UNIT_SPAN);
    const context = this.attention.getContext("2d");
    for (let row = 0; row < attention.steps; row += 1) context.clearRect(row + 1, row, attention.steps, 1); // no step reads a later one
    setText(this.attentionTitle, `Attention, 0 to 1. Row: the step that answers. Column: the step whose h it reads. ${attention.sentence}`);
    this.attention.setAttribute("aria-label", `Heatmap of the attention weights. ${attention.sentence}`);
  }
}

const ANSWER_TITLES = {
  lines: "Predicted values (thin line) and expected values (wide line)",
  forecast: "Forecast (thin line), true next value (wide line), last value repeated (dotted line)",
  bars: "Prediction after the last step. The frame marks the expected answer.",
  letters: "Expected letters, and below them predicted ones. Frames: right",
  rows: "Prediction, 0 (dark) to 1 (bright). Frames: expected answers",
};

const answerFrame = (width, height, label) => makeShape("svg", { role: "img", width, height, "aria-label": label });

/** Return a frame that is seen on dark and on bright. */
const framed = (box) => [0, 1].map(() => makeShape("rect", { class: "gv-learned-frame", ...box }));

/** Draw the predictions as a line, and the targets as a band behind it; a lone target is a ring. A forecast has a dotted line of the last values. */
function drawLines({ answers, steps }, width) {
  const { low, high, values, targets, last = [] } = answers;
  const edge = (high - low) / 8;
  const y = (value) => Math.max(2, Math.min(LINES_HIGH - 2, LINES_HIGH * (1 - (value - low + edge) / (high - low + 2 * edge))));
  const x = (step) => (width * (step + 0.5)) / steps;
  const runs = (numbers) => numbers.reduce((found, value, step) => {
    if (value === null) found.push([]);
    else found.at(-1).push([x(step), y(value)]);
    return found;
  }, [[]]).filter((run) => run.length);
  const lines = (numbers, name) => runs(numbers).map((run) => (run.length === 1
    ? makeShape("circle", { class: name, cx: run[0][0].toFixed(1), cy: run[0][1].toFixed(1), r: 4 })
    : makeShape("polyline", { class: name, points: run.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(" ") })));
  const also = last.length ? ", with the last value as a dotted line" : "";
  const frame = answerFrame(width, LINES_HIGH, `Line chart of the predicted and the expected value at each step${also}. ${answers.sentence}`);
  const number = (value, place) => makeShape("text", { x: 2, y: place }, String(Number(value.toPrecision(3))).replace("-", "−"));
  frame.append(...lines(targets, "gv-learned-target"), ...lines(values, "gv-learned-prediction"), ...lines(last, "gv-learned-last"), number(high, 12), number(low, LINES_HIGH - 3));
  return frame;
}

/** Draw a bar for each answer at the only step with a target. */
function drawBars({ answers }) {
  const { names, values, target } = answers;
  return makeElement("div", { class: "gv-learned-bars" }, ...names.flatMap((name, k) => [
    makeElement("span", { class: k === target ? "gv-learned-wanted" : null }, name),
    makeElement("i", { class: k === target ? "gv-learned-wanted" : null }, makeElement("u", { style: `width:${100 * values[k]}%` })),
    makeElement("span", {}, `${(100 * values[k]).toFixed(0)} %`),
  ]));
}

/** Draw two rows of letters: the targets, and the predictions on the colour of their probability. */
function drawLetterRows({ answers, steps }, width) {
  const { predicted, expected, values } = answers;
  const [bytes, wide] = [unpackBytes(values), width / steps];
  const size = Math.min(13, wide * 1.6);
  const frame = answerFrame(width, 44, `Predicted and expected letters. ${answers.sentence}`);
  const letter = (text, step, y, name) => makeShape("text", { class: name, x: (step + 0.5) * wide, y, "text-anchor": "middle", "font-size": size }, text);
  predicted.forEach((text, step) => {
    const share = bytes[step] / 255;
    frame.append(makeShape("rect", { x: step * wide, y: 23, width: wide, height: 20, fill: laneCss(share, UNIT_SPAN) }));
    if (expected[step] !== null && size >= 5) frame.append(letter(expected[step], step, 15, "gv-learned-expected"));
    if (size >= 5) frame.append(letter(text, step, 37, `gv-learned-said ${share > 0.5 ? "gv-learned-dark" : ""}`));
    if (expected[step] === text) frame.append(...framed({ x: step * wide, y: 23, width: wide, height: 20 }));
  });
  return frame;
}

/** Draw a row for each answer, with a frame around each target. */
function drawAnswerRows({ answers, steps }, width) {
  const { names, values, targets } = answers;
  const [bytes, wide, tall] = [unpackBytes(values), width / steps, Math.min(20, ROWS_HIGH / names.length)];
  const frame = answerFrame(width, tall * names.length, `Heatmap of ${names.length} answers by ${steps} steps. ${answers.sentence}`);
  const box = (step, row, more) => makeShape("rect", { x: (step * wide).toFixed(2), y: (row * tall).toFixed(2), width: wide.toFixed(2), height: tall.toFixed(2), ...more });
  names.forEach((_, row) => {
    for (let step = 0; step < steps; step += 1) frame.append(box(step, row, { fill: laneCss(bytes[row * steps + step] / 255, UNIT_SPAN) }));
  });
  targets.forEach((wanted, step) => wanted?.forEach((row) => frame.append(...framed({ x: step * wide, y: row * tall, width: wide, height: tall }))));
  names.forEach((name, row) => frame.append(makeShape("text", { class: "gv-learned-row", x: 3, y: (row + 0.5) * tall + 4 }, name)));
  return frame;
}

const LEARNED = new WeakMap();

/** Show pictures under `root`; called again, they change in place. `choose` gets the place of a click. */
export function showLearned(root, pictures, choose) {
  root.classList.add("gv-learned");
  const shown = LEARNED.get(root) ?? [];
  if (shown.length !== pictures.length) {
    while (shown.length < pictures.length) shown.push(new LearnedModel((place) => root.chosen(place)));
    shown.length = pictures.length;
    LEARNED.set(root, shown);
    root.replaceChildren(...shown.map((one) => one.element));
  }
  root.chosen = choose;
  shown.forEach((one, k) => one.show(pictures[k]));
}

/** Draw again what depends on the width. */
export function resizeLearned(root) {
  for (const one of LEARNED.get(root) ?? []) one.draw();
}
