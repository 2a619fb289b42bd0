/* Save as video: what the player shows, painted on one canvas while it plays, as a WebM or a GIF file. */

import { handOver, makeElement } from "./dom.js";
import { Gif } from "./gif.js";
import { paintLanes, paintWorking } from "./painting.js";

const [FRAMES, HOLD] = [30, 500]; // frames a second; ms for which the last step stays
const [SLICE, FIRST_FRAME] = [100, 2000]; // ms of a part of the film, and until the player plays anyway
const [HEADER, GAP] = [40, 12]; // pixels of the page
const LARGEST = { webm: [1920, 1600, 2], gif: [1100, 1000, 1] }; // pixels of a film across and down, and its scale
const BITS = 6_000_000; // a second
const TYPES = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];
const [SHORTEST, LONGEST_FRAME] = [2, 100]; // hundredths of a second of a frame, and of the last one
export const NO_VIDEO = "This browser can’t save videos. Chrome, Edge and Firefox can. Save a GIF.";

/** Return the kind of video that this browser can record, or "". */
export function videoType() {
  if (typeof MediaRecorder === "undefined" || !HTMLCanvasElement.prototype.captureStream) return "";
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
}

/** Return where each column is in the film, and the size of the film in pixels of the page. */
function placesOf(columns, whole) {
  const boxes = columns.map(({ lanes, element }) => (whole ? element : lanes.element).getBoundingClientRect());
  const stacked = boxes.length > 1 && boxes[1].left === boxes[0].left;
  let [x, y, width, height] = [GAP, 0, 0, 0];
  const places = boxes.map((box) => {
    const place = { box, x, y: y + HEADER };
    if (stacked) y += box.height + HEADER;
    else x += box.width + GAP;
    [width, height] = [Math.max(width, place.x + box.width + GAP), Math.max(height, place.y + box.height + GAP)];
    return place;
  });
  return { places, width, height };
}

/** A canvas with what the player shows now. `scene()` returns the player's elements; `whole` adds the diagram and the equations. */
class FilmCanvas {
  constructor(scene, whole, [wide, high, sharpest]) {
    Object.assign(this, { scene, whole, canvas: makeElement("canvas") });
    const { width, height } = placesOf(scene().columns, whole);
    this.scale = Math.min(sharpest, wide / width, high / height);
    const even = (size) => 2 * Math.round((size * this.scale) / 2); // codecs need it
    Object.assign(this.canvas, { width: even(width), height: even(height) });
    this.context = this.canvas.getContext("2d", { alpha: false, willReadFrequently: sharpest === 1 });
    this.paint();
  }

  paint() {
    const [scene, { context, canvas, scale, whole }] = [this.scene(), this];
    const style = scene.style();
    const { places } = placesOf(scene.columns, whole);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = style.surface;
    context.fillRect(0, 0, canvas.width, canvas.height);
    places.forEach(({ box, x, y }, k) => {
      const column = scene.columns[k];
      context.setTransform(scale, 0, 0, scale, x * scale, y * scale);
      Object.assign(context, { font: `700 19px ${style.font}`, fillStyle: style.text, textAlign: "left", textBaseline: "middle" });
      context.fillText(this.heading(scene, column, k), 0, -HEADER / 2, box.width);
      if (whole) paintWorking(context, column, box);
      paintLanes(context, column, box, style);
    });
  }

  heading(scene, column, k) {
    const unit = column.panel.hidden > 1 ? ` · unit ${scene.state.units[k]}` : "";
    return `${column.panel.title}${unit} · ${scene.toolbar.readout.textContent}`;
  }
}

/** A WebM film of a player. `begin()` lets it play once the first frames are in the film; `ended(message)` hears when the file is there. */
export class Film {
  constructor(scene, whole, ended, begin) {
    Object.assign(this, { ended, begin, picture: new FilmCanvas(scene, whole, LARGEST.webm), parts: [] });
    this.recorder = new MediaRecorder(this.picture.canvas.captureStream(FRAMES), { mimeType: videoType(), videoBitsPerSecond: BITS });
    this.recorder.addEventListener("dataavailable", ({ data }) => this.take(data));
    this.recorder.addEventListener("stop", () => this.save());
    this.recorder.addEventListener("error", () => this.recorder.stop());
    this.recorder.start(SLICE);
    this.waiting = setTimeout(() => this.play(), FIRST_FRAME);
    this.tick = this.tick.bind(this);
    this.frame = requestAnimationFrame(this.tick);
  }

  take(data) {
    if (!data.size) return;
    this.parts.push(data);
    this.play();
  }

  /** Let the player play, once. Before the recorder has a frame, which takes a while on a busy machine, steps would be missing. */
  play() {
    if (!this.waiting) return;
    this.stopWaiting();
    this.begin();
  }

  stopWaiting() {
    clearTimeout(this.waiting);
    this.waiting = 0;
  }

  tick(now) {
    if (!(now - this.last < 900 / FRAMES)) { // a screen draws more often than a film
      this.last = now;
      this.picture.paint();
    }
    this.frame = requestAnimationFrame(this.tick);
  }

  /** Stop filming a moment after the last step. */
  finish() {
    if (this.finishing) return;
    this.stopWaiting();
    this.finishing = setTimeout(() => this.recorder.stop(), HOLD);
  }

  /** Stop filming without a file. */
  drop() {
    clearTimeout(this.finishing);
    this.stopWaiting();
    this.dropped = true;
    if (this.recorder.state !== "inactive") this.recorder.stop();
  }

  save() {
    cancelAnimationFrame(this.frame);
    this.stopWaiting();
    for (const track of this.recorder.stream.getTracks()) track.stop();
    if (this.dropped) return;
    if (this.parts.length) handOver(new Blob(this.parts, { type: "video/webm" }), "gatesviz-player.webm");
    this.ended(this.parts.length ? "" : "The video has no frames. Press again.");
  }
}

/** A GIF with one frame for each step, as fast as the player's speed. `next()` goes one step on and returns whether there was one. */
export class GifFilm {
  constructor(scene, whole, ended, { next, speed }) {
    const picture = new FilmCanvas(scene, whole, LARGEST.gif);
    const { width, height } = picture.canvas;
    Object.assign(this, { ended, picture, next, gif: new Gif(width, height), delay: Math.max(SHORTEST, Math.round(100 / speed)) });
    this.tick = this.tick.bind(this);
    this.frame = requestAnimationFrame(this.tick);
  }

  tick() {
    const { context, canvas: { width, height } } = this.picture;
    this.picture.paint();
    const image = context.getImageData(0, 0, width, height);
    const last = this.finishing || !this.next();
    this.gif.add(image, last ? LONGEST_FRAME : this.delay);
    if (last) this.save();
    else this.frame = requestAnimationFrame(this.tick);
  }

  finish() {
    this.finishing = true;
  }

  drop() {
    cancelAnimationFrame(this.frame);
  }

  save() {
    handOver(this.gif.blob(), "gatesviz-player.gif");
    this.ended("");
  }
}
