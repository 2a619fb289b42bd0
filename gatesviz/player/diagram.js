/* The animated diagram of one cell: wires as thick as their values, live numbers, filled gates. */

import { formatGradient, formatNumber, ofCell } from "./numbers.js";
import { diagramWiring, plainWiring } from "./wiring.js";

const DIAGRAM_NAMESPACE = "http://www.w3.org/2000/svg";
/* The page's colours, or the browser's own in a light or dark scheme. */
const DIAGRAM_INK = {
  text: "var(--gv-text, CanvasText)",
  muted: "var(--gv-muted, GrayText)",
  surface: "var(--gv-surface, Canvas)",
  line: "var(--gv-line, GrayText)",
  positive: "var(--gv-pos, #d64523)",
  negative: "var(--gv-neg, #2166be)",
};
/* Summands are drawn on the scale of the state they add up to, so that their widths add up too. */
const DIAGRAM_MEASURE = { "c'": "c", fc: "c", ig: "c", "h'": "h", zh: "h", zn: "h", a: "h" };
/* The derivative with respect to a summand equals that of the sum, which has a label already. */
const DIAGRAM_SUMMANDS = ["fc", "ig", "zh", "zn"];
const DIAGRAM_HEAD = 13;

function diagramNode(parent, tag, attributes = {}, text = null) {
  const node = document.createElementNS(DIAGRAM_NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== null) node.textContent = text;
  parent.append(node);
  return node;
}

/** Return a function that sets an attribute only when it changes: most of a frame stays the same. */
function diagramSetter(node, name) {
  let last = null;
  return (value) => {
    if (value !== last) node.setAttribute(name, value);
    last = value;
  };
}

/** Return a function that sets a text only when it changes. */
function diagramWriter(element) {
  const node = element.appendChild(document.createTextNode("–"));
  let last = "–";
  return (text) => {
    if (text !== last) node.nodeValue = text;
    last = text;
  };
}

/** Return path data through the corners, rounded. An arrow's line ends where its head begins. */
function diagramPath(corners, arrow) {
  const points = corners.split(" ").map((pair) => pair.split(",").map(Number));
  const toward = ([x, y], [to, below], by) => {
    const length = Math.hypot(to - x, below - y);
    return [x + ((to - x) * by) / length, y + ((below - y) * by) / length];
  };
  const [tip, before] = [points.at(-1), points.at(-2)];
  const base = toward(tip, before, DIAGRAM_HEAD);
  let data = `M${points[0]}`;
  for (let k = 1; k < points.length - 1; k += 1) {
    data += ` L${toward(points[k], points[k - 1], 12)} Q${points[k]} ${toward(points[k], points[k + 1], 12)}`;
  }
  const [across, up] = [((tip[1] - base[1]) / DIAGRAM_HEAD) * 8, ((base[0] - tip[0]) / DIAGRAM_HEAD) * 8];
  const head = `M${tip} L${base[0] + across},${base[1] + up} L${base[0] - across},${base[1] - up} Z`;
  return arrow ? { line: `${data} L${base}`, head } : { line: `${data} L${tip}`, head: "" };
}

/** Join the pieces of a wire into one path, and their arrowheads into another. */
function diagramPieces(pieces) {
  return { line: pieces.map((piece) => piece.line).join(" "), head: pieces.map((piece) => piece.head).join(" ").trim() };
}

/** Format a number with fewer decimals from 100 on, so that it doesn't touch its neighbours. */
function diagramNumber(value, decimals) {
  const size = Math.abs(value);
  return formatNumber(value, size < 100 || !Number.isFinite(size) ? decimals : size < 1000 ? 1 : 0);
}

/** Write a scale's end with three digits: 13.4. */
const diagramSize = (size) => String(Number(size.toPrecision(3)));

function diagramScale(key, scales) {
  return scales[key] ?? scales[DIAGRAM_MEASURE[key]] ?? 1;
}

function diagramFrame(parent, box, colour) {
  const group = diagramNode(parent, "g");
  diagramNode(group, "rect", { ...box, rx: 10, fill: DIAGRAM_INK.surface, stroke: colour, "stroke-width": 3 });
  return group;
}

