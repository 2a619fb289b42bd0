/* Compute a panel's recording again in the browser, and measure the difference. */

import { RecordedArray } from "./arrays.js";
import { Engine } from "./engine.js";

export const EXACT = 2e-6; // float32 rounds; two correct programs differ by this much
const WRONG = 1e-3; // a single step can't differ by more, even where the recording came as int16

/** Return the name of a pass's array in the payload. */
function arrayName(panel, [layer, direction], name) {
  const [shownLayer, shownDirection] = panel.engine.place;
  return layer === shownLayer && direction === shownDirection ? name : `${layer}.${direction}.${name}`;
}

/** Return the engine of a panel's network. Throw a SyntaxError if an equation can't be compiled. */
export function engineOf(panel) {
  const { engine: { passes, readout }, arrays } = panel;
  const layers = [];
  for (const [layer, direction] of passes) {
    const array = (name) => arrays[arrayName(panel, [layer, direction], name)];
    const weights = {};
    for (const name of ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"]) if (array(name)) weights[name] = array(name);
    const first = Object.fromEntries(panel.states.map((name) => [name, array(`first.${name}`).data]));
    if (layers.at(-1)?.[0].layer !== layer) layers.push([]);
    layers.at(-1).push({ layer, direction, weights, first });
  }
  return new Engine({
    cell: { equations: panel.equations, blocks: panel.blocks, gates: panel.gates.map((gate) => gate.letter), states: panel.states },
    layers,
    readout: readout && { weight: arrays["readout.weight"], bias: arrays["readout.bias"], kind: readout },
  });
}

/** Return the arrays of a run that a panel shows, by the names of its recording; y are the answers. */
export function shownArrays(panel, run) {
  const found = {};
  for (const [letter, { data, rows, columns }] of Object.entries(run.arrays(...panel.engine.place))) {
    found[letter] = new RecordedArray(data, [rows, columns], 1);
  }
  if (run.answers) found.y = new RecordedArray(run.answers, [run.steps, run.answers.length / run.steps], 1);
  return found;
}

/** Return how far two values are apart, beyond the rounding of one; 0 where both are no number, infinite where one is. */
function apart(one, other, rounding) {
  if (one === other || (Number.isNaN(one) && Number.isNaN(other))) return 0;
  const distance = Math.abs(one - other) - rounding;
  return Number.isNaN(distance) ? Infinity : Math.max(0, distance);
}

/** Return half of what two neighbours of an array differ by, where it came as integers. */
function roundingOf({ data, scale }) {
  return data instanceof Int16Array && scale !== 1 ? 0.500001 * scale : 0;
}

/**
 * Return the largest difference of one array from the recorded one, relative where values are above 1.
 *
 * int16 hides differences below its rounding. Where the `residual` of every k-th row was sent, these
 * rows are compared to seven digits.
 */
function differenceOf(recorded, computed, residual, every) {
  const [size, rounding] = [recorded.largest(1), roundingOf(recorded)];
  let most = 0;
  for (let row = 0; row < recorded.rows; row += 1) {
    const finer = residual && row % every === 0;
    for (let column = 0; column < recorded.columns; column += 1) {
      const value = recorded.at(row, column) + (finer ? residual.at(row / every, column) : 0);
      most = Math.max(most, apart(value, computed.at(row, column), finer ? 0 : rounding));
    }
  }
  return most / size;
}

/** Return the largest difference between a run and the recording of a panel. */
export function differenceFrom(panel, run) {
  const shown = shownArrays(panel, run);
  const letters = Object.keys(shown).filter((letter) => panel.arrays[letter]);
  return Math.max(...letters.map((letter) => differenceOf(
    panel.arrays[letter], shown[letter], panel.arrays[`${letter}.residual`], panel.engine.every[letter],
  )));
}

/** Return an edit that sets the recorded input, or a recorded state after every step. */
function forced(panel, letter, steps) {
  const [array, [layer, direction]] = [panel.arrays[letter], panel.engine.place];
  const after = letter !== "x" && direction === "forward" ? 1 : 0;
  const value = Array.from({ length: steps }, (_, step) => Array.from({ length: array.columns }, (_one, unit) => array.at(step + after, unit)));
  return { letter, value, steps: null, units: null, layer, direction };
}

/**
 * Return whether each single step of the recording follows from the step before it. Where it does, a
 * large difference comes from small ones that grow.
 */
function followsStepByStep(panel, engine, original) {
  const [layer, direction] = panel.engine.place;
  const run = engine.edit(original, ["x", ...panel.states].map((letter) => forced(panel, letter, original.steps)));
  const shown = shownArrays(panel, run);
  const steps = [...Array(original.steps).keys()];
  const gates = panel.gates.every(({ letter }) => differenceOf(panel.arrays[letter], shown[letter]) < WRONG);
  const after = direction === "forward" ? 1 : 0;
  return gates && panel.states.every((letter) => {
    const array = panel.arrays[letter];
    const bound = WRONG * array.largest(1);
    return steps.every((step) => [...Array(array.columns).keys()].every((unit) => apart(
      run.replaced(layer, direction, letter, step, unit), array.at(step + after, unit), 0) < bound));
  });
}

/**
 * Compute a panel's recording again: {engine, original, difference}, or {problem}, a sentence that
 * says why not.
 */
export function recompute(panel) {
  if (!panel.engine) {
    return { problem: `Your browser can’t compute this cell again: its ${panel.weights.toLocaleString("en")} weights aren’t part of this player.` };
  }
  let engine;
  try {
    engine = engineOf(panel);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problem: `Your browser can’t compute this cell: ${error.message}.` };
  }
  const inputs = panel.arrays["network.x"] ?? panel.arrays.x;
  const original = engine.read(inputs);
  const { edits } = panel.engine; // those of the recording
  const difference = differenceFrom(panel, edits.length ? engine.edit(original, edits) : original);
  if (difference > EXACT && !(Number.isFinite(difference) && followsStepByStep(panel, engine, original))) { // an edited recording doesn't follow step by step
    return { problem: "Your browser gets other numbers from these weights, so the recording can’t be edited here." };
  }
  return { engine, original, difference: panel.engine.example ?? difference }; // typed inputs and moved sliders have no recording to compare with
}

