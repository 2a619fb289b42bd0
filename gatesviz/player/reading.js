/* Read typed text or numbers with the networks of a player, in the browser. */

import { RecordedArray } from "./arrays.js";
import { describeLanes } from "./describe.js";
import { visible } from "./dom.js";
import { recompute, shownArrays } from "./recomputed.js";

let readings = 0;

/** A player's model whose networks can read other inputs. The recorded example stays as it is. */
export class Reader {
  constructor(model) {
    this.model = model;
    this.networks = model.panels.map((panel) => recompute(panel));
    this.problem = this.networks.map(({ problem }) => problem).find(Boolean) ?? null;
  }

  /** Return the model of a player that shows what the networks compute from `rows`, T lists of I numbers. */
  read(rows, names, { text = false, step = 0, from = "typed" } = {}) {
    const { model, networks } = this;
    const labels = names.map(visible);
    const inputs = new RecordedArray(Float64Array.from(rows.flat()), [rows.length, rows[0].length], 1);
    const panels = model.panels.map((panel, index) => this.readPanel(panel, networks[index], inputs, labels, { text, from }));
    readings += 1;
    const read = { ...model, id: `typed ${readings}`, steps: rows.length, labels, text, panels, select: { ...model.select, step, playing: false } };
    describeLanes(read);
    return read;
  }

  readPanel(panel, { engine, difference }, inputs, labels, { text, from }) {
    const run = engine.read(inputs);
    const arrays = Object.fromEntries(Object.entries(panel.arrays).filter(([name]) => !/residual$|^target$|^d[ch]$/.test(name)));
    Object.assign(arrays, { x: inputs, ...shownArrays(panel, run) });
    if (arrays["network.x"]) arrays["network.x"] = inputs;
    return {
      ...panel, labels, text, arrays, gradients: [], exponents: {}, spelled: text && panel.spelled,
      engine: { ...panel.engine, every: {}, edits: [], example: difference, from },
    };
  }
}
