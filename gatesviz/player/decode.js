/* Decode the payload of payload.py (safetensors bytes) into arrays. */

import { RecordedArray } from "./arrays.js";
import { describeLanes } from "./describe.js";
import { visible } from "./dom.js";
import { isOneHot } from "./spelling.js";

const STORED = { I8: Int8Array, I16: Int16Array, F32: Float32Array };

export function decodePayload(bytes) {
  const size = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size)));
  const model = JSON.parse(header.__metadata__.player);
  model.shared = model.panels.every((panel) => !panel.labels); // else each has its own time axis
  model.labels = model.labels.map(visible);
  model.panels.forEach((panel, index) => {
    panel.labels = panel.labels?.map(visible) ?? model.labels;
    panel.features &&= panel.features.map(visible);
    if (panel.answers) panel.answers.names = panel.answers.names.map(visible);
    panel.text ??= model.text;
    panel.words ??= model.words ?? false;
    panel.written ??= model.written ?? null;
    for (const [name, scale] of Object.entries(panel.arrays)) {
      const { dtype, shape, data_offsets: [from, to] } = header[`${index}.${name}`];
      const { buffer } = bytes.slice(8 + size + from, 8 + size + to); // a copy, so aligned
      const data = new STORED[dtype](buffer);
      panel.arrays[name] = new RecordedArray(data, shape, scale, panel.exponents[name]);
    }
    panel.projected = panel.equations.some(([target]) => target === "m");
    panel.spelled = panel.text && isOneHot(panel.arrays.x);
  });
  describeLanes(model);
  return model;
}

/** Return what must be equal for new data to replace the old in the same elements. */
function shapeOf({ steps, shared, panels }) {
  return JSON.stringify([steps, shared, panels.map((panel) => [
    panel.cell, panel.direction, panel.hidden, panel.features, panel.labels, panel.text, panel.words, panel.written?.first, panel.spelled,
    panel.equations, panel.answers?.names, panel.answers?.kind, panel.weights,
    panel.lanes.map((lane) => lane.letter),
    Object.entries(panel.arrays).map(([name, { rows, columns }]) => [name, rows, columns]),
  ])]);
}

/** Copy `fresh` into `model`, whose panels and lanes stay the same objects. Return false if the shapes differ. */
export function adopt(model, fresh) {
  if (shapeOf(model) !== shapeOf(fresh)) return false;
  model.panels.forEach((panel, index) => {
    const { lanes, ...rest } = fresh.panels[index];
    Object.assign(panel, rest);
    panel.lanes.forEach((lane, place) => Object.assign(lane, lanes[place]));
  });
  Object.assign(model, { id: fresh.id, select: fresh.select, gradients: fresh.gradients });
  return true;
}
