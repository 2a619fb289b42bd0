/* The board of a class: one section for each question, redrawn when the server sends a new board. */

import { makeElement, makeShape, setText } from "./dom.js";
import { listenLive } from "./live.js";

const KINDS = { guess: "Guess", curve: "Drawn guesses", check: "Question of a lesson", progress: "How far in the lesson", run: "Results of training: each student’s first run", challenge: "Challenge" };
const COLUMNS = 48; // places of a dot along the axis
const [DOT, STACKED] = [11, 15]; // px of a dot with its gap, and how many are stacked in full size

const people = (count) => `${count.toLocaleString("en")} ${count === 1 ? "student" : "students"}`;
const shown = (value) => Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 12 }).replace("-", "−");
const withUnit = (text, unit) => (unit ? `${text} ${unit}` : text);

function makeBar(label, count, first, of, right) {
  const share = of ? count / of : 0;
  const before = !first ? null : makeElement("i", { class: "gv-board-first", style: `width:${(of ? first / of : 0) * 100}%` });
  const said = [`${count}`, first === null ? "" : `first ${first}`].filter(Boolean).join(", ");
  return makeElement("li", { "data-option": label, "data-count": count, "data-right": right ? "true" : false },
    makeElement("span", { class: "gv-board-label" }, right ? "✓ " : "", label, right ? makeElement("small", {}, " (right)") : null),
    makeElement("span", { class: "gv-board-count" }, " ", said),
    makeElement("span", { class: "gv-board-track", "aria-hidden": "true" }, makeElement("i", { style: `width:${share * 100}%` }), before));
}

/** Return what stands in place of the answers. `release` lets the board show those that wait; only a teacher has it. */
function makeHidden({ id, kind, waits, hidden }, release) {
  const note = makeElement("p", { class: "gv-board-note" }, hidden);
  return [note, waits && release ? makeElement("button", { type: "button", onclick: () => release(id) }, kind === "run" ? "Put these runs on the board" : "Put these guesses on the board") : null];
}

function makeOptions(question, release) {
  const { options, counts, first, right, people: of } = question;
  if (!counts) return makeHidden(question, release);
  const bars = options.map((label, k) => makeBar(label, counts[k], first ? first[k] : null, of, k === right));
  const note = first ? makeElement("p", { class: "gv-board-note" }, "Filled: the latest guess. Outlined: the first one.") : null;
  return [makeElement("ul", {}, ...bars), note];
}

/** Return dots along an axis, one for each seed, with the median and its interval. Cells that are compared share the `axis`. */
function makeDots(question, release) {
  const { values, median, low, high, unit, remark, solved, axis } = question;
  if (!values) return makeHidden(question, release);
  const [least, most] = axis ?? [values[0], values.at(-1)];
  const place = (value) => (most > least ? (value - least) / (most - least) : 0.5);
  const at = (value) => `${3 + 94 * place(value)}%`;
  const stacks = new Map();
  const heights = values.map((value) => {
    const column = Math.round(place(value) * (COLUMNS - 1));
    const height = stacks.get(column) ?? 0;
    stacks.set(column, height + 1);
    return height;
  });
  const tallest = Math.max(1, ...stacks.values());
  const step = DOT * Math.min(1, STACKED / tallest); // higher columns have flatter dots
  const dots = values.map((value, k) => makeElement("i", { class: "gv-board-dot", style: `left:${at(value)};bottom:${4 + step * heights[k]}px;--size:${(step * (DOT - 1)) / DOT}px` }));
  const tall = 18 + step * tallest;
  const band = low === null ? null : makeElement("i", { class: "gv-board-band", style: `left:${at(low)};width:calc(${at(high)} - ${at(low)})` });
  const middle = median === null ? null : makeElement("i", { class: "gv-board-median", style: `left:${at(median)}` });
  const interval = low === null ? "" : `, 95 % interval ${shown(low)} to ${shown(high)}`;
  const said = median === null ? "" : `Median ${withUnit(shown(median), unit)}${interval}.`;
  const text = [said, remark, solved].filter(Boolean).join(" ");
  if (!values.length) return [makeElement("p", {}, solved)];
  const label = `${values.length.toLocaleString("en")} ${values.length === 1 ? "seed" : "seeds"}, from ${shown(values[0])} to ${withUnit(shown(values.at(-1)), unit)}`;
  const ends = most > least ? [shown(least), withUnit(shown(most), unit)] : ["", withUnit(shown(most), unit), ""];
  return [
    makeElement("div", { class: "gv-board-dots", role: "img", "aria-label": label, style: `height:${tall}px` }, band, middle, ...dots),
    makeElement("div", { class: "gv-board-ends", "aria-hidden": "true" }, ...ends.map((end) => makeElement("span", {}, end))),
    makeElement("p", {}, text),
  ];
}

const [PICTURE_WIDTH, PICTURE_HEIGHT] = [39, 20]; // of a picture of curves, in its own units: heights run from 100 to -100

