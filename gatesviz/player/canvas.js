/* Canvases as sharp as the screen, and values as pixels. */

import { lanePixels } from "./colours.js";
import { makeElement } from "./dom.js";

/** Size a canvas to its box in device pixels and clear it. Return its context in CSS pixels, or null when hidden. */
export function canvasContext(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !height) return null;
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext("2d");
  if (canvas.width === across && canvas.height === down && context.reset) context.reset(); // cheaper than another size
  else Object.assign(canvas, { width: across, height: down });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return Object.assign(context, { cssWidth: width, cssHeight: height });
}

/**
 * Return a lane's values as an image, one pixel each: steps across, units down in the given order.
 * An earlier image of the lane is painted over.
 */
export function paintValues(lane, steps, order, earlier = null) {
  const image = new ImageData(steps, order.length);
  const pixels = new Uint32Array(image.data.buffer);
  const colour = lanePixels(lane);
  order.forEach((unit, row) => {
    for (let t = 0; t < steps; t += 1) pixels[row * steps + t] = colour(lane.array.at(t + lane.offset, unit));
  });
  const canvas = earlier ?? makeElement("canvas");
  if (canvas.width !== steps || canvas.height !== order.length) Object.assign(canvas, { width: steps, height: order.length });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
