/* The panel of a lesson: a step's text and questions, and the way to the next step without a reload. */

import { FRAME, openAddress, scrollToPart } from "./addresses.js";
import { isTyping, makeElement, setText } from "./dom.js";
import { keepInAddress, leaveAddress, recordInAddress, storeAnswers } from "./lessonanswers.js";
import { makeAnsweredOption, makeLessonEnd, makeTextParts, QUESTION_ROLES, sayNumberKeys } from "./lessonparts.js";
import { findPicture, PanelScroll } from "./lessonscroll.js";
import { markPointers } from "./pointing.js";

const STATES = { plain: "", read: ", read", open: ", not answered", right: ", right at first try", wrong: ", not right at first try" };
const SHOWN_WITH_RESULT = new Set(["answers", "change"]);
const READ_STEPS = new Set(); // places of the steps that were shown since the page was loaded
const SECOND_CLICK = 500; // ms after a new step in which a press on its controls counts for nothing
const LATE = 3000; // ms after which a press is no longer waited for
const PICTURE_LATE = 1500; // ms after which the panel looks for a picture that comes late
const PICTURE_LOOKS = 20;
let pageKeysUsed = false; // since the page was loaded
let followed = ""; // the place of the step whose text has opened another view

/** Return the step that the address names, such as "memory.3", or "". */
const placeInAddress = () => new URLSearchParams(location.search).get("lesson") ?? "";

export class LessonPanel {
  /** `picture` returns the picture of a step, or nothing. */
  constructor(root, picture = findPicture) {
    this.root = root;
    this.awaited = "";
    this.brought = ""; // the option that a number key has brought into sight
    this.status = makeElement("div", { class: "gv-lesson-status", role: "status" });
    this.warned = ""; // where a press of "Next" has said that a question is open
    this.note = makeElement("p", { class: "gv-lesson-note", role: "status", hidden: true });
    this.body = makeElement("div", { class: "gv-lesson-body" });
    this.nav = makeElement("nav", { "aria-label": "Steps of the lesson" });
    this.scroll = new PanelScroll(root, this.body, this.nav, picture);
    this.body.addEventListener("pointerenter", () => markPointers(this.body)); // a player may have come meanwhile
    root.replaceChildren(...root.querySelectorAll("style"), this.status, this.body, this.nav, this.scroll.controlsSign);
    root.dataset.testid = "gv-lesson";
    root.setAttribute("role", "region");
    this.onKey = (event) => this.key(event);
    window.addEventListener("keydown", this.onKey, true);
    root.addEventListener("pointermove", ({ movementX, movementY }) => { if (movementX || movementY) delete root.dataset.still; });
  }

  destroy() {
    if (this.data) leaveAddress(this.data.place);
    window.removeEventListener("keydown", this.onKey, true);
    hideParts([]);
    this.scroll.destroy();
  }

  /** Draw a step. Called again with the same step, it keeps the focus. */
  show(data, host) {
    const moved = this.data?.place !== data.place;
    const answered = !moved && countAnswers(data) > countAnswers(this.data);
    const focused = this.focused();
    Object.assign(this, { data, host });
    if (followed !== data.place) followed = ""; // also if the teacher has led this screen on
    READ_STEPS.add(data.place);
    this.arrive();
    this.keepAnswers();
    hideParts(this.hiddenParts());
    Object.assign(this.root.dataset, { lesson: data.lesson, step: data.step, steps: data.steps.length });
    this.root.setAttribute("aria-label", `Lesson: ${data.title}`);
    const columns = makeElement("div", { class: "gv-lesson-columns" }, this.makeReading(), this.makeQuestions());
    this.body.replaceChildren(this.makeHead(), columns);
    if (moved || answered) this.say("");
    this.drawNav();
    this.scroll.layOut();
    setTimeout(() => markPointers(this.body), PICTURE_LATE); // when the player is there, too
    this.lookAgain(PICTURE_LOOKS);
    this.focus(focused);
    if (moved) this.begin();
    if (answered || (moved && this.isHalfAnswered())) this.bringNews();
  }

