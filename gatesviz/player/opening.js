/* The opening: a letter on its way through a trained LSTM, with captions. Then one gate is yours. */

import { judge, nameAnswers } from "./answers.js";
import { decodePayload } from "./decode.js";
import { makeElement, setText } from "./dom.js";
import { applyEdits } from "./edited.js";
import { formatNumber, formatShare } from "./numbers.js";
import { OpeningStage } from "./openingstage.js";
import { keepsStill } from "./playing.js";
import { recompute } from "./recomputed.js";

const STEP = 420; // ms
const LEAST = 1200; // ms that a caption stays, and what each of its words adds: together, up to
const WORD = 360; // 30 words can be read at 150 words a minute
const NOTED = 0.05; // a smaller change of a probability is not told
const EVERY_ROW = ["x", "i", "c", "f", "o", "y"];

/** Return how long a caption stays, in ms. */
const reading = (text) => LEAST + WORD * text.split(" ").length;

const bytesOf = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

class Opening {
  constructor(root, data) {
    const model = decodePayload(bytesOf(data.payload));
    const [panel] = model.panels;
    Object.assign(this, { root, data, model, panel, at: -1, step: -1, playing: false, closed: [] });
    panel.computed = recompute(panel);
    panel.recorded = panel.arrays;
    this.stage = new OpeningStage(panel, model, { unit: data.unit, toggle: (step) => this.toggle(step) });
    this.caption = makeElement("p", { class: "gv-op-caption", role: "status" });
    this.makeButtons();
    root.dataset.testid = "gv-opening";
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Opening");
    root.addEventListener("keydown", (event) => this.followKey(event));
    const legend = makeElement("p", { class: "gv-op-legend" }, data.legend);
    root.replaceChildren(this.caption, this.stage.element, legend, this.buttons);
    this.show();
  }

  makeButtons() {
    const button = (name, act) => makeElement("button", { type: "button", "data-action": name, onclick: act });
    this.play = button("play", () => this.pressPlay());
    this.back = button("back", () => this.go(this.at - 1));
    this.next = button("next", () => this.go(this.at + 1));
    this.skip = button("break", () => this.go(this.data.captions.length - 1));
    this.undo = button("undo", () => this.close([]));
    setText(this.back, "Back");
    setText(this.next, "Next");
    setText(this.skip, "Skip to closing the forget gate");
    setText(this.undo, "Open it again");
    this.lesson = makeElement("a", { href: this.data.lesson, target: "_self" }, "Go on to lesson 1");
    this.buttons = makeElement("div", { class: "gv-op-buttons" }, this.play, this.back, this.next, this.skip, this.undo, this.lesson);
  }

  get last() { return this.at === this.data.captions.length - 1; }

  pressPlay() {
    if (this.playing) return this.pause();
    this.playing = !keepsStill();
    this.begin(this.last || this.at < 0 ? 0 : this.at);
  }

  pause() {
    clearTimeout(this.timer);
    this.playing = false;
    this.step = this.data.captions[this.at].step;
    this.show();
  }

  /** Go to a caption and stay there. */
  go(at) {
    clearTimeout(this.timer);
    this.playing = false;
    this.begin(Math.max(0, Math.min(this.data.captions.length - 1, at)));
  }

  /** Begin a caption: while it plays, step by step; else at its end. */
  begin(at) {
    const caption = this.data.captions[at];
    if (this.closed.length) this.closed = [];
    this.at = at;
    this.step = this.playing ? caption.from : caption.step;
    this.edit();
    if (this.playing) this.tick();
  }

  /** Return how long it plays, rounded up to ten seconds. */
  seconds() {
    const all = this.data.captions.slice(0, -1).reduce((sum, { from, step, text }) => sum + (step - from) * STEP + reading(text), 0);
    return 10 * Math.ceil(all / 10_000);
  }

  tick() {
    const { step, text } = this.data.captions[this.at];
    if (this.last) return this.pause();
    if (this.step < step) {
      this.timer = setTimeout(() => { this.step += 1; this.show(); this.tick(); }, STEP);
    } else {
      this.timer = setTimeout(() => this.begin(this.at + 1), reading(text));
    }
    return undefined;
  }

  /** Close the forget gate of all units at a step, or give it back to the cell. */
  toggle(step) {
    this.close(this.closed.includes(step) ? this.closed.filter((one) => one !== step) : [...this.closed, step].sort((a, b) => a - b));
  }

  close(steps) {
    this.closed = steps;
    this.edit();
  }

  edits() {
    return this.closed.length ? [{ letter: "f", value: 0, steps: this.closed, units: null, layer: 0, direction: "forward" }] : [];
  }

