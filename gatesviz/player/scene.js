/* The player's elements: toolbar, text, and a column for each panel. */

import { answersAt } from "./answerchanges.js";
import { Column } from "./column.js";
import { makeElement } from "./dom.js";
import { Editing } from "./editing.js";
import { Filming } from "./filming.js";
import { keepsStill } from "./playing.js";
import { isWriting, uncover, viewOf } from "./standing.js";
import { StretchSentence } from "./stretch.js";
import { TextStrip } from "./textstrip.js";
import { Toolbar } from "./toolbar.js";

export class Scene {
  constructor(root, model, state, actions) {
    Object.assign(this, { root, model, state, place: state.step });
    this.toolbar = new Toolbar(model, state, actions);
    this.strip = model.shared && (model.text || model.words) ? new TextStrip(model.labels, actions, model.written, model.words) : null;
    this.editing = new Editing(model, state, actions);
    this.filming = new Filming(actions);
    this.stretch = new StretchSentence();
    this.columns = model.panels.map((panel) => new Column(panel, model, actions));
    const columns = makeElement("div", { class: "gv-columns", "data-columns": model.panels.length }, ...this.columns.map((column) => column.element));
    root.style.setProperty("--gv-least", `${Math.max(60, Math.min(300, 18 * model.steps))}px`); // of a lane's plot
    this.all = makeElement("button", { type: "button", class: "gv-all-rows", onclick: actions.showAllRows }, "Show all rows and the cell");
    const focused = root !== root.getRootNode().activeElement && root.contains(root.getRootNode().activeElement);
    root.replaceChildren(...[this.toolbar.element, this.filming.element, this.editing.element, this.stretch.element, this.strip?.element, columns, this.all].filter(Boolean));
    if (focused) root.focus({ preventScroll: true });
    this.toolbar.setPlaying(state.playing);
    this.setSums();
    this.setEditing();
    this.setRows();
    for (const column of this.columns) column.lanes.setOrder(state.order, state.lane);
    this.redraw();
  }

  setEditing() {
    const { state, model, root } = this;
    const possible = model.panels.some(({ computed }) => !computed.problem);
    this.toolbar.setEditing(state.editing, possible);
    this.editing.open(state.editing && possible);
    root.classList.toggle("gv-edits", state.editing && possible);
    this.editing.update(state.note);
    root.dataset.edits = JSON.stringify(state.edits);
    this.showStretch();
  }

  /** Show the chosen stretch. Where one is chosen, the lanes have the whole width, unless the reader edits. */
  showStretch() {
    const { root, state: { stretch, editing } } = this;
    root.classList.toggle("gv-lanes-alone", (Boolean(stretch) && !editing) || !this.all.hidden);
    this.stretch.show(editing ? null : stretch); // while the reader edits, a drag chooses no steps
    for (const column of this.columns) column.lanes.setStretch(stretch);
    if (stretch) root.dataset.stretch = stretch.join("-");
    else delete root.dataset.stretch;
  }

  /** Show only the chosen rows, if any. */
  setRows() {
    const { root, state: { rows } } = this;
    const chosen = this.columns.some(({ lanes }) => lanes.has(rows.split("_"))) ? rows.split("_") : null;
    this.all.hidden = !chosen;
    root.classList.toggle("gv-few-rows", Boolean(chosen));
    for (const column of this.columns) column.lanes.showOnly(chosen);
    this.showStretch();
    if (this.drawn) this.redraw();
  }

  /** Open or close the row that saves a video. */
  openFilming(open) {
    this.filming.open(open, this.root.classList.contains("gv-lanes-alone"));
    this.toolbar.setFilmRow(open);
  }

  /** Redraw after the values changed while the shapes stayed the same. */
  refresh() {
    this.setEditing();
    this.setRows();
    for (const column of this.columns) {
      column.refresh();
      column.lanes.setOrder(this.state.order, this.state.lane);
    }
    this.redraw();
  }

  /** Redraw after edits, which change values and nothing else. */
  showEdits() {
    for (const column of this.columns) column.repaint(this.state.lane);
    this.editing.update(this.state.note);
    this.toolbar.say(""); // an earlier sentence, such as on a unit that doesn't exist
    this.root.dataset.edits = JSON.stringify(this.state.edits);
    this.redraw();
  }

  style() {
    const css = getComputedStyle(this.root);
    const value = (name) => css.getPropertyValue(name).trim();
    const [red, green, blue] = (css.color.match(/[\d.]+/g) || [0, 0, 0]).map(Number);
    const dark = red + green + blue > 380;
    return { text: value("--gv-text"), muted: value("--gv-muted"), line: value("--gv-line"), surface: value("--gv-surface"), accent: value("--gv-accent"), font: css.fontFamily, large: parseFloat(value("--gv-large")) || 1, dark };
  }

  redraw() {
    this.drawn = null;
    for (const column of this.columns) column.lanes.compare(this.state.lane);
    this.showStep();
    this.paintLane();
  }

  drawLanes() {
    const view = viewOf(this.state, this.model.steps);
    if (this.drawn && view.from === this.drawn.from && view.count === this.drawn.count) return;
    const style = this.style();
    this.columns.forEach((column, index) => column.lanes.draw(view, this.state.units[index], style));
    this.drawn = view;
  }

  paintLane() {
    const { lane, active, units } = this.state;
    const { dark } = this.style();
    const paint = (strip, panel, unit) => strip.paint(panel, panel.lanes.find((one) => one.letter === lane) || panel.lanes.at(-1), unit, dark);
    this.columns.forEach((column, index) => {
      column.lanes.markLane(lane);
      column.lanes.compare(lane);
      if (column.strip) paint(column.strip, column.panel, units[index]);
    });
    if (this.strip) paint(this.strip, this.model.panels[active], units[active]);
  }

  reorder() {
    for (const column of this.columns) column.lanes.setOrder(this.state.order, this.state.lane);
    this.drawn = null;
    this.drawLanes();
  }

  setSums() {
    for (const column of this.columns) column.equations.setOpen(this.state.sums);
  }

  setUnit() {
    const { active, units } = this.state;
    this.columns[active].lanes.setUnit(units[active], this.style());
    this.paintLane();
    this.showStep();
  }

  showStep() {
    const { state, root, model } = this;
    uncover(state, model.steps);
    this.drawLanes();
    const panel = model.panels[state.active];
    this.strip?.setCover(state.until, { writing: isWriting(state), edited: Boolean(panel.edited) });
    for (const column of this.columns) column.setCover(state.until, isWriting(state));
    this.toolbar.setStep(state.step, panel);
    this.toolbar.setUnit(state.units[state.active], panel.hidden);
    this.strip?.setStep(state.step);
    this.editing.follow();
    this.columns.forEach((column, index) => {
      column.setStep(state.step, state.units[index], { quiet: state.playing, back: state.reverse });
      column.element.classList.toggle("gv-active", this.columns.length > 1 && index === state.active);
    });
    this.moveCursor(state.playing && !keepsStill() ? this.place : state.step);
    Object.assign(root.dataset, {
      step: state.step, steps: model.steps, unit: state.units[state.active], playing: state.playing,
      cell: panel.cell, panel: state.active, lane: state.lane,
    });
    const answers = answersAt(panel, state.step);
    if (answers) Object.assign(root.dataset, { answer: answers.answer, answerBefore: answers.before });
    else for (const name of ["answer", "answerBefore"]) delete root.dataset[name];
  }

  moveCursor(place) {
    this.place = place;
    for (const column of this.columns) column.lanes.moveCursor(place);
  }
}
