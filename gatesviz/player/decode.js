/* The payload of payload.py (safetensors bytes) back into arrays. */

/** One recorded array: (rows, columns), read with at(row, column). */
class RecordedArray {
  constructor(data, shape, scale) {
    [this.rows, this.columns] = [shape[0], shape.length > 1 ? shape[1] : 1];
    this.data = data;
    this.scale = scale;
  }

  at(row, column = 0) {
    return this.data[row * this.columns + column] * this.scale;
  }

  /** The largest magnitude, at least `floor`; what is not finite does not count. */
  largest(floor = 0) {
    let most = floor;
    for (const value of this.data) {
      const size = Math.abs(value * this.scale);
      if (size > most && Number.isFinite(size)) most = size;
    }
    return most;
  }
}

export function decodePayload(bytes) {
  const size = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size)));
  const model = JSON.parse(header.__metadata__.player);
  model.panels.forEach((panel, index) => {
    for (const [name, scale] of Object.entries(panel.arrays)) {
      const { dtype, shape, data_offsets: [from, to] } = header[`${index}.${name}`];
      const { buffer } = bytes.slice(8 + size + from, 8 + size + to); // a copy, so aligned
      const data = dtype === "I16" ? new Int16Array(buffer) : new Float32Array(buffer);
      panel.arrays[name] = new RecordedArray(data, shape, scale);
    }
    panel.projected = panel.equations.some(([target]) => target === "m");
    panel.spelled = model.text && isOneHot(panel.arrays.x);
    panel.lanes = describeLanes(model, panel);
  });
  return model;
}

/** Whether a panel reads the characters themselves: a second layer reads the first one's h. */
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

/** The lanes in the order in which data flows: x, then each equation's target. */
function describeLanes(model, panel) {
  const after = panel.direction === "forward" ? 1 : 0;
  const lanes = [{ letter: "x", name: "input", low: -1, high: 1, signed: true, offset: 0 }];
  lanes[0].array = panel.arrays.x;
  lanes[0].high = panel.arrays.x.largest(1e-9);
  lanes[0].low = -lanes[0].high;
  for (const [target] of panel.equations) {
    const letter = target.replace("'", "");
    const array = panel.arrays[letter];
    if (!array) continue;
    const gate = panel.gates.find((one) => one.letter === letter);
    const bounded = letter === "h" && panel.cell !== "rnn_relu"; // but for a given first state, or a projection
    const high = gate ? gate.high : array.largest(bounded ? 1 : 1e-3);
    lanes.push({
      letter, array, high,
      name: gate ? gate.name : letter === "c" ? "cell state" : "hidden state",
      meaning: gate ? gate.meaning : "",
      low: gate ? gate.low : -high,
      signed: !gate || gate.low < 0,
      offset: gate ? 0 : after,
    });
  }
  if (panel.arrays.y) {
    const probability = Array.prototype.every.call(panel.arrays.y.data, (value) => value >= 0);
    const high = Math.max(1, panel.arrays.y.largest());
    lanes.push({
      letter: "y", array: panel.arrays.y, name: "answer", meaning: panel.answers.question,
      low: probability ? 0 : -high, high, signed: !probability, offset: 0,
    });
  }
  return lanes;
}
