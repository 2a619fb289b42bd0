/* Decode the payload of payload.py (safetensors bytes) into arrays. */

import { describeLanes } from "./describe.js";

/** A recorded array (rows, columns), read with at(row, column). */
class RecordedArray {
  /** `exponents` holds a power of two for each row of a gradient, which spans more than float32. */
  constructor(data, shape, scale, exponents) {
    [this.rows, this.columns] = [shape[0], shape.length > 1 ? shape[1] : 1];
    Object.assign(this, { data, scale, factors: exponents?.map((power) => 2 ** power) });
  }

  at(row, column = 0) {
    const value = this.data[row * this.columns + column] * this.scale;
    return this.factors ? value * this.factors[row] : value;
  }

  /** Return the largest finite magnitude, at least `floor`. */
  largest(floor = 0) {
    let most = floor;
    for (let row = 0; row < this.rows; row += 1) {
      for (let column = 0; column < this.columns; column += 1) {
        const size = Math.abs(this.at(row, column));
        if (size > most && Number.isFinite(size)) most = size;
      }
    }
    return most;
  }

  every(test) {
    return this.data.every((value) => test(value * this.scale));
  }
}

export function decodePayload(bytes) {
  const size = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size)));
  const model = JSON.parse(header.__metadata__.player);
  model.shared = model.panels.every((panel) => !panel.labels); // else each has its own time axis
  model.panels.forEach((panel, index) => {
    panel.labels ??= model.labels;
    panel.text ??= model.text;
    for (const [name, scale] of Object.entries(panel.arrays)) {
      const { dtype, shape, data_offsets: [from, to] } = header[`${index}.${name}`];
      const { buffer } = bytes.slice(8 + size + from, 8 + size + to); // a copy, so aligned
      const data = dtype === "I16" ? new Int16Array(buffer) : new Float32Array(buffer);
      panel.arrays[name] = new RecordedArray(data, shape, scale, panel.exponents[name]);
    }
    panel.projected = panel.equations.some(([target]) => target === "m");
    panel.spelled = panel.text && isOneHot(panel.arrays.x);
  });
  describeLanes(model);
  return model;
}

/** Return whether a panel reads one-hot characters. A second layer reads the h of the first. */
function isOneHot(x) {
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

/** Return what must be equal for new data to replace the old in the same elements. */
function shapeOf({ steps, shared, panels }) {
  return JSON.stringify([steps, shared, panels.map((panel) => [
    panel.cell, panel.direction, panel.hidden, panel.features, panel.labels, panel.text, panel.spelled,
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
