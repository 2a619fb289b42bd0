/* Download a chart of the page: Plotly's layers joined into one SVG, or painted as a PNG. */

import { handOver, makeElement, makeShape, setText } from "./dom.js";

const PNG_SCALE = 2;
const NOT_DRAWN = ".draglayer, .zoomlayer, .hoverlayer, .legendtoggle"; // layers for the pointer only
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu; // no escape can hold these
const GONE = "The chart isn't on the page. Show it, then press again.";
const FAILED = "This browser couldn't make the picture.";
const TITLES = {
  png: "Download a PNG at twice the size on screen, for slides and documents.",
  svg: "Download an SVG, which stays sharp and can be edited.",
};

/** Return the first visible chart under `key`, from which Streamlit makes a class in this way. */
function findChart(page, key) {
  const name = `st-key-${key.trim().replace(/[^a-zA-Z0-9_-]/g, "-")}`;
  const charts = [...page.getElementsByClassName(name)].flatMap((one) => [...one.querySelectorAll(".js-plotly-plot")]);
  return charts.find((chart) => chart.getClientRects().length && chart.querySelector("svg.main-svg"));
}

/** Return what WebGL has drawn as an image in the same place. */
function copyCanvas(chart, canvas) {
  const scene = chart._fullLayout?.[canvas.parentNode.id]?._scene; // draws once more: the canvas alone may be cleared
  const [box, whole] = [canvas, chart.querySelector(".svg-container")].map((one) => one.getBoundingClientRect());
  const href = scene ? scene.toImage("png") : canvas.toDataURL();
  return makeShape("image", { "xlink:href": href, x: box.left - whole.left, y: box.top - whole.top, width: box.width, height: box.height });
}

/** Join the layers of a chart, lowest first, into one SVG with its own fonts. */
function joinLayers(chart) {
  const [lowest, ...others] = chart.querySelectorAll("svg.main-svg, .gl-container canvas");
  const [width, height] = [lowest.getAttribute("width"), lowest.getAttribute("height")];
  const svg = lowest.cloneNode(true);
  svg.removeAttribute("style"); // its background, which not everything that opens a file would paint
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", chart.closest('[role="figure"]')?.getAttribute("aria-label") ?? "");
  svg.prepend(makeShape("rect", { width, height, fill: getComputedStyle(lowest).backgroundColor }));
  for (const layer of others) {
    if (layer.matches("canvas")) svg.append(copyCanvas(chart, layer));
    else svg.append(...layer.cloneNode(true).childNodes);
  }
  for (const part of svg.querySelectorAll(NOT_DRAWN)) part.remove();
  for (const line of svg.querySelectorAll(".crisp")) line.setAttribute("shape-rendering", "crispEdges"); // as Plotly's style sheet has it
  for (const line of svg.querySelectorAll("[style*=vector-effect]")) line.style.vectorEffect = "none"; // at twice the size, lines are twice as wide
  return { width: Number(width), height: Number(height), text: new XMLSerializer().serializeToString(svg).replace(NOT_XML, "\ufffd") };
}

async function paintPicture({ width, height, text }) {
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const [image, canvas] = [new Image(), makeElement("canvas", { width: PNG_SCALE * width, height: PNG_SCALE * height })];
  image.src = url;
  try {
    await image.decode();
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  } finally {
    URL.revokeObjectURL(url);
  }
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(FAILED))), "image/png"));
}

async function takePicture(page, { chart, name }, kind) {
  const found = findChart(page, chart);
  if (!found) return GONE;
  try {
    const picture = joinLayers(found);
    const blob = kind === "png" ? await paintPicture(picture) : new Blob([picture.text], { type: "image/svg+xml" });
    handOver(blob, `${name}.${kind}`);
    return "";
  } catch {
    return FAILED;
  }
}

const PICTURES = new WeakMap();

/** Show two buttons under `root` that download the chart whose key is in `data`; called again, they take another chart. */
export function showPicture(root, data) {
  root.classList.add("gv-picture");
  const known = PICTURES.has(root);
  PICTURES.set(root, data);
  if (known) return;
  const message = makeElement("span", { role: "status" });
  const press = async (kind) => setText(message, await takePicture(root.ownerDocument, PICTURES.get(root), kind));
  const buttons = ["png", "svg"].map((kind) => makeElement("button", { type: "button", title: TITLES[kind], onclick: () => press(kind) }, kind.toUpperCase()));
  root.replaceChildren(...buttons, message);
}
