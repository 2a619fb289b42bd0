/* The player: one clock, the panels under it, and the selection that a host can listen to. */

import { Clock } from "./clock.js";
import { Column } from "./column.js";
import { decodePayload } from "./decode.js";
import { makeElement } from "./dom.js";
import { TextStrip } from "./textstrip.js";
import { Toolbar } from "./toolbar.js";

const SETTLED = 250; // ms without a change before a selection is reported
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");

class Player {
  constructor(root, model, host) {
    Object.assign(this, { root, host });
    const { order, span, speed, sums } = model.select;
    this.state = { step: 0, units: [], active: 0, lane: "", playing: false, order, span, speed, sums, from: 0 };
    this.clock = new Clock(() => this.state.speed, (steps) => this.advance(steps), (share) => this.glide(share));
    this.onKey = this.onKey.bind(this);
    this.onPageKey = this.onPageKey.bind(this);
    this.redraw = this.redraw.bind(this);
    root.classList.add("gv-player");
    Object.assign(root, { tabIndex: 0 });
    root.dataset.testid = "gv-player";
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Player: space plays, left and right step, up and down choose the unit");
    root.addEventListener("keydown", this.onKey);
    root.addEventListener("click", (event) => this.takeFocus(event));
    if (host.ownsPage) document.addEventListener("keydown", this.onPageKey);
    this.resizes = new ResizeObserver(this.redraw);
    this.resizes.observe(root);
    this.scheme = window.matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.redraw);
    this.show(model, model.select);
  }

  /** Show a model; where the reader stands is kept where it still exists. */
  show(model, select) {
    const { state } = this;
    this.model = model;
    this.reversed = model.panels.every((panel) => panel.direction === "backward");
    state.step = Math.max(0, Math.min(model.steps - 1, Math.round(select.step)));
    state.active = Math.max(0, Math.min(model.panels.length - 1, select.panel));
    const unit = model.panels.map((panel, index) => (index === state.active ? select.unit : state.units[index] ?? select.unit));
    state.units = unit.map((one, index) => Math.max(0, Math.min(model.panels[index].hidden - 1, one)));
    state.lane = select.lane || state.lane;
    if (!model.panels.some((panel) => panel.lanes.some((lane) => lane.letter === state.lane))) {
      state.lane = model.panels[state.active].states.at(-1);
    }
    state.span = state.span < model.steps ? state.span : 0;
    this.place = state.step;
    const actions = this.actions();
    this.toolbar = new Toolbar(model, state, actions);
    this.strip = model.text ? new TextStrip(model, actions) : null;
    this.columns = model.panels.map((panel) => new Column(panel, model, actions));
    const columns = makeElement("div", { class: "gv-columns", "data-columns": model.panels.length }, ...this.columns.map((column) => column.element));
    this.root.replaceChildren(...[this.toolbar.element, this.strip?.element, columns].filter(Boolean));
    this.toolbar.setPlaying(state.playing);
    for (const column of this.columns) {
      column.equations.setOpen(state.sums);
      column.lanes.setOrder(state.order, state.lane);
    }
    this.redraw();
    if (select.playing && !state.playing && !STILL.matches) this.playOn();
  }

  actions() {
    return {
      toggle: () => this.toggle(),
      goTo: (step, panel) => { this.pause(); if (panel) this.activate(panel); this.goTo(step); },
      move: (by) => { this.pause(); this.goTo(this.state.step + (this.reversed ? -by : by)); },
      firstStep: () => (this.reversed ? this.model.steps - 1 : 0),
      lastStep: () => (this.reversed ? 0 : this.model.steps - 1),
      activate: (panel) => this.activate(panel),
      chooseUnit: (panel, unit) => { this.activate(panel); this.chooseUnit(unit); },
      chooseUnitNumber: (unit) => this.chooseUnit(unit),
      chooseLane: (panel, letter) => { this.activate(panel); this.chooseLane(letter); },
      setSpeed: (speed) => this.set({ speed }),
      setOrder: (order) => { this.set({ order }); this.reorder(); },
      setSpan: (span) => { this.set({ span }); this.redraw(); },
      setSums: (sums) => { this.set({ sums }); for (const column of this.columns) column.equations.setOpen(sums); },
    };
  }

  set(choice) {
    Object.assign(this.state, choice);
    this.report();
  }

  style() {
    const css = getComputedStyle(this.root);
    const value = (name) => css.getPropertyValue(name).trim();
    const [red, green, blue] = (css.color.match(/[\d.]+/g) || [0, 0, 0]).map(Number);
    return { text: value("--gv-text"), muted: value("--gv-muted"), line: value("--gv-line"), dark: red + green + blue > 380 };
  }

  view() {
    const { span, step } = this.state;
    const count = span || this.model.steps;
    let { from } = this.state;
    if (step < from || step >= from + count) from = step - Math.floor(count / 2);
    else if (this.state.playing && step - from > count * 0.75) from = step - Math.floor(count * 0.25);
    this.state.from = Math.max(0, Math.min(this.model.steps - count, from));
    return { from: this.state.from, count };
  }

  redraw() {
    if (!this.columns) return;
    const style = this.style();
    const view = this.view();
    this.columns.forEach((column, index) => column.lanes.draw(view, this.state.units[index], style));
    this.drawn = view;
    this.paintLane(style);
    this.showStep();
  }

  paintLane(style = this.style()) {
    const { lane, active, units } = this.state;
    for (const column of this.columns) column.lanes.markLane(lane);
    const panel = this.model.panels[active];
    const shown = panel.lanes.find((one) => one.letter === lane) || panel.lanes.at(-1);
    if (this.strip) this.strip.paint(panel, shown, units[active], style.dark);
  }

  reorder() {
    const style = this.style();
    this.columns.forEach((column, index) => {
      column.lanes.setOrder(this.state.order, this.state.lane);
      column.lanes.draw(this.view(), this.state.units[index], style);
    });
  }

  showStep() {
    const { state, root } = this;
    const view = this.view();
    if (this.drawn && (view.from !== this.drawn.from || view.count !== this.drawn.count)) {
      const style = this.style();
      this.columns.forEach((column, index) => column.lanes.draw(view, state.units[index], style));
      this.drawn = view;
    }
    this.toolbar.setStep(state.step);
    this.toolbar.setUnit(state.units[state.active], this.model.panels[state.active].hidden);
    this.strip?.setStep(state.step);
    this.columns.forEach((column, index) => {
      column.setStep(state.step, state.units[index], state.playing);
      column.element.classList.toggle("gv-active", this.columns.length > 1 && index === state.active);
    });
    this.moveCursor(state.playing && !STILL.matches ? this.place : state.step);
    Object.assign(root.dataset, {
      step: state.step, steps: this.model.steps, unit: state.units[state.active], playing: state.playing,
      cell: this.model.panels[state.active].cell, panel: state.active, lane: state.lane,
    });
  }

  moveCursor(place) {
    this.place = place;
    for (const column of this.columns) column.lanes.moveCursor(place);
  }

  goTo(step) {
    this.state.step = Math.max(0, Math.min(this.model.steps - 1, step));
    this.place = this.state.step;
    this.showStep();
    this.report();
  }

  chooseUnit(unit) {
    const { state } = this;
    if (!Number.isFinite(unit)) return;
    state.units[state.active] = Math.max(0, Math.min(this.model.panels[state.active].hidden - 1, Math.round(unit)));
    this.columns[state.active].lanes.setUnit(state.units[state.active], this.style());
    this.paintLane();
    this.showStep();
    this.report();
  }

  chooseLane(letter) {
    this.state.lane = letter;
    if (this.state.order !== "index") this.reorder();
    this.paintLane();
    this.showStep();
    this.report();
  }

  activate(panel) {
    const index = this.model.panels.indexOf(panel);
    if (index === this.state.active) return;
    this.state.active = index;
    this.paintLane();
    this.showStep();
    this.report();
  }

  toggle() {
    if (this.state.playing) this.pause();
    else this.playOn();
  }

  playOn() {
    const { state } = this;
    const end = this.reversed ? 0 : this.model.steps - 1;
    if (state.step === end) state.step = this.reversed ? this.model.steps - 1 : 0;
    state.playing = true;
    this.place = state.step;
    this.toolbar.setPlaying(true);
    this.showStep();
    this.clock.start();
  }

  pause() {
    if (!this.state.playing) return;
    this.state.playing = false;
    this.clock.stop();
    this.toolbar.setPlaying(false);
    this.showStep();
    this.report();
  }

  /** Play on by some steps; return whether there are more. */
  advance(steps) {
    const { state } = this;
    const left = Math.abs((this.reversed ? 0 : this.model.steps - 1) - state.step);
    state.step += (this.reversed ? -1 : 1) * Math.min(steps, left);
    this.showStep();
    if (steps >= left) this.pause();
    return steps < left;
  }

  glide(share) {
    if (!STILL.matches) this.moveCursor(this.place + (this.state.step - this.place) * share);
  }

  /** After a click with a pointer the keys go on to work; who came by keyboard stays where they are. */
  takeFocus(event) {
    if (event.detail > 0 && event.target.closest("button")) this.root.focus({ preventScroll: true });
  }

  /** Where the player is what a page is about, its keys work while nothing else has the focus. */
  onPageKey(event) {
    if (document.activeElement === document.body) this.onKey(event);
  }

  onKey(event) {
    const { target, key } = event;
    const tag = target.tagName;
    if (event.ctrlKey || event.metaKey || event.altKey || tag === "SELECT") return;
    if (tag === "INPUT" && target.type === "number") return;
    if ((key === " " || key === "Enter") && (tag === "BUTTON" || target.type === "checkbox")) return event.stopPropagation();
    const actions = this.actions();
    const unit = this.state.units[this.state.active];
    const act = {
      " ": actions.toggle,
      ArrowLeft: () => actions.move(-1),
      ArrowRight: () => actions.move(1),
      ArrowUp: () => this.chooseUnit(unit - 1),
      ArrowDown: () => this.chooseUnit(unit + 1),
      Home: () => actions.goTo(actions.firstStep()),
      End: () => actions.goTo(actions.lastStep()),
    }[key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** Where the reader stands and how the player is set: `Selection` of payload.py. */
  selection() {
    const { step, units, active, lane, order, span, speed, sums } = this.state;
    return { step, unit: units[active], panel: active, lane, order, span, speed, sums };
  }

  /** Tell the host, once things have settled; never while playing. */
  report() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      if (!this.state.playing) this.host.select?.(this.selection());
    }, SETTLED);
  }

  /** Show another payload. A host that names another place than last time moves the reader there. */
  update(model) {
    const moved = JSON.stringify(model.select) !== JSON.stringify(this.model.select);
    if (model.id === this.model.id && !moved) this.redraw();
    else {
      const { step } = this.state;
      this.show(model, moved ? model.select : this.selection());
      if (!moved && this.state.step !== step) this.report();
    }
  }

  destroy() {
    this.clock.stop();
    clearTimeout(this.settling);
    this.resizes.disconnect();
    this.scheme.removeEventListener("change", this.redraw);
    this.root.removeEventListener("keydown", this.onKey);
    document.removeEventListener("keydown", this.onPageKey);
  }
}

const PLAYERS = new WeakMap();

/** Show a payload under `root`; called again with other bytes it goes on from where it stands. */
export function showPlayer(root, bytes, host = {}) {
  const model = decodePayload(bytes);
  let player = PLAYERS.get(root);
  if (player) {
    player.host = host;
    player.update(model);
  } else {
    player = new Player(root, model, host);
    PLAYERS.set(root, player);
  }
  return player;
}

/** Take the player off `root`. */
export function removePlayer(root) {
  PLAYERS.get(root)?.destroy();
  PLAYERS.delete(root);
}
