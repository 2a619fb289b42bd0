/* Paint what the player shows on one canvas: its lanes, its diagram, its sentences and equations. */

import { laneCss } from "./colours.js";

const STOPS = 24; // colours of a legend
const LEFT_OUT = ".gv-check, .gv-note, title"; // a film has no buttons, and titles are for the pointer

/** Return a box relative to another one. */
const within = (box, whole) => [box.left - whole.left, box.top - whole.top, box.width, box.height];

/** Return whether an element is drawn on the page. */
const seen = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";

/** Return how a text is written: in an SVG its size and colours follow other rules. */
function inkOf(element, style) {
  if (!(element instanceof SVGElement)) return { size: parseFloat(style.fontSize) * (element.currentCSSZoom ?? 1), colour: style.color, halo: null };
  const { a: scale } = element.getScreenCTM();
  const halo = style.paintOrder.startsWith("stroke") && style.stroke !== "none";
  return { size: parseFloat(style.fontSize) * scale, colour: style.fill, halo: halo ? { strokeStyle: style.stroke, lineWidth: parseFloat(style.strokeWidth) * scale, lineJoin: "round" } : null };
}

function paintText(context, element, whole) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (!node.data.trim() || !seen(parent) || parent.closest(LEFT_OUT)) continue;
    const style = getComputedStyle(parent);
    const { size, colour, halo } = inkOf(parent, style);
    context.fillStyle = style.backgroundColor; // transparent for most
    if (!(parent instanceof SVGElement)) context.fillRect(...within(parent.getBoundingClientRect(), whole));
    Object.assign(context, { font: `${style.fontStyle} ${style.fontWeight} ${size}px ${style.fontFamily}`, fillStyle: colour, textAlign: "left", textBaseline: "middle" });
    for (const word of node.data.matchAll(/\S+/g)) { // a line breaks only between words
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const [left, top, width, height] = within(range.getBoundingClientRect(), whole);
      if (halo) Object.assign(context, halo).strokeText(word[0], left, top + height / 2, Math.max(1, width));
      context.fillText(word[0], left, top + height / 2, Math.max(1, width));
    }
  }
}

/** Paint the backgrounds and the borders of the elements in `element`. */
function paintBoxes(context, element, whole) {
  for (const one of element.querySelectorAll("*")) {
    if (one instanceof SVGElement || !seen(one) || one.closest(LEFT_OUT)) continue;
    const style = getComputedStyle(one);
    const [left, top, width, height] = within(one.getBoundingClientRect(), whole);
    context.fillStyle = style.backgroundColor; // transparent for most
    context.fillRect(left, top, width, height);
    const [above, right, below, before] = ["Top", "Right", "Bottom", "Left"].map((side) => parseFloat(style[`border${side}Width`]));
    const edges = [["Top", left, top, width, above], ["Bottom", left, top + height - below, width, below], ["Left", left, top, before, height], ["Right", left + width - right, top, right, height]];
    for (const [side, ...edge] of edges) {
      context.fillStyle = style[`border${side}Color`];
      context.fillRect(...edge);
    }
  }
}

/** Return the outline of a shape of an SVG. */
function outlineOf(shape) {
  if (shape.tagName === "path") return new Path2D(shape.getAttribute("d"));
  const path = new Path2D();
  const length = (name) => shape[name].baseVal.value;
  if (shape.tagName === "circle") path.arc(length("cx"), length("cy"), length("r"), 0, 2 * Math.PI);
  else path.roundRect(length("x"), length("y"), length("width"), length("height"), length("rx"));
  return path;
}

/** Paint the shapes of an SVG, in their order. */
function paintShapes(context, svg, whole) {
  for (const shape of svg.querySelectorAll("path, rect, circle")) {
    if (!seen(shape)) continue;
    const [style, { a, b, c, d, e, f }] = [getComputedStyle(shape), shape.getScreenCTM()];
    const path = outlineOf(shape);
    context.save();
    context.translate(-whole.left, -whole.top);
    context.transform(a, b, c, d, e, f);
    if (style.fill !== "none") {
      Object.assign(context, { fillStyle: style.fill, globalAlpha: Number(style.fillOpacity) * Number(style.opacity) });
      context.fill(path);
    }
    if (style.stroke !== "none") {
      Object.assign(context, { strokeStyle: style.stroke, lineWidth: parseFloat(style.strokeWidth), lineJoin: style.strokeLinejoin, globalAlpha: Number(style.strokeOpacity) * Number(style.opacity) });
      context.stroke(path);
    }
    context.restore();
  }
}

/** Paint the diagram, the sentences and the equations of a column. */
export function paintWorking(context, { diagram, working }, whole) {
  paintBoxes(context, working, whole);
  paintShapes(context, diagram.element, whole);
  paintText(context, working, whole);
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
export function paintLanes(context, { lanes, element }, whole, style) {
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
  if (!lanes.frame.element.hidden) {
    Object.assign(context, { strokeStyle: style.accent, lineWidth: 3 });
    context.strokeRect(...within(lanes.frame.element.getBoundingClientRect(), whole));
  }
  paintText(context, lanes.element, whole);
  if (!lanes.cover.hidden) {
    context.fillStyle = style.surface;
    context.fillRect(...within(lanes.cover.getBoundingClientRect(), whole));
  }
}