/** Make a group a button that opens and closes something; `act` returns whether it is open. */
function diagramButton(group, label, act) {
  for (const [name, value] of Object.entries({ role: "button", tabindex: 0, "aria-label": label, "aria-expanded": false })) {
    group.setAttribute(name, value);
  }
  const press = () => group.setAttribute("aria-expanded", act());
  group.addEventListener("click", press);
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    press();
  });
}

/** Draw a tint and a gauge that fill from zero to a value between low and 1. */
function diagramLevel(group, { x, y, height }, low, fill) {
  const bars = [{ width: 104, "fill-opacity": 0.22 }, { width: 9 }];
  const nodes = bars.map((bar) => diagramNode(group, "rect", { x, rx: 5, fill, ...bar }));
  const tops = nodes.map((node) => diagramSetter(node, "y"));
  const heights = nodes.map((node) => diagramSetter(node, "height"));
  const share = (value) => (Math.max(low, Math.min(1, value)) - low) / (1 - low);
  return (value) => {
    const [from, to] = [share(0), Number.isFinite(value) ? share(value) : share(0)].sort((a, b) => a - b);
    for (const set of tops) set((y + height * (1 - to)).toFixed(1));
    for (const set of heights) set((height * (to - from)).toFixed(1));
  };
}

const diagramDraw = {
  wire(parent, part) {
    const pieces = [...(part.stems ?? []), ...(part.paths ?? [])];
    const onward = diagramPieces(pieces.map((corners, k) => diagramPath(corners, k >= (part.stems ?? []).length)));
    const [start] = pieces[0].split(" ");
    const reversed = diagramPieces(pieces.map((corners) => diagramPath(corners.split(" ").reverse().join(" "), corners.startsWith(`${start} `))));
    const group = diagramNode(parent, "g", { fill: "none", "data-wire": part.value ?? "" });
    const thin = diagramNode(group, "path", { stroke: DIAGRAM_INK.muted, "stroke-width": 1.5 });
    const flow = diagramNode(group, "path", { "stroke-opacity": 0 });
    const heads = diagramNode(group, "path", { fill: DIAGRAM_INK.muted, "data-heads": "" });
    const lines = [thin, flow].map((node) => diagramSetter(node, "d"));
    const tips = diagramSetter(heads, "d");
    const aim = (back) => {
      const { line, head } = back ? reversed : onward;
      for (const set of lines) set(line);
      tips(head);
    };
    aim(false);
    if (!part.value) return (values, scales, back) => aim(Boolean(back));
    const explain = diagramWriter(diagramNode(group, "title"));
    const [width, colour, opacity] = ["stroke-width", "stroke", "stroke-opacity"].map((name) => diagramSetter(flow, name));
    return (values, scales, back) => {
      aim(Boolean(back));
      const value = (back ? back.values : values)[part.value];
      const widest = diagramScale(part.value, scales);
      const share = back ? back.share(value) : Math.min(1, Math.abs(value) / widest);
      explain(back ? "Gradient. All lines have one scale, by powers of ten." : `${part.called ? `${part.called}: t` : "T"}hickest at ±${diagramSize(widest)}.`);
      const flows = share > 0; // neither 0 nor NaN has a sign to show
      width(flows ? (1.5 + 9 * share).toFixed(2) : "1.5");
      opacity(flows ? (0.35 + 0.6 * share).toFixed(2) : "0");
      colour(value < 0 ? DIAGRAM_INK.negative : DIAGRAM_INK.positive);
    };
  },

  /* Leave a gap where the next wire crosses an earlier one. */
  bridge(parent, { at: [x, y] }) {
    diagramNode(parent, "rect", { x: x - 10, y: y - 9, width: 20, height: 18, fill: DIAGRAM_INK.surface });
  },

  dot(parent, { at: [cx, cy] }) {
    diagramNode(parent, "circle", { cx, cy, r: 5, fill: DIAGRAM_INK.muted });
  },

  operator(parent, { sign, at: [cx, cy] }) {
    const group = diagramNode(parent, "g", { stroke: DIAGRAM_INK.text, "stroke-width": 2 });
    diagramNode(group, "circle", { cx, cy, r: 14, fill: DIAGRAM_INK.surface });
    const [a, b] = sign === "+" ? [8, 0] : [5.5, 5.5];
    diagramNode(group, "path", { d: `M${cx - a},${cy - b} l${2 * a},${2 * b} M${cx + b},${cy - a} l${-2 * b},${2 * a}` });
  },

  pill(parent, { text, sub, title, width, at: [x, y] }) {
    const group = diagramNode(parent, "g");
    if (title) diagramNode(group, "title", {}, title);
    diagramNode(group, "rect", {
      x: x - width / 2, y: y - 14, width, height: 28, rx: 14,
      fill: DIAGRAM_INK.surface, stroke: DIAGRAM_INK.text, "stroke-width": 2,
    });
    const word = diagramNode(group, "text", { x, y: y + (sub ? 4 : 6), "text-anchor": "middle", "font-size": 18 }, text);
    if (sub) diagramNode(word, "tspan", { dy: 3, "font-size": 16 }, sub);
  },

  gate(parent, part, colours, openSum) {
    const [x, y] = [part.at[0] - 56, part.at[1] - 42];
    const group = diagramFrame(parent, { x, y, width: 112, height: 84 }, colours[part.letter]);
    group.setAttribute("data-gate", part.letter);
    diagramNode(group, "title", {}, `${part.letter}, ${part.name}. Click to see its weighted sum.`);
    diagramButton(group, `Show the weighted sum of ${part.letter}`, () => openSum(part.letter));
    const level = diagramLevel(group, { x: x + 4, y: y + 4, height: 76 }, part.low, colours[part.letter]);
    diagramNode(group, "text", { x: x + 23, y: y + 34, "font-size": 32, "font-weight": 700 }, part.letter);
    const end = { x: x + 103, "text-anchor": "end" };
    diagramNode(group, "text", { ...end, y: y + 30, "font-size": 18 }, part.activation);
    const text = diagramNode(group, "text", { ...end, y: y + 70, "font-size": 23, "font-weight": 600 });
    const number = diagramWriter(text);
    return (values) => {
      level(values[part.letter]);
      number(diagramNumber(values[part.letter], 3));
    };
  },

  /* Draw the activation function with this step's point on it. */
  curve(parent, { activation, from, to, reach, title, at: [x, y] }, colours) {
    const group = diagramFrame(parent, { x: x - 110, y: y - 100, width: 220, height: 200 }, colours.h);
    diagramNode(group, "title", {}, title);
    const place = (a, value) => [x + 92 * a, y - 76 * value];
    const bend = (share) => (activation === "tanh" ? Math.tanh(reach * share) : Math.max(0, share));
    const points = Array.from({ length: 61 }, (_, k) => place(k / 30 - 1, bend(k / 30 - 1)));
    diagramNode(group, "path", { d: `M${x - 96},${y} h192 M${x},${y - 86} v172`, stroke: DIAGRAM_INK.line });
    diagramNode(group, "path", { d: `M${points.join(" L")}`, fill: "none", stroke: colours.h, "stroke-width": 4 });
    diagramNode(group, "text", { x: x - 96, y: y - 66, "font-size": 26, "font-weight": 700 }, activation);
    const end = { x: x + 96, y: y + 82, "text-anchor": "end", "font-size": 24, "font-weight": 600 };
    const number = diagramWriter(diagramNode(group, "text", end));
    const dot = diagramNode(group, "circle", { r: 8, fill: DIAGRAM_INK.text, stroke: DIAGRAM_INK.surface, "stroke-width": 2 });
    const [across, down, seen] = ["cx", "cy", "visibility"].map((name) => diagramSetter(dot, name));
    return (values, scales) => {
      const share = Math.max(-1, Math.min(1, values[from] / (reach ?? diagramScale(from, scales))));
      const known = Number.isFinite(share);
      const [cx, cy] = known ? place(share, bend(share)) : [x, y];
      across(cx.toFixed(1));
      down(cy.toFixed(1));
      seen(known ? "visible" : "hidden");
      number(diagramNumber(values[to], 3));
    };
  },

  note(parent, { text, at: [x, y] }) {
    diagramNode(parent, "text", { x, y, "text-anchor": "middle", "font-size": 20, "data-note": "" }, text);
  },

  label(parent, { value, name, at: [x, y], anchor = "start" }) {
    const text = diagramNode(parent, "text", {
      x, y, "text-anchor": anchor, "font-size": 22, "font-weight": 600, "data-label": value,
      stroke: DIAGRAM_INK.surface, "stroke-width": 5, "stroke-linejoin": "round", "paint-order": "stroke",
    });
    const title = diagramWriter(diagramNode(text, "tspan", { fill: DIAGRAM_INK.muted }));
    const number = diagramWriter(diagramNode(text, "tspan"));
    const words = `${value}Text`;
    return (values, scales, back) => {
      const visible = !back || (value in back.values && !DIAGRAM_SUMMANDS.includes(value));
      title(visible && name ? `${back ? "∂" : ""}${name} ` : "");
      if (!visible) number("");
      else number(back ? formatGradient(back.values[value], 2) : values[words] ?? diagramNumber(values[value], 2));
    };
  },
};

