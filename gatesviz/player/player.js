/* The player: one clock, its panels, and the selection that a host can follow. */

import { adopt, decodePayload } from "./decode.js";
import { applyEdits, effectOf } from "./edited.js";
import { editActions, openEdits, recordedEdits } from "./editactions.js";
import { followKey } from "./keys.js";
import { keepsStill, Playing } from "./playing.js";
import { followPointers } from "./pointing.js";
import { recompute } from "./recomputed.js";
import { Scene } from "./scene.js";
import { spellingOf } from "./spelling.js";
import { endsOf, isWriting, selectionOf, stand } from "./standing.js";
import { anchorOf, stretchOf } from "./stretch.js";
import { joinClass, leaveClass, tellClass } from "./together.js";
import { Film, GifFilm } from "./video.js";

const SETTLED = 250; // ms without a change before a selection is reported
const LEAVING = ["pointerdown", "click"]; // a click by keyboard has no pointerdown
const LABEL = "Player. Space plays or pauses. Left and right arrows move one step, up and down choose the unit.";

class Player {
  constructor(root, model, host) {
    Object.assign(this, { root, host });
    const { order, span, speed, sums, reverse } = model.select;
    this.state = { edits: [], note: "", editing: false, step: 0, units: [], active: 0, lane: "", playing: false, order, span, speed, sums, reverse, from: 0 };
    this.actions = this.makeActions();
    this.playing = new Playing(this.state, {
      ends: () => endsOf(this.state, this.model),
      changed: () => this.playingChanged(),
      stepped: () => { this.scene.showStep(); tellClass(this); },
      glided: (place) => this.scene.moveCursor(place),
    });
    this.listen();
    this.open(host.edits ? { ...model.select, edits: host.edits } : model.select, model);
    if (host.ownsPage) joinClass(this);
    tellClass(this);
  }

