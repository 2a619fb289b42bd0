/* Save as video: the lanes of the player, painted on one canvas while it plays, as a WebM file. */

import { laneCss } from "./colours.js";
import { handOver, makeElement } from "./dom.js";

const [FRAMES, HOLD] = [30, 500]; // frames a second; ms for which the last step stays
const [WIDE, SHARPEST, HEADER, GAP] = [1920, 2, 40, 12]; // pixels of the film, its scale, pixels of the page
const BITS = 6_000_000; // a second
const TYPES = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];
const STOPS = 24; // colours of a legend
const NAME = "gatesviz-player.webm";
export const NO_VIDEO = "This browser can’t save videos. Chrome, Edge and Firefox can.";

/** Return the kind of video that this browser can record, or "". */
export function videoType() {
  if (typeof MediaRecorder === "undefined" || !HTMLCanvasElement.prototype.captureStream) return "";
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
}

/** Return a box relative to another one. */
const within = (box, whole) => [box.left - whole.left, box.top - whole.top, box.width, box.height];

/** Return whether an element is drawn on the page. */
const seen = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";

function paintText(context, element, whole) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.trim() || !seen(node.parentElement)) continue;
    const { backgroundColor, color, fontStyle, fontWeight, fontSize, fontFamily } = getComputedStyle(node.parentElement);
    context.fillStyle = backgroundColor; // transparent for most
    context.fillRect(...within(node.parentElement.getBoundingClientRect(), whole));
    Object.assign(context, { font: `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`, fillStyle: color, textAlign: "left", textBaseline: "middle" });
    for (const word of node.data.matchAll(/\S+/g)) { // a line breaks only between words
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const [left, top, width, height] = within(range.getBoundingClientRect(), whole);
      context.fillText(word[0], left, top + height / 2, Math.max(1, width));
    }
  }
}

function paintLegend(context, { lane, legend }, whole) {
  const bar = legend.querySelector("i");
  if (!bar || !seen(bar)) return;
  const [left, top, width, height] = within(bar.getBoundingClientRect(), whole);
  for (let k = 0; k < STOPS; k += 1) {
    context.fillStyle = laneCss(lane.low + ((lane.high - lane.low) * k) / (STOPS - 1), lane);
    context.fillRect(left + (k * width) / STOPS, top, width / STOPS + 0.5, height);
  }
}

/** Paint the lanes of one column: its canvases, texts, legends, marks and cursor. */
function paintLanes(context, { lanes, element }, whole, style) {
  for (const canvas of element.querySelectorAll(".gv-lanes canvas")) {
    if (canvas.width && seen(canvas)) context.drawImage(canvas, ...within(canvas.getBoundingClientRect(), whole));
  }
  for (const lane of lanes.lanes) {
    if (!seen(lane.element)) continue;
    paintLegend(context, lane, whole);
    const [left, top, width, height] = within(lane.label.firstChild.getBoundingClientRect(), whole);
    context.fillStyle = getComputedStyle(lane.label.firstChild).borderBottomColor; // the colour of the gate
    context.fillRect(left, top + height - 4, width, 4);
    if (!lane.mark.hidden && seen(lane.mark)) {
      Object.assign(context, { strokeStyle: style.text, lineWidth: 2 });
      context.strokeRect(...within(lane.mark.getBoundingClientRect(), whole));
    }
  }
  Object.assign(context, { strokeStyle: style.text, lineWidth: 3 });
  context.strokeRect(...within(lanes.cursor.getBoundingClientRect(), whole));
  paintText(context, lanes.element, whole);
  if (!lanes.cover.hidden) {
    context.fillStyle = style.surface;
    context.fillRect(...within(lanes.cover.getBoundingClientRect(), whole));
  }
}

/** Return where the lanes of each column are in the film, and its size in pixels of the page. */
function placesOf(columns) {
  const boxes = columns.map(({ lanes }) => lanes.element.getBoundingClientRect());
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

/** A film of a player. `scene()` returns what is filmed now, `ended(message)` hears when the file is there. */
export class Film {
  constructor(scene, ended) {
    Object.assign(this, { scene, ended, canvas: makeElement("canvas"), parts: [] });
    const { width, height } = placesOf(scene().columns);
    this.scale = Math.min(SHARPEST, WIDE / width);
    const even = (size) => 2 * Math.round((size * this.scale) / 2); // codecs need it
    Object.assign(this.canvas, { width: even(width), height: even(height) });
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.paint();
    this.recorder = new MediaRecorder(this.canvas.captureStream(FRAMES), { mimeType: videoType(), videoBitsPerSecond: BITS });
    this.recorder.addEventListener("dataavailable", ({ data }) => { if (data.size) this.parts.push(data); });
    this.recorder.addEventListener("stop", () => this.save());
    this.recorder.addEventListener("error", () => this.recorder.stop());
    this.recorder.start();
    this.tick = this.tick.bind(this);
    this.frame = requestAnimationFrame(this.tick);
  }

  tick(now) {
    if (!(now - this.last < 900 / FRAMES)) { // a screen draws more often than a film
      this.last = now;
      this.paint();
    }
    this.frame = requestAnimationFrame(this.tick);
  }

  paint() {
    const [scene, { context, canvas, scale }] = [this.scene(), this];
    const style = scene.style();
    const { places } = placesOf(scene.columns);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = style.surface;
    context.fillRect(0, 0, canvas.width, canvas.height);
    places.forEach(({ box, x, y }, k) => {
      const column = scene.columns[k];
      context.setTransform(scale, 0, 0, scale, x * scale, y * scale);
      Object.assign(context, { font: `700 19px ${style.font}`, fillStyle: style.text, textAlign: "left", textBaseline: "middle" });
      context.fillText(this.heading(scene, column, k), 0, -HEADER / 2, box.width);
      paintLanes(context, column, box, style);
    });
  }

  heading(scene, column, k) {
    const unit = column.panel.hidden > 1 ? ` · unit ${scene.state.units[k]}` : "";
    return `${column.panel.title}${unit} · ${scene.toolbar.readout.textContent}`;
  }

  /** Stop filming a moment after the last step. */
  finish() {
    if (this.finishing) return;
    this.finishing = setTimeout(() => this.recorder.stop(), HOLD);
  }

  /** Stop filming without a file. */
  drop() {
    clearTimeout(this.finishing);
    this.dropped = true;
    if (this.recorder.state !== "inactive") this.recorder.stop();
  }

  save() {
    cancelAnimationFrame(this.frame);
    for (const track of this.recorder.stream.getTracks()) track.stop();
    if (this.dropped) return;
    if (this.parts.length) handOver(new Blob(this.parts, { type: "video/webm" }), NAME);
    this.ended(this.parts.length ? "" : "The video has no frames. Press again.");
  }
}
