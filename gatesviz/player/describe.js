/* The lanes of each panel and their ranges: gradients first, then in the order of the data flow. */

const DECADES = 8; // in a gradient's colour scale; smaller values stay blank

/** Give each panel its lanes. The gradients of all panels share one scale. */
export function describeLanes(model) {
  const arrays = model.panels.flatMap((panel) => panel.gradients.map((letter) => panel.arrays[`d${letter}`]));
  const most = Math.max(0, ...arrays.map((array) => array.largest()));
  const high = most > 0 ? 10 ** Math.ceil(Math.log10(most)) : 1;
  model.gradients = arrays.length ? { high, floor: high / 10 ** DECADES } : null;
  for (const panel of model.panels) {
    const input = { letter: "x", kind: "input", name: "input", array: panel.arrays.x, offset: 0, ...around(panel.arrays.x.largest(1e-9)) };
    panel.lanes = [...gradientLanes(panel, model), input, ...recordedLanes(panel), ...answerLane(panel)];
    for (const lane of panel.lanes) Object.assign(lane, { range: { low: lane.low, high: lane.high }, before: null });
  }
}

const around = (high) => ({ low: -high, high, signed: true });
const after = (panel) => (panel.direction === "forward" ? 1 : 0);

/** Return one lane for each equation's target. */
function recordedLanes(panel) {
  return panel.equations.flatMap(([target, expression]) => {
    const letter = target.replace("'", "");
    const array = panel.arrays[letter];
    if (!array) return [];
    const gate = panel.gates.find((one) => one.letter === letter);
    if (gate) {
      const { name, meaning, low, high } = gate;
      return [{ letter, array, kind: "units", name, meaning, low, high, signed: low < 0, offset: 0 }];
    }
    const bounded = letter === "h" && !expression.includes("relu("); // except for a given initial state or a projection
    const name = letter === "c" ? "cell state" : "hidden state";
    return [{ letter, array, kind: "units", name, meaning: "", offset: after(panel), ...around(array.largest(bounded ? 1 : 1e-3)) }];
  });
}

function gradientLanes(panel, model) {
  return panel.gradients.map((letter) => ({
    letter: `d${letter}`, sign: `∂${letter}`, array: panel.arrays[`d${letter}`], kind: "units",
    name: `gradient for ${letter}`, meaning: `∂L/∂${letter}: gradient of the loss with respect to ${letter} after the step`,
    offset: after(panel), floor: model.gradients.floor, ...around(model.gradients.high),
  }));
}

function answerLane(panel) {
  const { y, target } = panel.arrays;
  if (!y) return [];
  const positive = (array) => !array || array.every((value) => !(value < 0));
  const number = panel.answers.kind === "number";
  const signed = !positive(y) || (number && !positive(target));
  const high = Math.max(1, y.largest(), number && target ? target.largest() : 0);
  return [{
    letter: "y", sign: "ŷ", kind: "answer", array: y, name: "answer", meaning: panel.answers.question,
    low: signed ? -high : 0, high, signed, offset: 0,
  }];
}