  /** Lay the panel out again until the picture is there, which may come late and move nothing. */
  lookAgain(times) {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => {
      if (!this.root.isConnected) return;
      this.scroll.layOut();
      if (times > 1 && !this.scroll.picture()) this.lookAgain(times - 1);
    }, PICTURE_LATE);
  }

  /** Begin a step at its top. */
  begin() {
    const { step, steps, heading } = this.data;
    this.brought = "";
    this.scroll.closeSheet();
    this.root.dataset.still = ""; // the pointer lies where the last press was; that chooses nothing
    setText(this.status, `Step ${step} of ${steps.length}: ${heading}`);
    this.scroll.toTop();
    const { dataset } = document.documentElement;
    dataset.gvStill = ""; // the second press of a double click is none, also where controls lie now
    setTimeout(() => { delete dataset.gvStill; }, SECOND_CLICK);
  }

  /** Return the parts of the picture that are hidden now. What the first result tells is shown with it. */
  hiddenParts() {
    const { hide, questions } = this.data;
    if (this.isHalfAnswered()) return hide.filter((part) => !SHOWN_WITH_RESULT.has(part));
    return this.openQuestion() || !questions.length ? hide : [];
  }

  /** Return whether there is an answer, and another question is open. */
  isHalfAnswered() {
    return countAnswers(this.data) > 0 && this.openQuestion() !== undefined;
  }

  /** Say something above the buttons, or nothing. */
  say(text) {
    setText(this.note, text);
    this.note.hidden = !text;
  }

  /** Scroll to what the last answer brought: what is said of it, then the next question or the end. */
  bringNews() {
    const said = [...this.body.querySelectorAll(".gv-lesson-verdict")].at(-1);
    const parts = [...this.body.querySelectorAll(".gv-lesson-questions > :not([data-act])")];
    this.scroll.bring(said ?? parts.at(-1), parts.at(-1)); // nothing is said before the first answer
  }

  /** Notice that an awaited step is there. A message that was on its way may have put the old address back. */
  arrive() {
    if (this.data.place !== this.awaited) return;
    this.awaited = "";
    if (placeInAddress() !== this.data.place) openAddress(this.address(this.data.steps[this.data.step - 1].href), { replace: true });
  }

  /** Keep the answers in the address and in this tab: a reload or another server goes on there. */
  keepAnswers() {
    const { place } = this.data;
    keepInAddress(this.data);
    const stored = storeAnswers(this.data);
    if (stored) this.host.send("stored", { place, ...stored });
  }

  /** Return the full address of a relative one, with what a link keeps. */
  address(href) {
    const url = new URL(href, location.href);
    const here = new URLSearchParams(location.search);
    for (const name of FRAME) here.getAll(name).forEach((value) => url.searchParams.append(name, value));
    if (this.data.record && url.searchParams.get("lesson")?.split(".")[0] === this.data.lesson) url.searchParams.set("got", recordInAddress(this.data.lesson, this.data.record));
    return url;
  }

  /** Return the index of the step that is shown, or will be after the last press. */
  index() {
    const at = (place) => this.data.steps.findIndex((step) => step.place === place);
    const known = [this.awaited, placeInAddress(), this.data.place].map(at);
    return known.find((index) => index >= 0);
  }

  move(by) {
    if (by > 0 && this.holdsBack()) return;
    const to = this.index() + by;
    if (to >= 0 && to < this.data.steps.length) this.goTo(to);
    else if (to > 0 && this.data.end?.next.length) this.open(this.data.end.next[0]);
  }

  /** Say once that a question is open, before "Next" leaves its step. Return whether it was said now. */
  holdsBack() {
    const { place } = this.data;
    const here = `${place} ${countAnswers(this.data)}`;
    if ((this.awaited && this.awaited !== place) || !this.openQuestion() || this.warned === here) return false;
    this.warned = here;
    if (this.data.held?.picked) this.say(`Your teacher hasn’t shown the result yet. Press “${this.onward()}” again to go on without it.`);
    else this.say(`${this.isHalfAnswered() ? `“${QUESTION_ROLES[this.openQuestion().role]}” is still open` : "This question is open"}. Press “${this.onward()}” again to skip it.`);
    this.bringNews();
    return true;
  }

  /** Open the first step of another lesson, or a part of another page. */
  open({ href, part }) {
    openAddress(this.address(href));
    if (part) scrollToPart(part);
  }

  goTo(index) {
    const { place, href } = this.data.steps[index];
    if (followed) {
      followed = "";
      const focused = this.focused();
      this.drawNav();
      this.focus(focused);
    }
    this.awaited = place;
    clearTimeout(this.late);
    this.late = setTimeout(() => { this.awaited = ""; }, LATE);
    openAddress(this.address(href));
  }

  leave() {
    const url = new URL(location.href);
    for (const name of ["lesson", "got", "chose"]) url.searchParams.delete(name);
    openAddress(url);
  }

  /** Follow a link of the text. The lesson stays. */
  follow(event, href) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || href.startsWith("https://")) return;
    event.preventDefault();
    const url = this.address(href);
    url.searchParams.set("lesson", this.data.place);
    followed = this.data.place;
    this.drawNav();
    openAddress(url);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || isInDialog(event)) return;
    const by = { PageDown: 1, PageUp: -1 }[event.key];
    if (by) pageKeysUsed = true;
    if (by) this.move(by);
    else if (event.repeat ? !/^[1-9]$/.test(event.key) : !this.answerByKey(Number(event.key))) return; // a held key answers once
    event.preventDefault();
    event.stopPropagation();
    const { activeElement } = document;
    if (activeElement.dataset.testid === "stMain") activeElement.blur(); // after a click on an empty place; a key would frame it
  }

  /** Choose option `number` of the open question. One that is out of sight is only scrolled to. Return whether there is one. */
  answerByKey(number) {
    const chosen = this.openQuestion()?.options[number - 1];
    if (!chosen || (this.awaited && this.awaited !== this.data.place)) return false; // the next step is on its way
    const button = this.body.querySelector(`[data-option="${CSS.escape(chosen.key)}"]`);
    if (this.scroll.shows(button) || this.brought === chosen.key) this.choose(chosen.key); // a second press counts anyway
    else {
      this.brought = chosen.key;
      this.say(`Press ${number} again to answer.`); // first: it takes room from what is seen
      this.scroll.bring(button.closest("section"), button.closest("ul"));
      if (!this.scroll.shows(button)) this.scroll.bring(button, button); // a question that is higher than the panel
    }
    return true;
  }

  openQuestion() {
    return this.data.questions.find((question) => !question.chosen);
  }

  choose(value) {
    this.brought = "";
    this.say("");
    this.host.send("choice", { place: this.data.place, value, answered: countAnswers(this.data) });
  }

  /** Return what has the focus by keyboard: the name of a button, or "option". */
  focused() {
    const active = this.root.getRootNode().activeElement;
    return active && this.root.contains(active) && active.matches(":focus-visible") ? active.dataset.act : undefined;
  }

  focus(act) {
    if (!act) return;
    const wanted = this.root.querySelector(`[data-act="${act}"]:not(:disabled)`) ?? this.root.querySelector("[data-act=next]");
    wanted?.focus({ preventScroll: true });
  }

  /** Make a button. The second press of a double click is none: by then, something else lies under the pointer. */
  makeButton(act, text, press, more = {}) {
    const onclick = (event) => { if (event.detail < 2) press(); };
    return makeElement("button", { type: "button", "data-act": act, onclick, ...more }, text);
  }

  makeBlocks(blocks) {
    const follow = (event, href) => this.follow(event, href);
    return blocks.map(({ kind, parts }) => makeElement("p", { class: kind === "item" && "gv-lesson-item" }, ...makeTextParts(parts, follow)));
  }

  makeHead() {
    const { title, heading, step, steps } = this.data;
    return makeElement("header", {}, makeElement("p", {}, title, makeElement("span", {}, ` ${step} of ${steps.length}`)), this.makeWays(), makeElement("h2", {}, heading));
  }

  makeWays() {
    const { everything, place, stays } = this.data;
    const show = this.makeButton("everything", everything ? "Show less" : "Show everything", () => this.host.send("everything", { place, value: !everything }), { title: "All controls of this page" });
    return makeElement("div", {}, show, stays ? null : this.makeButton("leave", "Leave the lesson", () => this.leave()));
  }

  makeReading() {
    const { text, look, step } = this.data;
    const where = look.length ? makeElement("div", { class: "gv-lesson-look" }, ...this.makeBlocks(look)) : null;
    const keys = step === 1 && !pageKeysUsed ? makeElement("p", { class: "gv-lesson-small gv-lesson-keys" }, "PageDown: next part. PageUp: previous part.") : null;
    return makeElement("div", { class: "gv-lesson-text" }, ...this.makeBlocks(text), where, keys, this.makeButton("picture", "Go to the picture", () => this.scroll.toPicture()));
  }

  makeQuestions() {
    const { questions, follows, end, controls } = this.data;
    const after = follows.length ? makeElement("div", { class: "gv-lesson-follows" }, ...this.makeBlocks(follows)) : null;
    return makeElement("div", { class: "gv-lesson-questions" }, ...questions.map((one) => this.makeQuestion(one)), controls && this.makeButton("controls", "Show the controls for this step", () => this.scroll.toControls(controls)), after, end && makeLessonEnd(end, this));
  }

  makeQuestion(question) {
    const { role, text, options, chosen, right, verdict } = question;
    const held = chosen ? null : this.data.held;
    const list = options.map((option, k) => (chosen ? makeAnsweredOption(option, question) : this.makeOption(option, k, held)));
    const correct = chosen === right;
    const answered = options.some(({ key }) => key === chosen); // a teacher sees what the class has been shown
    const waits = held ? makeElement("p", { class: "gv-lesson-small", role: "status" }, held.text) : null;
    const said = chosen ? makeElement("div", { class: "gv-lesson-verdict", role: "status", "data-right": answered ? String(correct) : false }, answered ? makeElement("p", {}, makeElement("strong", {}, correct ? "Right." : "Not quite.")) : null, ...this.makeBlocks(verdict)) : waits;
    return makeElement("section", { "data-role": role, "aria-label": QUESTION_ROLES[role] }, makeElement("h3", {}, QUESTION_ROLES[role], chosen ? null : makeElement("span", { class: "gv-lesson-keys" }, sayNumberKeys(options.length))), ...this.makeBlocks(text), makeElement("ul", {}, ...list), said);
  }

  makeOption({ key, text }, k, held) {
    const words = text.flatMap(({ parts }) => makeTextParts(parts));
    const picked = held?.picked === key;
    const number = makeElement("kbd", { "aria-hidden": "true" }, String(k + 1));
    const button = this.makeButton("option", number, () => this.choose(key), { "data-option": key, "aria-pressed": held ? String(picked) : false });
    button.append(makeElement("span", {}, ...words, picked ? makeElement("small", {}, " (your answer)") : null));
    return makeElement("li", {}, button);
  }

  drawNav() {
    const { steps, step, end } = this.data;
    const dots = steps.map(({ place, title, state: graded }, k) => {
      const state = graded === "plain" && READ_STEPS.has(place) ? "read" : graded;
      return makeElement("li", {}, this.makeButton(`step ${k + 1}`, "", () => this.goTo(k), {
        "aria-label": `Step ${k + 1}: ${title}${STATES[state]}`, title, "data-state": state, "aria-current": k + 1 === step && "step", "data-place": place,
      }));
    });
    const way = followed === this.data.place ? [this.makeButton("return", "Show the view of this step again", () => this.goTo(step - 1))] : [];
    this.nav.replaceChildren(
      this.scroll.sign, this.note, ...way,
      this.makeButton("back", "Back", () => this.move(-1), { disabled: step === 1 }),
      makeElement("ol", {}, ...dots),
      this.makeButton("next", this.onward(), () => this.move(1), { disabled: step === steps.length && !end?.next.length, "aria-keyshortcuts": "PageDown" }),
    );
  }

  /** Return what the button says that leads on. */
  onward() {
    const [next] = this.data.end?.next ?? [];
    return next ? (next.button ?? "Next lesson") : "Next";
  }
}

/** Return whether a key belongs to a window or a list that lies over the page. */
const isInDialog = (event) => event.composedPath().some((one) => one.matches?.("[role=dialog], [role=listbox], [role=menu]")) || "gvPaused" in document.documentElement.dataset;

/** Hide these parts of the players on the page, which keep their room, and show the others. */
function hideParts(parts) {
  const { style } = document.documentElement;
  for (const part of ["answers", "words", "cell", "change", "chosen"]) style.setProperty(`--gv-${part}`, parts.includes(part) ? "hidden" : "visible");
}

const countAnswers = ({ questions }) => questions.filter(({ chosen }) => chosen).length;

const PANELS = new WeakMap();

/** Show a step under `root`. `send(name, value)` tells the server of a choice. */
export function showLesson(root, data, send) {
  if (!PANELS.has(root)) PANELS.set(root, new LessonPanel(root));
  PANELS.get(root).show(data, { send });
}

/** Remove the panel from `root`. */
export function removeLesson(root) {
  PANELS.get(root)?.destroy();
  PANELS.delete(root);
}
