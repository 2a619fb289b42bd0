/* The edit mode: what is set, at which steps, in which units and to what; undo, redo and reset. */

import { makeElement, setText, visible } from "./dom.js";
import { describeEdit, describeLetter, editProblem, rangeWarning } from "./edits.js";
import { formatNumber } from "./numbers.js";
import { letterAt, letterEdits, namesOf, readsLetters } from "./spelling.js";

const WHEN = [["step", "at this step"], ["range", "at steps …"], ["all", "at all steps"]];
const HINT = "Drag a row's curve up or down, or a gate in the diagram. Or set a value here. The thin curve is without edits.";
const HINT_LETTERS = " To replace a letter of the text, choose x in the first list.";
const WHICH = [["letter", "as a letter"], ["unit", "in this unit"], ["all", "in all units"]];

/** Return a typed number, or NaN. A comma and the true minus sign are accepted. */
function typedNumber(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  return plain === "" ? NaN : Number(plain);
}

function choice(label, options, act) {
  return makeElement("select", { "aria-label": label, onchange: act }, ...options.map(([value, text]) => makeElement("option", { value }, text)));
}

/** Return the letters that can be edited: gates, then states, then the input. */
export function editableLetters(panel) {
  return [...panel.gates.map(({ letter }) => letter), ...[...panel.states].reverse(), "x"];
}

export class Editing {
  constructor(model, state, actions) {
    Object.assign(this, { model, state, actions });
    const button = (text, name, act) => makeElement("button", { type: "button", "data-action": name, onclick: act }, text);
    const number = (label, value) => makeElement("input", { type: "number", min: 0, max: model.steps - 1, value, "aria-label": label });
    this.wanted = state.lane; // the letter to set, in each panel that has it
    this.letter = choice("What to set", [], () => this.choose(this.letter.value));
    this.when = choice("At which steps", WHEN, () => this.showRange());
    this.which = choice("In which units", WHICH, () => this.follow());
    [this.first, this.last] = [number("From step", 0), number("To step", model.steps - 1)];
    this.range = makeElement("span", { class: "gv-range", hidden: true }, this.first, " to ", this.last);
    this.which.value = "unit";
    this.which.options[0].hidden = true; // until the input is to be set
    this.name = makeElement("select", { "aria-label": "Letter", hidden: true });
    this.value = makeElement("input", {
      type: "text", inputmode: "text", autocomplete: "off", size: 6, "aria-label": "Value",
      onkeydown: (event) => { if (event.key === "Enter") this.set(); },
    });
    this.undo = button("Undo", "undo", actions.undo);
    this.redo = button("Redo", "redo", actions.redo);
    this.reset = button("Reset", "reset", actions.reset);
    this.off = button("Switch this unit off", "off", () => this.switchUnit());
    this.where = makeElement("span", { class: "gv-where" });
    this.none = makeElement("span", {}, "No edits yet.");
    this.list = makeElement("ul", { class: "gv-edit-list", "aria-label": "Edits", onkeydown: (event) => this.removeByKey(event) });
    this.rows = [];
    this.status = makeElement("p", { class: "gv-edit-status" });
    this.element = makeElement(
      "div", { class: "gv-editing", role: "group", "aria-label": "Edit", hidden: !state.editing },
      makeElement("p", { class: "gv-hint" }, HINT + (model.panels.some(readsLetters) ? HINT_LETTERS : "")),
      makeElement(
        "div", { class: "gv-edit-row" }, makeElement("span", {}, "Set"), this.letter, this.when, this.range, this.which, this.where,
        makeElement("span", {}, "to"), this.value, this.name, button("Set", "set", () => this.set()), this.off,
      ),
      makeElement("div", { class: "gv-edit-row" }, this.undo, this.redo, this.reset, this.none, this.list),
      this.status,
    );
    this.several = model.panels.some(({ engine }) => engine?.passes.length > 1);
  }

  /** Choose the letter to set. */
  choose(letter) {
    this.wanted = letter;
    this.follow();
  }

  open(opens) {
    this.element.hidden = !opens;
    if (opens) this.status.setAttribute("role", "status");
    else this.status.removeAttribute("role"); // a screen reader listens to nothing that is hidden
  }

  showRange() {
    this.range.hidden = this.when.value !== "range";
    if (this.range.hidden) return;
    this.first.value = String(this.state.step);
    this.last.value = String(Math.min(this.model.steps - 1, this.state.step + 5));
  }

  /**
   * Return the steps that the controls name: a list, null for all, or a sentence on what is wrong. A value
   * that is dragged at `held`, a step outside the range, is set there alone.
   */
  steps(held) {
    const step = held ?? this.state.step;
    if (this.when.value === "all") return null;
    if (this.when.value === "step" || held < Number(this.first.value) || held > Number(this.last.value)) return [step];
    const [first, last] = [this.first, this.last].map(({ value }) => (value === "" ? NaN : Number(value)));
    const most = this.model.steps - 1;
    if (![first, last].every(Number.isInteger) || first < 0 || last > most || first > last) {
      return `Expected steps from 0 to ${most}, the smaller number first. You typed ${this.first.value || "nothing"} to ${this.last.value || "nothing"}.`;
    }
    return Array.from({ length: last - first + 1 }, (_, k) => first + k);
  }

