/*
 * The sliders of a page around a player. The server answers only when a slider rests, so while one
 * moves, the browser computes what the server is about to send: the same network with another number.
 */

import { RecordedArray } from "./arrays.js";
import { decodePayload } from "./decode.js";
import { describeLanes } from "./describe.js";
import { engineOf, recompute, shownArrays } from "./recomputed.js";
import { selectionOf } from "./standing.js";

const MOVING_KEY = /^(Arrow(Left|Right|Up|Down)|Page(Up|Down)|Home|End)$/;
const LAST_MOVE = 50; // ms after a hand lets go in which the page may still draw its last move
const SAME = 1e-6; // relative; the page and the payload round differently

let models = 0;

/** Return a copy of an array with another number, rounded as PyTorch holds it. */
function withNumber({ data, rows, columns }, row, column, value) {
  const copy = Float32Array.from(data);
  copy[row * columns + column] = value;
  return new RecordedArray(copy, [rows, columns], 1);
}

/** Return the arrays of a network that begins at its last step: its input, and the states before it. */
function fromLastStep(panel, { original }, steps) {
  const { x, ...shown } = shownArrays(panel, original);
  const row = (array, at) => Float32Array.from({ length: array.columns }, (_, column) => array.at(at, column));
  const arrays = { ...panel.arrays, x: new RecordedArray(row(x, steps - 1), [1, x.columns], 1) };
  for (const name of panel.states) arrays[`first.${name}`] = new RecordedArray(row(shown[name], steps - 1), [shown[name].columns], 1);
  return arrays;
}

/** Return a panel as it is with other numbers: `moves` are lists [array, row, column, value]. */
function movedPanel(panel, network, { moves, steps, begins, from }) {
  const arrays = begins ? fromLastStep(panel, network, steps) : { ...panel.arrays };
  for (const [name, row, column, value] of moves) arrays[name] = withNumber(arrays[name], begins && name === "x" ? 0 : row, column, value);
  const moved = { ...panel, arrays, engine: { ...panel.engine, every: {}, edits: [], example: network.difference, from } };
  if (begins) moved.labels = panel.labels.slice(0, 1);
  Object.assign(arrays, shownArrays(moved, engineOf(moved).read(arrays.x)));
  return moved;
}

/**
 * Return the model of a player with other numbers. `networks` are its panels' `recompute`.
 *
 * Another first state begins at the last step, whose old state it is: the model then has one step.
 * `from` names what a sentence below the player says about these numbers.
 */
export function movedModel(model, networks, moves, from = "sliders") {
  const begins = model.steps > 1 && moves.some(([name]) => name.startsWith("first."));
  const panels = model.panels.map((panel, index) => movedPanel(panel, networks[index], { moves, steps: model.steps, begins, from }));
  models += 1;
  const moved = { ...model, id: `moved ${models}`, panels };
  if (begins) Object.assign(moved, { steps: 1, labels: model.labels.slice(0, 1) });
  describeLanes(moved);
  return moved;
}

/**
 * Press the button whose shortcut a key in a slider is. Streamlit takes no shortcuts in a field of input, and a
 * slider is one for it. But a slider uses no letters.
 */
function pressShortcut({ key, target, ctrlKey, metaKey, altKey, shiftKey }) {
  if (!/^[a-z]$/i.test(key) || !target.matches?.("input[type=range]") || ctrlKey || metaKey || altKey || shiftKey) return;
  document.querySelector(`button:has([aria-label="Shortcut ${key.toUpperCase()}"])`)?.click();
}

/** What the hand does to the sliders of a player's page, until the server has answered it. */
class Hand {
  constructor(player) {
    Object.assign(this, { player, moves: new Map(), held: null, frame: 0 });
    this.observer = new MutationObserver(() => this.move());
    this.listeners = new AbortController();
    const listen = (names, act) => names.forEach((name) => document.addEventListener(name, act, { capture: true, signal: this.listeners.signal }));
    listen(["pointerdown", "keydown"], (event) => this.grab(event));
    listen(["keydown"], pressShortcut);
    listen(["pointerup", "pointercancel", "keyup"], () => this.letGo());
  }

  /** Take a payload of the server. Moves that it doesn't answer yet stay on screen. */
  take(bytes) {
    this.model = decodePayload(bytes);
    this.networks = this.model.panels.map((panel) => recompute(panel));
    this.places = this.networks.some(({ problem }) => problem) ? {} : this.model.sliders ?? {};
    for (const [name, value] of this.moves) if (this.answers(name, value)) this.moves.delete(name);
    this.show();
  }

  /** Return whether the payload has a slider's number, or the page has given the slider another one. */
  answers(name, value) {
    if (!this.places[name] || this.inputOf(name)?.valueAsNumber !== value) return true;
    const [array, row, column] = this.places[name];
    if (array.startsWith("first.") && this.model.steps > 1) return false;
    return Math.abs(this.model.panels[0].arrays[array].at(row, column) - value) <= SAME * Math.max(1, Math.abs(value));
  }

  inputOf(name) {
    return document.querySelector(`.${name} input[type=range]`);
  }

  /** Watch a slider from the moment that a pointer or a key takes it. What the page sets is no move. */
  grab({ type, key, target }) {
    if (type === "keydown" && !MOVING_KEY.test(key)) return;
    const name = Object.keys(this.places).find((one) => target.closest?.(`.${one}`));
    if (!name) return;
    clearTimeout(this.leaving);
    this.observer.disconnect();
    this.held = name;
    this.observer.observe(this.inputOf(name), { attributeFilter: ["aria-valuetext"] });
  }

  letGo() {
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => this.observer.disconnect(), LAST_MOVE);
  }

  move() {
    const value = this.inputOf(this.held)?.valueAsNumber;
    if (!Number.isFinite(value)) return;
    this.moves.set(this.held, value);
    this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.show(); });
  }

  /** Show the network with the numbers that the hand has set. */
  show() {
    const { player, moves } = this;
    if (!moves.size) return void delete player.root.dataset.ahead;
    const model = movedModel(this.model, this.networks, [...moves].map(([name, value]) => [...this.places[name], value]));
    player.playing.stop();
    player.show(model, { ...selectionOf(player.state), step: model.steps - 1 });
    player.root.dataset.ahead = "true";
    return undefined;
  }

  leave() {
    this.listeners.abort();
    this.observer.disconnect();
    clearTimeout(this.leaving);
    cancelAnimationFrame(this.frame);
  }
}

const HANDS = new WeakMap();

/** Let a player that shows the payload `bytes` follow the payload's sliders; call it for every payload. */
export function followSliders(player, bytes) {
  let hand = HANDS.get(player);
  if (!hand && !player.model.sliders) return;
  if (!hand) HANDS.set(player, hand = new Hand(player));
  hand.take(bytes);
}

/** Stop following the sliders. */
export function leaveSliders(player) {
  HANDS.get(player)?.leave();
  HANDS.delete(player);
}