/** Write 3.1e-7 as 3·10⁻⁷. */
function power(value) {
  const [digit, exponent] = value.toExponential(0).split("e");
  return `${digit}·10${[...exponent.replace("+", "")].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("")}`;
}

const ALONE = {
  size: (count) => `The other layers and directions aren’t part of this player: they have ${count.toLocaleString("en")} weights.`,
  dropout: () => "Dropout between the layers was on, so only the layer shown is computed.",
};

const WITHOUT_RECORDING = {
  typed: (match) => `Your browser computes these numbers from what you typed, with more digits than shown. On the example, they differ from PyTorch’s by at most ${match}.`,
  sliders: (match) => `Your browser computes these numbers from your sliders, with more digits than shown. PyTorch’s numbers follow. The last ones differed by at most ${match}.`,
  settings: (match) => `Your browser computes these numbers from these settings, with more digits than shown. On the recording in this page, they differ from PyTorch’s by at most ${match}.`,
};

/** Return one or two sentences on what was computed and how well it agrees. */
export function engineSentence(panel, { problem, difference }) {
  if (problem) return problem;
  const { alone, missing } = panel.engine;
  const limits = alone ? ` ${ALONE[alone](missing)}` : "";
  if ("example" in panel.engine) return WITHOUT_RECORDING[panel.engine.from](power(difference)) + limits;
  if (difference === 0) return `Your browser computes these numbers, with more digits than shown. They equal PyTorch’s.${limits}`;
  if (difference <= EXACT) return `Your browser computes these numbers, with more digits than shown. They differ from PyTorch’s by at most ${power(difference)}.${limits}`;
  return `Your browser computes these numbers, with more digits than shown. They differ from PyTorch’s by up to ${power(difference)}: small rounding differences grow in this network. Edits are compared with your browser’s own run.${limits}`;
}
