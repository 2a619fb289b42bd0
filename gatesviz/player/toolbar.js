/* The player's controls: buttons, a slider and menus. */

import { makeElement, makeIcon, setText } from "./dom.js";
import { ORDERINGS } from "./ordering.js";
import { letterChange } from "./spelling.js";

const ICON_PATHS = {
  first: "M6 5h2v14H6zM20 5v14l-10-7z",
  back: "M18 5v14L7 12z",
  play: "M7 4v16l13-8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  step: "M6 5v14l11-7z",
  last: "M16 5h2v14h-2zM4 5v14l10-7z",
  film: "M3 6h12v4.5l6-3.5v10l-6-3.5V18H3z",
  stop: "M6 6h12v12H6z",
};
const SPEEDS = [1, 2, 5, 10, 20, 60];
const FILM = "Save a video (WebM or GIF)";
const STOP_FILM = "Stop, and download the video so far";
const SPANS = [0, 100, 50, 25];

function menu(label, options, chosen, act) {
  const select = makeElement(
    "select", { "aria-label": label, onchange: () => act(select.value) },
    ...options.map(([value, text]) => makeElement("option", { value, selected: String(value) === String(chosen) }, text)),
  );
  return makeElement("span", { class: "gv-menu", title: label }, select);
}

export class Toolbar {
  constructor(model, state, actions) {
    Object.assign(this, { model });
    const button = (name, label, act) => makeElement(
      "button", { type: "button", "aria-label": label, title: label, onclick: act, "data-action": name }, makeIcon(ICON_PATHS[name]),
    );
    this.play = button("play", "Play (space)", actions.toggle);
    this.slider = makeElement("input", {
      type: "range", min: 0, max: model.steps - 1, step: 1, class: "gv-scrub", "aria-label": "Step",
      oninput: () => actions.goTo(Number(this.slider.value)),
    });
    this.readout = makeElement("output", { title: "Steps and units are numbered from 0", class: "gv-readout", "aria-live": "off" });
    this.unit = makeElement("input", {
      type: "number", min: 0, step: 1, "aria-label": "Unit", class: "gv-unit",
      onchange: () => {
        const typed = this.unit.value;
        actions.chooseUnitNumber(Number(typed));
        this.unit.value = String(this.shownUnit); // the nearest existing unit
        setText(this.note, this.wrongUnit(typed));
      },
    });
    this.units = makeElement("span", { class: "gv-units" });
    this.note = makeElement("p", { class: "gv-unit-note", role: "status" });
    const directions = new Set(model.panels.map((panel) => panel.direction));
    const wayBack = model.gradients || directions.size > 1 || state.reverse;
    const [moves, severalUnits] = [model.steps > 1, model.panels.some((panel) => panel.hidden > 1)]; // else a menu has no effect
    this.edit = makeElement("button", { type: "button", class: "gv-edit", "aria-pressed": "false", "data-action": "edit", title: "Change gates, states or the input, and see what follows", onclick: actions.toggleEditing }, "Edit");
    this.film = button("film", FILM, actions.toggleFilming);
    this.film.setAttribute("aria-expanded", "false");
    const spans = SPANS.filter((span) => span < model.steps).map((span) => [span, span ? `${span} steps` : "all steps"]);
    this.element = makeElement(
      "div", { class: "gv-toolbar", role: "toolbar", "aria-label": "Playback" },
      makeElement(
        "div", { class: "gv-buttons" },
        button("first", "First step (Home)", () => actions.goTo(actions.firstStep())),
        button("back", "Previous step (left arrow)", () => actions.move(-1)),
        this.play,
        button("step", "Next step (right arrow)", () => actions.move(1)),
        button("last", "Last step (End)", () => actions.goTo(actions.lastStep())),
      ),
      this.slider, this.readout,
      this.edit, moves ? makeElement("div", { class: "gv-buttons" }, this.film) : null,
      makeElement(
        "div", { class: "gv-menus" },
        severalUnits ? makeElement("label", { class: "gv-menu" }, makeElement("span", {}, "unit"), this.unit, this.units) : null,
        moves ? menu("Speed", SPEEDS.map((speed) => [speed, `${speed} ${speed === 1 ? "step" : "steps"}/s`]), state.speed, (value) => actions.setSpeed(Number(value))) : null,
        severalUnits ? menu("Order of units", Object.entries(ORDERINGS), state.order, actions.setOrder) : null,
        wayBack && moves ? menu("Direction of play", [["onward", "reading order"], ["reverse", "reversed"]], state.reverse ? "reverse" : "onward", (value) => actions.setReverse(value === "reverse")) : null,
        spans.length > 1 ? menu("Steps shown", spans, state.span, (value) => actions.setSpan(Number(value))) : null,
      ),
      this.note,
    );
  }

  /** Return a sentence if a typed unit doesn't exist, else "". */
  wrongUnit(typed) {
    if (typed !== "" && Number(typed) === this.shownUnit) return "";
    const wrong = typed === "" ? "Type the number of a unit" : `Unit ${typed.replace("-", "−")} doesn’t exist`;
    return `${wrong}: units are 0 to ${this.unit.max}. The player shows unit ${this.shownUnit}.`;
  }

  /** Show whether the edit mode is open, and hide its button where no panel can be computed. */
  setEditing(open, possible) {
    this.edit.setAttribute("aria-pressed", String(open));
    this.edit.hidden = !possible;
  }

  /** Write a sentence below the buttons. */
  say(sentence) {
    setText(this.note, sentence);
  }

  /** Show whether the row that saves a video is open. */
  setFilmRow(open) {
    this.film.setAttribute("aria-expanded", String(open));
  }

  /** Show whether a video is being made. */
  setFilming(filming) {
    this.film.replaceChildren(makeIcon(ICON_PATHS[filming ? "stop" : "film"]));
    this.film.setAttribute("aria-pressed", String(filming));
    if (filming) this.film.removeAttribute("aria-expanded"); // it stops the film
    else this.setFilmRow(false);
    Object.assign(this.film, { title: filming ? STOP_FILM : FILM, ariaLabel: filming ? STOP_FILM : FILM });
  }

  setPlaying(playing) {
    this.play.replaceChildren(makeIcon(ICON_PATHS[playing ? "pause" : "play"]));
    const label = playing ? "Pause (space)" : "Play (space)";
    this.play.setAttribute("aria-label", label);
    this.play.title = label;
  }

  setStep(step, panel) {
    if (Number(this.slider.value) !== step) this.slider.value = String(step);
    const label = panel.labels[step];
    const shown = panel.text ? ` ${letterChange(panel, step)}` : label === String(step) ? "" : ` ${label}`;
    setText(this.readout, `step ${step} (0–${this.model.steps - 1})${shown}`);
    this.slider.setAttribute("aria-valuetext", this.readout.textContent);
  }

  setUnit(unit, hidden) {
    if (unit !== this.shownUnit) {
      this.unit.value = String(unit); // else it may be half typed
      setText(this.note, "");
    }
    this.shownUnit = unit;
    this.unit.max = String(hidden - 1);
    setText(this.units, `(0–${hidden - 1})`);
  }
}