  /** Return an edit of the active panel with the chosen steps and units, or a sentence on what is wrong. */
  make(letter, value, { step, unit } = {}) {
    const panel = this.model.panels[this.state.active];
    if (panel.computed.problem) return panel.computed.problem;
    const steps = this.steps(step);
    if (typeof steps === "string") return steps;
    const only = letter === "x" && panel.arrays.x.columns === 1; // the input has no units then
    const units = this.which.value !== "unit" || only ? null : [unit ?? this.state.units[this.state.active]];
    const [layer, direction] = panel.engine.place;
    const edit = { letter, value, steps, units, layer, direction };
    return editProblem(edit, panel, this.model.steps) || edit;
  }

  /** Return whether the letter to set is the input, and it reads letters that can be replaced. */
  setsLetters(panel = this.model.panels[this.state.active]) {
    return this.letter.value === "x" && !panel.computed.problem && readsLetters(panel);
  }

  /** Put a letter into the input at the chosen steps. */
  setLetter(name) {
    const steps = this.steps();
    if (typeof steps === "string") return this.say(steps);
    return this.actions.addLetter(letterEdits(this.model.panels[this.state.active], name, steps));
  }

  /** Return a sentence on a typed value that is no number. */
  noNumber(typed) {
    const panel = this.model.panels[this.state.active];
    const shown = `“${typed.slice(0, 20)}”`;
    if (this.setsLetters()) return `${shown} is neither a number nor a letter that can be set here. Letters: ${namesOf(panel)}.`;
    const above = this.letter.value === "x" && panel.spelling ? " This layer reads the h of the layer below, not letters." : "";
    return `${shown} isn’t a number. Type one, such as 0 or −0.5.${above}`;
  }

  set() {
    const { spelling } = this.model.panels[this.state.active];
    const value = typedNumber(this.value.value);
    const typed = visible(this.value.value === " " ? " " : this.value.value.trim());
    if (this.which.value === "letter") return this.setLetter(this.name.value);
    if (this.setsLetters() && spelling.has(typed) && !Number.isFinite(value)) return this.setLetter(typed);
    if (this.value.value.trim() === "") return this.say("Type a value, such as 0 or −0.5.");
    if (!Number.isFinite(value)) return this.say(this.noNumber(this.value.value));
    return this.add(this.make(this.letter.value, value));
  }

  /** Return the edit that switches the chosen unit off, or a sentence on what is wrong. */
  offEdit() {
    const [panel, unit] = [this.model.panels[this.state.active], this.state.units[this.state.active]];
    if (panel.computed.problem) return panel.computed.problem;
    const [layer, direction] = panel.engine.place;
    const edit = { letter: "h", value: 0, steps: null, units: [unit], layer, direction };
    return editProblem(edit, panel, this.model.steps) || edit;
  }

  /** Return the place in the list of the edit that switches the chosen unit off, or −1. */
  switchedOff() {
    const off = JSON.stringify(this.offEdit());
    return this.state.edits.findIndex((edit) => JSON.stringify(edit) === off);
  }

  /** Switch the chosen unit off, or on again. */
  switchUnit() {
    const place = this.switchedOff();
    if (place < 0) this.add(this.offEdit());
    else this.actions.removeEdits(place, 1);
  }

  add(edit) {
    if (typeof edit === "string") this.say(edit);
    else this.actions.addEdit(edit);
  }

  say(sentence) {
    setText(this.status, sentence);
  }

  /** Show what is set now. `note` is a sentence on a link that couldn't be read. */
  update(note) {
    const { state: { edits, active }, model, actions } = this;
    const panel = model.panels[active];
    this.showList();
    [this.undo.disabled, this.redo.disabled, this.reset.disabled] = [!actions.canUndo(), !actions.canRedo(), !edits.length];
    const warnings = new Set(edits.flatMap((edit) => model.panels.map((one) => rangeWarning(edit, one))).filter(Boolean));
    const ignored = edits.map((edit) => [edit, model.panels.map((one) => one.computed.problem ?? editProblem(edit, one, model.steps))])
      .filter(([, problems]) => problems.every(Boolean)).map(([edit, [problem]]) => `${describeEdit(edit, this.several, this.names())} has no effect. ${problem}`);
    const gradients = edits.length && panel.gradients.length ? "Gradients are those of the run without edits." : "";
    this.say([note, ...ignored.slice(0, 1), ...[...warnings].slice(0, 1), gradients].filter(Boolean).join(" "));
  }