/** Return the name of the value that a wire carries, as its label has it; "" for a value without one. */
function wireName(parts, value = "") {
  const label = parts.find((part) => part.kind === "label" && part.value === value && part.name);
  return label?.name ?? (value === "tc" ? "tanh(c′)" : value.length === 1 ? value : "");
}

/** Return the largest magnitude of each value: {c: [lo, hi]} to {c: size}. */
function diagramScales(ranges) {
  const sizes = Object.entries(ranges).map(([key, range]) => [key, Math.max(...range.map(Math.abs))]);
  return Object.fromEntries(sizes.filter(([, size]) => size > 0 && Number.isFinite(size)));
}

/** Return at which values the wires of the states and the input are thickest; "" where all have one scale. */
export function wireScales(panel, ranges) {
  const shown = [...panel.states, ...(panel.arrays.x.columns === 1 ? ["x"] : [])];
  const scales = diagramScales(ranges);
  const sizes = shown.map((letter) => scales[letter] ?? 1);
  if (!panel.drawn || sizes.every((size) => size === 1)) return "";
  return ` · a line is thickest at ${shown.map((letter, k) => `|${letter}| = ${diagramSize(sizes[k])}`).join(", ")}`;
}

/**
 * Draw a cell once; `update` then changes its wires and numbers.
 *
 * panel: its `cell` is a key of `diagramWiring`, or it is not `drawn` and its gates are shown without
 * wires. With `projected`, an LSTM shows the matrix between its output gate and h′.
 * colours: a CSS colour for each letter, f to x.
 * update(values, {ranges, back}): the chosen unit's numbers at one step; NaN or nothing shows as "–".
 * `ranges` ({c: [lo, hi], …}) gives the size at which a wire is widest, 1 by default. With `back`
 * ({values, share}) the wires and labels carry derivatives and the arrowheads are reversed; the
 * gates still show their values.
 * openSum(letter): opens or closes the sum behind a gate and returns whether it is open.
 */