/** Return all drawn curves as one picture: each one thin, their median thick, the measured one dashed. */
function makeCurves(question, release) {
  const { axes, curves, middle, measured, caption, people: of } = question;
  if (!curves) return makeHidden(question, release);
  const [top, centre, bottom, left, right] = axes;
  const line = (name, heights) => makeShape("polyline", { class: `gv-board-${name}`, points: heights.map((height, k) => `${(k * PICTURE_WIDTH) / (heights.length - 1)},${(PICTURE_HEIGHT * (100 - height)) / 200}`).join(" ") });
  const picture = makeShape("svg", { viewBox: `0 -0.3 ${PICTURE_WIDTH} ${PICTURE_HEIGHT + 0.6}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...curves.map((heights) => line("curve", heights)), line("middle", middle), ...(measured.length ? [line("measured", measured)] : []));
  const side = makeElement("div", { class: "gv-board-side", "aria-hidden": "true" }, ...[top, centre, bottom].map((text) => makeElement("span", {}, text)));
  const says = `${people(of)} drew a curve from ${top} to ${bottom}.`;
  return [
    makeElement("div", { class: "gv-board-curves", role: "img", "aria-label": says, "data-curves": curves.length }, side, picture),
    makeElement("div", { class: "gv-board-ends", "aria-hidden": "true" }, makeElement("span", {}, left), makeElement("span", {}, right)),
    makeElement("p", { class: "gv-board-note" }, caption),
  ];
}

function makeQuestion(question, release) {
  const note = question.note ? makeElement("p", { class: "gv-board-note" }, question.note) : null;
  const body = question.axes ? makeCurves(question, release) : question.options ? makeOptions(question, release) : makeDots(question, release);
  return makeElement("section", { "data-question": question.id, "data-kind": question.kind, "data-people": question.people },
    makeElement("header", {}, makeElement("span", {}, KINDS[question.kind]), makeElement("span", {}, people(question.people))),
    makeElement("h3", {}, question.title), ...body.filter(Boolean), ...(note ? [note] : []));
}

class Board {
  constructor(root) {
    this.root = root;
    this.sections = new Map();
    this.status = makeElement("p", { class: "gv-board-status", role: "status" }, "Connecting …");
    this.list = makeElement("div", { class: "gv-board-questions" });
    root.replaceChildren(this.status, this.list);
    Object.assign(root.dataset, { testid: "gv-board", connected: "false" });
    root.setAttribute("role", "region");
    root.setAttribute("aria-label", "Board of the class");
  }

  /** Listen at an address of the server. Called again with the same one, nothing changes. */
  show({ address, teacher }, release) {
    this.release = teacher ? (question) => release(question) : null;
    if (this.address === address) return;
    this.live?.stop();
    this.address = address;
    this.live = listenLive(address, { receive: (board) => this.draw(board), state: (text) => this.note(text) });
  }

  note(text) {
    this.root.dataset.connected = String(!text);
    if (text || !this.board) setText(this.status, text);
    else this.count(this.board);
  }

  count(board) {
    const asked = board.questions.length ? "" : " Guesses, answers in lessons and finished runs appear here.";
    setText(this.status, `${people(board.people)} joined room ${board.code}.${asked}`);
  }

  draw(board) {
    this.board = board;
    Object.assign(this.root.dataset, { room: board.code, people: board.people, version: board.version, connected: "true" });
    this.count(board);
    const kept = new Map();
    const nodes = board.questions.map((question) => {
      const told = JSON.stringify(question);
      const known = this.sections.get(question.id);
      const one = known?.told === told ? known : { told, node: makeQuestion(question, this.release) };
      kept.set(question.id, one);
      return one.node;
    });
    this.sections = kept;
    const more = board.more ? [makeElement("p", { class: "gv-board-note" }, `${board.more} earlier questions are in the table of the room.`)] : [];
    this.list.replaceChildren(...nodes, ...more);
  }
}

/** How many students have joined, which a teacher sees beside the code. */
class Joined {
  constructor(root) {
    this.text = makeElement("p", { class: "gv-board-joined", role: "status" });
    root.replaceChildren(this.text);
    root.dataset.testid = "gv-joined";
  }

  show({ address }) {
    if (this.address === address) return;
    this.live?.stop();
    this.address = address;
    this.live = listenLive(address, { receive: (board) => setText(this.text, `${people(board.people)} joined`), state: () => {} });
  }
}

const BOARDS = new WeakMap();

/** Show the board of a room under `root`, or only how many have joined. `release(id)` tells the server which answers a teacher shows. */
export function showBoard(root, data, release) {
  if (!BOARDS.has(root)) BOARDS.set(root, data.only === "joined" ? new Joined(root) : new Board(root));
  BOARDS.get(root).show(data, release);
}

/** Remove it from `root`, and listen no more. */
export function removeBoard(root) {
  BOARDS.get(root)?.live?.stop();
  BOARDS.delete(root);
}