  /** Show each edit with a button that removes it. */
  showList() {
    const { edits } = this.state;
    this.none.hidden = edits.length > 0;
    this.groups = this.groupsOf(edits);
    while (this.rows.length > this.groups.length) this.rows.pop().row.remove();
    while (this.rows.length < this.groups.length) this.addRow(this.rows.length);
    this.groups.forEach(({ from, name }, index) => {
      const { words, remove } = this.rows[index];
      const what = name ? describeLetter(name, edits[from], this.several) : describeEdit(edits[from], this.several, this.names());
      const text = [what, this.cellsOf(edits[from])].filter(Boolean).join(", ");
      setText(words, text);
      if (remove.getAttribute("aria-label") !== `Remove ${text}`) remove.setAttribute("aria-label", `Remove ${text}`);
    });
  }

  /** Return the names of the units of a one-hot input, if they are letters. */
  names() {
    const panel = this.model.panels[this.state.active];
    return panel.spelled ? panel.features : null;
  }

  /** Return the edits that stand in one row, {from, count, name}: those that put one letter together, all others alone. */
  groupsOf(edits) {
    const groups = [];
    for (let from = 0; from < edits.length; from += groups.at(-1).count) {
      groups.push({ from, ...(letterAt(edits, from, this.model.panels[this.state.active]) ?? { count: 1, name: "" }) });
    }
    return groups;
  }

  addRow(index) {
    const words = makeElement("span");
    const remove = makeElement("button", { type: "button", "data-action": "remove", title: "Remove this edit (Delete)", onclick: () => this.remove(index) }, "×");
    const row = makeElement("li", {}, words, remove);
    this.rows.push({ row, words, remove });
    this.list.append(row);
  }

  /** Remove one edit. The focus stays in the list as long as it has edits. */
  remove(index) {
    const focused = this.rows[index].remove === this.element.getRootNode().activeElement;
    const { from, count } = this.groups[index];
    this.actions.removeEdits(from, count);
    if (focused) (this.rows[Math.min(index, this.rows.length - 1)]?.remove ?? this.undo).focus();
  }

  removeByKey(event) {
    const index = this.rows.findIndex(({ remove }) => remove === event.target);
    if (index < 0 || !["Delete", "Backspace"].includes(event.key)) return;
    event.preventDefault();
    this.remove(index);
  }

  /** Return in which of several cells an edit acts, as “in LSTM and GRU”; "" if there is one cell. */
  cellsOf(edit) {
    const { model: { panels, steps } } = this;
    const titles = panels.filter((panel) => !panel.computed.problem && !editProblem(edit, panel, steps)).map(({ title }) => title);
    if (panels.length < 2 || !titles.length) return "";
    if (titles.length === panels.length) return panels.length === 2 ? "in both cells" : `in all ${panels.length} cells`;
    return `only in ${titles.join(" and ")}`;
  }

  /** Say in which cells the next edit will act. */
  sayWhere() {
    const next = this.make(this.letter.value, 0);
    setText(this.where, typeof next === "string" ? "" : this.cellsOf(next));
  }

  /** Follow the step, unit, lane and panel. */
  follow() {
    if (this.element.hidden) return; // it plays at 60 frames a second
    const { state, model } = this;
    const panel = model.panels[state.active];
    const letters = panel.computed.problem ? [] : editableLetters(panel);
    if (this.offered !== letters.join()) {
      this.offered = letters.join();
      this.letter.replaceChildren(...letters.map((letter) => makeElement("option", { value: letter }, letter)));
    }
    if (letters.includes(this.wanted)) this.letter.value = this.wanted;
    const array = panel.arrays[this.letter.value];
    const unit = state.units[state.active];
    const offset = panel.states.includes(this.letter.value) && panel.direction === "forward" ? 1 : 0;
    const now = array && unit < array.columns ? formatNumber(array.at(state.step + offset, unit)) : "";
    this.value.placeholder = now;
    setText(this.when.options[0], `at step ${state.step}`);
    const name = this.letter.value === "x" ? this.names()?.[unit] : undefined;
    setText(this.which.options[1], `in unit ${unit}${name === undefined ? "" : ` (“${name}”)`}`);
    this.followLetters(panel);
    setText(this.off, `Switch unit ${unit} ${this.switchedOff() < 0 ? "off" : "on again"}`);
    if (model.panels.length > 1) this.sayWhere();
  }

  /** Offer the letters that the input reads, where the input is to be set; it begins with them. */
  followLetters(panel) {
    const [option, spelled] = [this.which.options[0], this.setsLetters(panel)];
    if (spelled && option.hidden) this.which.value = "letter";
    if (!spelled && this.which.value === "letter") this.which.value = "unit";
    option.hidden = option.disabled = !spelled;
    const chosen = this.which.value === "letter";
    [this.name.hidden, this.value.hidden] = [!chosen, chosen];
    const letters = spelled ? [...panel.spelling.keys()] : [];
    if (this.lettersOffered === letters.join("\n")) return;
    this.lettersOffered = letters.join("\n");
    this.name.replaceChildren(...letters.map((letter) => makeElement("option", { value: letter }, letter)));
  }
}