  listen() {
    const { root } = this;
    root.classList.add("gv-player");
    Object.assign(root, { tabIndex: 0 });
    root.dataset.testid = "gv-player";
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", LABEL);
    this.onKey = (event) => followKey(event, this.actions);
    for (const name of ["onPageKey", "onLink", "tell", "forget"]) this[name] = this[name].bind(this);
    this.redraw = () => this.scene?.redraw();
    this.ignorePointers = followPointers(root);
    root.addEventListener("keydown", this.onKey);
    root.addEventListener("click", (event) => this.takeFocus(event));
    if (this.host.ownsPage) {
      document.addEventListener("keydown", this.onPageKey);
      for (const name of LEAVING) document.addEventListener(name, this.onLink, true);
      window.addEventListener("popstate", this.forget);
    }
    this.resizes = new ResizeObserver(this.redraw);
    this.resizes.observe(root);
    this.scheme = window.matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.redraw);
  }

  /** Show a model at a place that a host names, with its edits. */
  open(select, model) {
    this.held = false; // the reader has chosen no lane here
    openEdits(this, select, model);
    this.recorded = recordedEdits(model);
    this.show(model, select);
  }

  /** Show a model. If its shapes are the same, only the data change, in the same elements. */
  show(model, select) {
    const { state } = this;
    const adopted = this.model && adopt(this.model, model);
    if (!adopted) this.model = model;
    this.recompute();
    this.preview(this.state.edits);
    stand(state, this.model, select);
    if (adopted) this.scene.refresh();
    else this.scene = new Scene(this.root, model, state, this.actions);
    if (select.playing && !state.playing && !keepsStill()) this.playing.start();
  }

  /** Compute every panel with edits, without a place in the history. */
  preview(edits) {
    this.state.edits = edits;
    for (const panel of this.model.panels) applyEdits(panel, edits, this.model.steps);
  }

  /** Show edits, as they are or as the history has them, and report them. */
  edit(edits = this.history.list) {
    this.preview(edits);
    this.scene.showEdits();
    this.report();
  }

  /** Compute every panel again; `data-engine` is the largest difference, if all can be computed. */
  recompute() {
    for (const panel of this.model.panels) {
      Object.assign(panel, { recorded: panel.arrays, computed: recompute(panel) });
      panel.spelling = spellingOf(panel);
    }
    const most = Math.max(...this.model.panels.map(({ computed }) => computed.difference ?? Infinity));
    if (Number.isFinite(most)) this.root.dataset.engine = most.toExponential(1);
    else delete this.root.dataset.engine;
  }

  makeActions() {
    const { state } = this;
    return {
      toggle: () => this.playing.stop() || this.playing.start(),
      write: () => this.write(),
      film: (kind, whole) => this.film(kind, whole),
      toggleFilming: () => (this.filming ? this.playing.stop() || this.filming.finish() : this.scene.openFilming(this.scene.filming.element.hidden)),
      goTo: (step, panel) => { this.playing.stop(); if (panel) this.activate(panel); this.goTo(step); },
      move: (by) => { this.playing.stop(); this.goTo(state.step + by * this.heading()); },
      selects: () => Boolean(state.stretch) && !state.editing,
      anchor: () => anchorOf(state.stretch, state.step),
      selectStretch: (one, other) => this.selectStretch(one, other),
      extend: (by) => this.extend(by),
      firstStep: () => endsOf(state, this.model)[0],
      lastStep: () => endsOf(state, this.model)[1],
      activate: (panel) => this.activate(panel),
      chooseUnit: (panel, unit) => { this.activate(panel); this.chooseUnit(unit); },
      chooseUnitNumber: (unit) => this.chooseUnit(unit),
      moveUnit: (by) => this.chooseUnit(state.units[state.active] + by),
      chooseLane: (panel, letter) => {
        this.activate(panel);
        this.scene.editing.choose(letter);
        this.held = panel.states.includes(letter);
        this.chooseLane(letter);
      },
      setSpeed: (speed) => this.set({ speed }),
      setOrder: (order) => { this.set({ order }); this.scene.reorder(); },
      setSpan: (span) => { this.set({ span }); this.scene.redraw(); },
      setReverse: (reverse) => { this.set({ reverse }); this.scene.showStep(); },
      ...editActions(this),
      showAllRows: () => { this.set({ rows: "" }); this.scene.setRows(); this.root.focus({ preventScroll: true }); },
      setSums: (sums) => { this.set({ sums }); this.scene.setSums(); },
    };
  }

  /** Let the model write on from its last letter; stop if it is writing. */
  write() {
    if (isWriting(this.state)) return this.playing.stop();
    this.playing.stop();
    this.goTo(this.state.until - 1);
    this.playing.start();
  }

  /** Film one pass from the first step to the last, as a "webm" or a "gif"; `whole` includes the diagram and the equations. */
  film(kind, whole) {
    const [first, last] = endsOf(this.state, this.model);
    const [scene, ended] = [() => this.scene, (message) => this.filmed(message)];
    this.playing.stop();
    this.goTo(first);
    this.scene.openFilming(false);
    const next = () => {
      if (this.state.step === last) return false;
      this.goTo(this.state.step + Math.sign(last - first));
      return true;
    };
    const play = () => this.playing.start();
    this.filming = kind === "gif" ? new GifFilm(scene, whole, ended, { next, speed: this.state.speed }) : new Film(scene, whole, ended, play);
    this.scene.toolbar.setFilming(true);
  }

  filmed(message) {
    this.filming = null;
    this.scene.toolbar.setFilming(false);
    this.scene.toolbar.say(message);
  }

  set(choice) {
    Object.assign(this.state, choice);
    this.report();
  }

  /** Return 1 if playing goes from the first step to the last, else −1. */
  heading() {
    return endsOf(this.state, this.model)[0] === 0 ? 1 : -1;
  }

  goTo(step) {
    this.state.step = Math.max(0, Math.min(this.model.steps - 1, step));
    this.scene.showStep();
    this.report();
  }

  /** Choose the steps from one to another. */
  selectStretch(one, other) {
    this.playing.stop();
    this.state.stretch = stretchOf(one, other);
    this.scene.showStretch();
    this.report();
  }

  /** Move the cursor, and the end of the stretch that is there; elsewhere begin a new stretch. */
  extend(by) {
    const anchor = anchorOf(this.state.stretch, this.state.step);
    this.goTo(this.state.step + by);
    this.selectStretch(anchor, this.state.step);
  }

  chooseUnit(unit) {
    const { state } = this;
    if (!Number.isFinite(unit)) return;
    state.units[state.active] = Math.max(0, Math.min(this.model.panels[state.active].hidden - 1, Math.round(unit)));
    this.scene.setUnit();
    this.report();
  }

  chooseLane(letter) {
    this.state.lane = letter;
    if (this.state.order !== "index") this.scene.reorder();
    this.scene.paintLane();
    this.scene.showStep();
    this.report();
  }

  /** Choose the lane in which the effect of an edit of `letter` is seen best. A gate leaves a state that the reader chose. */
  chooseEffect(letter) {
    const panel = this.model.panels[this.state.active];
    if (this.held && panel.states.includes(this.state.lane) && !panel.states.includes(letter)) return;
    const lane = effectOf(panel, letter);
    if (lane && lane !== this.state.lane) this.chooseLane(lane);
  }

  activate(panel) {
    const index = this.model.panels.indexOf(panel);
    if (index === this.state.active) return;
    this.state.active = index;
    this.scene.paintLane();
    this.scene.showStep();
    this.report();
  }

  playingChanged() {
    const { playing } = this.state;
    this.scene.toolbar.setPlaying(playing);
    this.scene.showStep();
    if (!playing) this.filming?.finish();
    if (!playing) this.report();
  }

  /** After a click with a pointer, focus the player so that its keys work. Keyboard users keep their focus. */
  takeFocus(event) {
    if (event.detail > 0 && event.target.closest("button")) this.root.focus({ preventScroll: true });
  }

  /** On the player's own page, its keys work while nothing else has the focus. */
  onPageKey(event) {
    if ([document.body, document.querySelector("[data-testid=stMain]")].includes(document.activeElement)) this.onKey(event);
  }

  /** Report the selection to the host once it has settled; never while playing. */
  report() {
    tellClass(this);
    clearTimeout(this.settling);
    this.settling = setTimeout(this.tell, SETTLED);
  }

  /** Report at once what waits, before a click on a link leads to another page: later, the host would have no place for it. */
  onLink(event) {
    if (this.settling && event.composedPath().some((element) => element.href)) this.tell();
  }

  /** Forget what waits: the host has moved the player, or the reader has opened another address. */
  forget() {
    clearTimeout(this.settling);
    this.settling = 0;
  }

  tell() {
    this.forget();
    if (!this.state.playing) this.host.select?.(selectionOf(this.state));
  }

  /** Show another payload. If the host names another place than last time, move there. */
  update(model) {
    const moved = JSON.stringify(model.select) !== JSON.stringify(this.model.select);
    if (model.id === this.model.id && !moved) this.redraw();
    else {
      const { step } = this.state;
      const others = recordedEdits(model) !== this.recorded;
      const select = selectionOf(this.state);
      if (moved && !model.select.playing) this.playing.stop();
      if (model.sliders) select.step = model.steps - 1; // the step that they set
      if (moved && !model.select.edits) this.state.editing = false;
      if (moved || others) this.open(moved ? model.select : { ...select, edits: "" }, model);
      else this.show(model, select);
      if (moved) this.forget();
      if (!moved && this.state.step !== step) this.report();
      if (moved || others) this.classEdits = ""; // the teacher's are shown again
      if (this.host.ownsPage) joinClass(this);
      tellClass(this);
    }
  }

  /** Forget what the reader was doing before the host moved the player. */
  begin({ playing, edits }) {
    if (!playing) this.playing.stop();
    if (!edits) this.state.editing = false;
  }

  destroy() {
    leaveClass(this);
    this.filming?.drop();
    this.playing.clock.stop();
    clearTimeout(this.settling);
    this.resizes.disconnect();
    this.scheme.removeEventListener("change", this.redraw);
    this.ignorePointers();
    this.root.removeEventListener("keydown", this.onKey);
    document.removeEventListener("keydown", this.onPageKey);
    for (const name of LEAVING) document.removeEventListener(name, this.onLink, true);
    window.removeEventListener("popstate", this.forget);
  }
}

/** Return the host of a player that owns a page: the page's address holds the edits. */
export function pageHost() {
  let kept = new URLSearchParams(location.hash.slice(1)).get("edits") ?? "";
  return {
    ownsPage: true,
    edits: kept,
    select({ edits }) {
      if (edits !== kept) history.replaceState(null, "", edits ? `#edits=${edits}` : "#");
      kept = edits;
    },
  };
}

const PLAYERS = new WeakMap();

/** Show a payload under `root`; called again with other bytes, it keeps its step and settings. */
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

/** Remove the player from `root`. */
export function removePlayer(root) {
  PLAYERS.get(root)?.destroy();
  PLAYERS.delete(root);
}
