/* A pad to draw a line on with a pointer or with keys: one height for each point. */

import { makeElement, makeShape, setText } from "./dom.js";

const ROOM = 1.08; // the pad reaches a little beyond -1 and 1, so that a line there isn't cut
const NUDGE = 0.1; // by one press of an arrow key
const REST = 250; // ms without a key before the line is reported

const between = (low, value, high) => Math.max(low, Math.min(high, value));
const hundredths = (height) => Math.round(100 * between(-1, height, 1)) / 100 || 0; // no -0
const written = (height) => height.toFixed(2).replace("-", "−");

class Sketch {
  constructor(root, { labels = ["1", "0", "−1"], rest = 0 }) {
    Object.assign(this, { root, rest, heights: [], place: 0, pointer: null, drawing: 0, waiting: 0, changed: false });
    this.draw = this.draw.bind(this);
    this.report = this.report.bind(this);
    this.zero = makeShape("line", { class: "gv-sketch-zero", y1: 0, y2: 0 });
    this.line = makeShape("polyline", { class: "gv-sketch-line" });
    this.picture = makeShape("svg", { preserveAspectRatio: "none", "aria-hidden": "true" }, this.zero, this.line);
    this.mark = makeElement("i", { class: "gv-sketch-mark" });
    this.pad = makeElement("div", {
      class: "gv-sketch-pad", tabindex: 0, role: "slider", "aria-orientation": "vertical", "aria-valuemin": -1, "aria-valuemax": 1,
      "aria-label": "Drawn line. Left and right arrows choose a point, up and down change its height.",
      onpointerdown: (event) => this.begin(event), onpointermove: (event) => this.follow(event),
      onpointerup: (event) => this.end(event), onpointercancel: (event) => this.end(event),
      onlostpointercapture: (event) => this.end(event),
      onkeydown: (event) => this.press(event), onblur: this.report,
    }, this.picture, this.mark);
    this.readout = makeElement("span", { class: "gv-sketch-readout" }, "Draw with the mouse or a finger");
    const clear = makeElement("button", { type: "button", title: `Reset to a flat line at ${labels[1 - rest]}`, onclick: () => this.clear() }, "Clear");
    const axis = makeElement("div", { class: "gv-sketch-axis", "aria-hidden": "true" }, ...labels.map((text) => makeElement("span", {}, text)));
    root.replaceChildren(axis, this.pad, makeElement("div", { class: "gv-sketch-foot" }, this.readout, clear));
  }

  /**
   * Take a line from the host. The same line again changes nothing that was drawn since.
   * A new pad takes the line drawn last: a host can build the pad again without sending another line.
   */
  take(line, drawn) {
    const given = line.join();
    if (given === this.given) return;
    const heights = this.given === undefined ? drawn : line;
    this.given = given;
    this.heights = heights.map(hundredths);
    this.place = between(0, this.place, heights.length - 1);
    const last = heights.length - 1;
    this.picture.setAttribute("viewBox", `-0.5 ${-ROOM} ${heights.length} ${2 * ROOM}`);
    this.zero.setAttribute("x1", -0.5);
    this.zero.setAttribute("x2", last + 0.5);
    this.draw();
  }

  draw() {
    this.drawing = 0;
    const { heights, place } = this;
    this.line.setAttribute("points", heights.map((height, index) => `${index},${-height}`).join(" "));
    this.mark.style.left = `${(100 * (place + 0.5)) / heights.length}%`;
    this.mark.style.top = `${50 * (1 - heights[place] / ROOM)}%`;
    const text = this.describe?.(place, heights[place]) ?? `point ${place + 1} of ${heights.length}, height ${written(heights[place])}`;
    this.pad.setAttribute("aria-valuenow", heights[place]);
    this.pad.setAttribute("aria-valuetext", text);
    if (this.touched) setText(this.readout, text);
  }

  /** Draw in the next frame, once for all moves that come before it. */
  drawSoon() {
    this.touched = true;
    this.drawing ||= requestAnimationFrame(this.draw);
  }

  spot(event) {
    const box = this.pad.getBoundingClientRect();
    const place = Math.floor(((event.clientX - box.left) / box.width) * this.heights.length);
    const height = hundredths((1 - (2 * (event.clientY - box.top)) / box.height) * ROOM);
    return { place: between(0, place, this.heights.length - 1), height };
  }

  begin(event) {
    if (event.button !== 0 || this.pointer !== null) return;
    this.pointer = event.pointerId;
    this.pad.setPointerCapture(event.pointerId);
    this.last = this.spot(event);
    this.reach(this.last);
  }

  follow(event) {
    if (event.pointerId !== this.pointer) return;
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) this.reach(this.spot(move));
  }

  /** Fill the points that a quick move skips with a straight line. */
  reach({ place, height }) {
    const { last } = this;
    const way = Math.sign(place - last.place);
    for (let k = last.place + way; k !== place && way; k += way) {
      this.heights[k] = hundredths(last.height + ((height - last.height) * (k - last.place)) / (place - last.place));
    }
    this.heights[place] = height;
    Object.assign(this, { place, last: { place, height }, changed: true });
    this.drawSoon();
  }

  end(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.report();
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.heights.length - 1;
    const places = { ArrowLeft: this.place - 1, ArrowRight: this.place + 1, Home: 0, End: last };
    const nudge = { ArrowUp: NUDGE, ArrowDown: -NUDGE }[event.key];
    if (!nudge && !(event.key in places)) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.pointer !== null) return;
    if (nudge) this.raise(nudge);
    else this.place = between(0, places[event.key], last);
    this.drawSoon();
  }

  raise(by) {
    this.heights[this.place] = hundredths(this.heights[this.place] + by);
    this.changed = true;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(this.report, REST);
  }

  clear() {
    this.heights.fill(this.rest);
    this.changed = true;
    this.drawSoon();
    this.report();
  }

  report() {
    clearTimeout(this.waiting);
    if (!this.changed || this.pointer !== null) return;
    this.changed = false;
    this.send([...this.heights]);
  }

  stop() {
    clearTimeout(this.waiting);
    cancelAnimationFrame(this.drawing);
    this.drawing = 0;
  }
}

const SKETCHES = new WeakMap();

/**
 * Show a line under `root`; `send` gets the heights whenever they have changed.
 * The data: `line`, the first one, and `drawn`, the one that was sent last.
 * Options: labels of the heights 1, 0 and -1; `rest`, the height of a cleared line, 0 or 1;
 * `describe`, a function that puts a point and its height into words.
 */
export function showSketch(root, { line, drawn }, send, options = {}) {
  root.classList.add("gv-sketch");
  if (!SKETCHES.has(root)) SKETCHES.set(root, new Sketch(root, options));
  const sketch = SKETCHES.get(root);
  Object.assign(sketch, { send, describe: options.describe });
  sketch.take(line, drawn);
}

/** Stop the pad under `root`; shown there again, it keeps its line. */
export function removeSketch(root) {
  SKETCHES.get(root)?.stop();
}
