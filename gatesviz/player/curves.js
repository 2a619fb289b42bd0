/* Live charts with a line for each cell, pictures of the models beside them, and a table of the same numbers. */

import { makeElement, makeShape, setText } from "./dom.js";
import { resizeLearned, showLearned } from "./learned.js";

const MARGIN = { left: 52, right: 20, top: 8, bottom: 26 };
const HEIGHT = 200; // unless the chart has its own
const APART = 13; // pixels between two letters at the ends of their lines

/** Write a number in few characters. Null stands for a number that isn't finite. */
const brief = (value) => (value === null ? "not finite" : value === 0 ? "0" : String(Number(value.toPrecision(4))).replace("-", "−"));

/** Return about `count` round numbers from low to high. */
function evenTicks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high + step / 1e6; k += 1) ticks.push(k * step);
  return ticks;
}

function decadeTicks(low, high) {
  const ticks = [];
  for (let k = Math.floor(Math.log10(low)); k <= Math.log10(high); k += 1) {
    for (const factor of [1, 3]) ticks.push(factor * 10 ** k);
  }
  const within = ticks.filter((tick) => tick >= low && tick <= high);
  return within.length > 2 ? within : evenTicks(low, high, 4);
}

/** Return the ticks and the function from values to pixels: linear or logarithmic. */
function upright(chart, height) {
  const known = chart.series.flatMap((series) => series.ys).filter((value) => value !== null);
  const drawn = known.concat(chart.lines.map((line) => line.y));
  const values = chart.log ? drawn.filter((value) => value > 0) : drawn;
  const inner = height - MARGIN.top - MARGIN.bottom;
  let [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [chart.log ? 0.1 : 0, 1];
  if (chart.log) {
    if (high < low * 1.5) [low, high] = [low / 1.5, high * 1.5];
    const [from, to] = [Math.log(low), Math.log(high)];
    return { ticks: decadeTicks(low, high), y: (value) => MARGIN.top + inner * (1 - (Math.log(value) - from) / (to - from)) };
  }
  low = Math.min(low, 0);
  if (high <= low) high = low + 1;
  high += (high - low) / 20;
  return { ticks: evenTicks(low, high, 5), y: (value) => MARGIN.top + inner * (1 - (value - low) / (high - low)) };
}

class Chart {
  constructor() {
    this.title = makeElement("figcaption", { class: "gv-curves-title" });
    this.keys = makeElement("div", { class: "gv-curves-keys" });
    this.readout = makeElement("div", { class: "gv-curves-readout", "aria-hidden": "true" });
    this.picture = makeShape("svg", { role: "img" });
    this.picture.addEventListener("pointermove", (event) => this.point(event));
    this.picture.addEventListener("pointerleave", () => this.point(null));
    this.element = makeElement("figure", {}, this.title, this.keys, this.picture, this.readout);
  }

  show(chart, width) {
    const height = chart.height ?? HEIGHT;
    Object.assign(this, { chart, width, height });
    const scale = upright(chart, height);
    const inner = Math.max(40, width - MARGIN.left - MARGIN.right);
    const last = Math.max(10, chart.made);
    const x = (value) => MARGIN.left + (inner * value) / last;
    this.x = x;
    setText(this.title, chart.title);
    this.keys.replaceChildren(...chart.series.map((one) => this.legend(one.name, one.cell, null, one.faint)), ...chart.lines.map((one) => this.legend(one.name, null, one.dash)));
    this.picture.setAttribute("width", width);
    this.picture.setAttribute("height", height);
    this.picture.setAttribute("aria-label", this.description());
    this.cursor = makeShape("line", { class: "gv-curves-cursor", y1: MARGIN.top, y2: height - MARGIN.bottom, visibility: "hidden" });
    this.picture.replaceChildren(
      ...this.axes(scale, x, last, width),
      ...chart.lines.map((one) => makeShape("line", { class: "gv-curves-mark", "stroke-dasharray": one.dash, x1: MARGIN.left, x2: width - MARGIN.right, y1: scale.y(one.y), y2: scale.y(one.y) })),
      ...chart.series.flatMap((one) => this.curve(one, x, scale.y)),
      ...this.letters(x, scale.y), this.cursor,
    );
  }

  legend(name, cell, dash, faint = false) {
    const line = makeShape("line", { class: cell ? "gv-curves-line" : "gv-curves-mark", x1: 0, x2: 34, y1: 6, y2: 6 });
    line.classList.toggle("gv-curves-faint", faint);
    if (cell) line.dataset.cell = cell;
    else line.setAttribute("stroke-dasharray", dash);
    return makeElement("span", {}, makeShape("svg", { width: 34, height: 12, "aria-hidden": "true" }, line), name);
  }

  axes(scale, x, last, width) {
    const parts = scale.ticks.flatMap((tick) => [
      makeShape("line", { class: "gv-curves-grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: scale.y(tick), y2: scale.y(tick) }),
      makeShape("text", { class: "gv-curves-number", "text-anchor": "end", x: MARGIN.left - 6, y: scale.y(tick) + 4 }, brief(tick)),
    ]);
    const ticks = evenTicks(0, last, width < 420 ? 3 : 6).filter(Number.isInteger);
    return parts.concat(ticks.map((tick) => makeShape("text", { class: "gv-curves-number", "text-anchor": "middle", x: x(tick), y: this.height - 8 }, brief(tick))));
  }

  /** Draw a line for each stretch of finite numbers, with a gap between them. */
  curve(one, x, y) {
    const drawn = (value) => value !== null && (!this.chart.log || value > 0);
    const stretches = [[]];
    one.ys.forEach((value, k) => (drawn(value) ? stretches.at(-1).push([one.xs[k], value]) : stretches.push([])));
    const filled = stretches.filter((stretch) => stretch.length);
    const lines = (filled.length ? filled : [[]]).map((stretch) => {
      const line = makeShape("polyline", { class: "gv-curves-line", points: stretch.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" ") });
      line.dataset.cell = one.cell;
      line.classList.toggle("gv-curves-faint", one.faint === true);
      return line;
    });
    const spots = filled.flat().length > 12 ? filled.filter((stretch) => stretch.length === 1).flat() : filled.flat();
    return [...lines, ...spots.map(([a, b]) => makeShape("circle", { class: "gv-curves-dot", "data-cell": one.cell, cx: x(a), cy: y(b), r: 3 }))];
  }

  /** Write each cell's first letter at the end of its line, without overlaps. */
  letters(x, y) {
    const ends = this.chart.series.filter((one) => one.ys.length && !one.faint && one.ys.at(-1) !== null && (!this.chart.log || one.ys.at(-1) > 0));
    const spots = ends.map((one) => ({ one, x: x(one.xs.at(-1)), y: y(one.ys.at(-1)) })).sort((a, b) => a.y - b.y);
    spots.forEach((spot, k) => { if (k) spot.y = Math.max(spot.y, spots[k - 1].y + APART); });
    let floor = this.height - MARGIN.bottom - 4; // keep clear of the numbers below the axis
    for (const spot of spots.toReversed()) {
      spot.y = Math.min(spot.y, floor);
      floor = spot.y - APART;
    }
    return spots.map((spot) => makeShape("text", { class: "gv-curves-letter", "data-cell": spot.one.cell, x: spot.x + 5, y: spot.y + 4 }, spot.one.name[0]));
  }

  /** Return one sentence that says what the chart shows. */
  description() {
    const { chart } = this;
    const values = chart.series.filter((one) => one.ys.length).map((one) => `${one.name} ${brief(one.ys.at(-1))} at ${chart.along} ${one.xs.at(-1)}`);
    const lines = chart.lines.map((one) => `${one.name} ${brief(one.y)}`);
    return `Line chart, ${chart.title}: ${values.concat(lines).join(", ") || "no values yet"}.`;
  }

  /** Show the values under the pointer. */
  point(event) {
    const { chart } = this;
    const known = chart?.series.filter((one) => one.xs.length) ?? [];
    const near = (one, place) => one.xs.reduce((best, value, k) => (Math.abs(this.x(value) - place) < Math.abs(this.x(one.xs[best]) - place) ? k : best), 0);
    if (!event || !known.length) {
      this.cursor?.setAttribute("visibility", "hidden");
      setText(this.readout, "");
      return;
    }
    const place = event.clientX - this.picture.getBoundingClientRect().left;
    const values = known.map((one) => ({ one, k: near(one, place) }));
    const at = this.x(values[0].one.xs[values[0].k]);
    this.cursor.setAttribute("x1", at);
    this.cursor.setAttribute("x2", at);
    this.cursor.setAttribute("visibility", "visible");
    setText(this.readout, values.map(({ one, k }) => `${one.name}, ${chart.along} ${one.xs[k]}: ${brief(one.ys[k])}`).join(" · "));
  }
}

class Curves {
  constructor(root) {
    this.charts = [];
    this.figures = makeElement("div", { class: "gv-curves-charts" });
    this.table = makeElement("div", { class: "gv-curves-table", tabindex: 0, role: "region", "aria-label": "Table of the runs" });
    this.more = makeElement("div", { class: "gv-curves-more", "aria-hidden": "true" });
    setText(this.more, "Scroll the table sideways to see more →");
    this.learned = makeElement("div", {});
    this.board = makeElement("div", { class: "gv-curves-board" }, this.figures, this.learned);
    root.replaceChildren(this.board, this.more, this.table);
    this.resizes = new ResizeObserver(() => {
      if (!this.data) return;
      this.draw();
      resizeLearned(this.learned);
    });
    this.resizes.observe(root);
  }

  show(data, choose) {
    this.data = data;
    this.learned.hidden = !data.pictures;
    this.board.classList.toggle("gv-curves-beside", Boolean(data.pictures));
    if (data.pictures) showLearned(this.learned, data.pictures, choose);
    while (this.charts.length < data.charts.length) this.charts.push(new Chart());
    this.charts.length = data.charts.length;
    if (this.figures.childElementCount !== this.charts.length) this.figures.replaceChildren(...this.charts.map((chart) => chart.element));
    this.draw();
    this.table.hidden = !data.table;
    if (data.table) this.fillTable(data.table);
  }

  draw() {
    this.charts.forEach((chart, k) => {
      const width = chart.element.clientWidth;
      if (width) chart.show(this.data.charts[k], width);
    });
    this.hint();
  }

  /** Show a hint if the table is wider than the page: its scroll bar may be hidden. */
  hint() {
    this.more.hidden = this.table.hidden || this.table.scrollWidth <= this.table.clientWidth + 1;
  }

  fillTable({ head, rows }) {
    const cells = (texts) => texts.map((text, k) => makeElement(k ? "td" : "th", k ? {} : { scope: "row" }, text));
    this.table.replaceChildren(makeElement("table", {},
      makeElement("thead", {}, makeElement("tr", {}, ...head.map((text) => makeElement("th", { scope: "col" }, text)))),
      makeElement("tbody", {}, ...rows.map((row) => makeElement("tr", {}, ...cells(row)))),
    ));
    this.hint();
  }
}

const CURVES = new WeakMap();

/** Show charts under `root`; called again, they change in place. `choose` gets a unit that is clicked in a picture. */
export function showCurves(root, data, choose = () => {}) {
  root.classList.add("gv-curves");
  if (!CURVES.has(root)) CURVES.set(root, new Curves(root));
  CURVES.get(root).show(data, choose);
}

/** Remove them from `root`. */
export function removeCurves(root) {
  CURVES.get(root)?.resizes.disconnect();
  CURVES.delete(root);
}
