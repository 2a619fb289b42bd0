/* Canvases as sharp as the screen, and values as pixels. */

import { laneColour } from "./colours.js";
import { makeElement } from "./dom.js";

/** Size a canvas to its box in device pixels. Return its context in CSS pixels, or null when hidden. */
export function canvasContext(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !height) return null;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return Object.assign(context, { cssWidth: width, cssHeight: height });
}

/** Return a lane's values as an image, one pixel each: steps across, units down in the given order. */
export function paintValues(lane, steps, order) {
  const image = new ImageData(steps, order.length);
  order.forEach((unit, row) => {
    for (let t = 0; t < steps; t += 1) {
      image.data.set(laneColour(lane.array.at(t + lane.offset, unit), lane), 4 * (row * steps + t));
    }
  });
  const canvas = makeElement("canvas", { width: steps, height: order.length });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