export function createDiagram(panel, colours, openSum) {
  const { cell, projected } = panel;
  const { title, parts, scales: usual } = panel.drawn ? ofCell({ diagramWiring }, panel) : plainWiring(panel);
  const element = document.createElementNS(DIAGRAM_NAMESPACE, "svg");
  const attributes = { viewBox: "0 0 720 440", role: "group", "data-diagram": cell, fill: DIAGRAM_INK.text };
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  Object.assign(element.style, { display: "block", width: "100%", height: "auto", fontVariantNumeric: "tabular-nums" });
  diagramNode(element, "title", {}, panel.drawn ? `${title} A thicker line means a larger absolute value.` : title);
  const frame = { x: 14, y: 28, width: 692, height: 382, rx: 18 };
  diagramNode(element, "rect", { ...frame, fill: DIAGRAM_INK.surface, stroke: DIAGRAM_INK.line, "stroke-width": 1.5 });
  const updaters = parts
    .filter((part) => (part.projected ?? projected) === projected)
    .map((part) => diagramDraw[part.kind](element, { ...part, called: wireName(parts, part.value) }, colours, openSum))
    .filter(Boolean);
  let [measured, scales] = [null, usual];
  const update = (values, { ranges = null, back = null } = {}) => {
    if (ranges && ranges !== measured) [measured, scales] = [ranges, { ...usual, ...diagramScales(ranges) }];
    const known = { ...values, "1-z": 1 - values.z };
    for (const show of updaters) show(known, scales, back);
  };
  return { element, update };
}