  edit() {
    applyEdits(this.panel, this.edits(), this.model.steps);
    this.stage.paint();
    this.show();
  }

  followKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.at < 0) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    this.go(this.at + by);
  }

  /** Show the caption and the step. Before the start, the whole picture is shown, faint. */
  show() {
    const focused = this.root.getRootNode().activeElement;
    const { captions } = this.data;
    const caption = captions[this.at];
    const begun = this.at >= 0;
    this.root.classList.toggle("gv-op-poster", !begun);
    this.stage.show(begun ? { ...caption, step: this.step } : { rows: EVERY_ROW, lit: "", step: this.model.steps });
    const broken = this.last && !this.panel.computed.problem;
    this.stage.setValves(broken, this.closed);
    setText(this.caption, !begun ? this.data.poster : this.last ? this.sentence() : caption.text);
    setText(this.play, this.playing ? "Pause" : begun ? (this.last ? "Watch again" : "Play on") : `Watch an LSTM remember a letter${keepsStill() ? ", step by step" : ` (${this.seconds()} seconds)`}`);
    for (const one of [this.back, this.next]) one.hidden = !begun;
    this.play.hidden = begun && !this.last && keepsStill();
    this.back.disabled = this.at <= 0;
    this.next.disabled = this.last;
    this.skip.hidden = !begun || this.last;
    this.lesson.hidden = !this.last;
    this.undo.hidden = !this.closed.length;
    this.keepFocus(focused);
    this.report();
  }

  /** Where the pressed button is gone, move the focus on: to the gate that is yours, or to the next caption. */
  keepFocus(focused) {
    if (!this.buttons.contains(focused) || !(focused.hidden || focused.disabled)) return;
    (this.last ? this.stage.valve : this.next).focus({ preventScroll: true });
  }

  /** Return what the closed gate does to the answers, from both runs; or what to press. */
  sentence() {
    const { panel, closed, data } = this;
    if (panel.computed.problem) return panel.computed.problem;
    if (!closed.length) return data.captions.at(-1).text;
    const steps = closed.map((step) => `${step} (“${this.model.labels[step]}”)`);
    const where = `The first letter is step 0. The forget gate is closed at step${closed.length > 1 ? "s" : ""} ${steps.join(", ")}.`;
    const answers = this.answers();
    const changed = answers.filter(({ now, before }) => now.name !== before.name || Math.abs(now.chance - before.chance) > NOTED);
    if (!changed.length) {
      const own = closed.map((step) => panel.before.f.at(step, data.unit));
      const why = Math.max(...own) < 0.5 ? ` The cell itself had almost closed it here: f = ${own.map((value) => formatNumber(value, 2)).join(", ")} in this unit.` : "";
      return `${where} The answers stay the same.${why}`;
    }
    return `${where} ${changed.map(({ step, now, before }) => `At the “?” in step ${step}, the model now answers ${now.name} (${now.share}). Before: ${before.name} (${before.share}).`).join(" ")}`;
  }

  /** Return the answer at each question, now and without edits. */
  answers() {
    const { panel } = this;
    return this.data.questions.map((step) => {
      const of = (y) => {
        const [index] = judge({ ...panel, arrays: { ...panel.arrays, y } }, step).answer;
        return { name: nameAnswers(panel, [index]), share: formatShare(y.at(step, index)), chance: y.at(step, index), plain: panel.answers.names[index] };
      };
      return { step, now: of(panel.arrays.y), before: of((panel.before ?? panel.arrays).y) };
    });
  }

  report() {
    const { root, model, at, step, playing, panel } = this;
    const answers = this.answers();
    Object.assign(root.dataset, {
      step, steps: model.steps, caption: at, captions: this.data.captions.length, playing,
      edits: JSON.stringify(this.edits()),
      answers: answers.map(({ now }) => now.plain).join(" "),
      answersBefore: answers.map(({ before }) => before.plain).join(" "),
      engine: panel.computed.problem ? "" : panel.computed.difference.toExponential(1),
    });
  }

  destroy() {
    clearTimeout(this.timer);
  }
}

const OPENINGS = new WeakMap();

/** Show the opening under `root`; called again with the same recording, it goes on where it is. */
export function showOpening(root, data) {
  if (OPENINGS.get(root)?.data.payload === data.payload) return;
  removeOpening(root);
  OPENINGS.set(root, new Opening(root, data));
}

/** Remove the opening from `root`. */
export function removeOpening(root) {
  OPENINGS.get(root)?.destroy();
  OPENINGS.delete(root);
}
