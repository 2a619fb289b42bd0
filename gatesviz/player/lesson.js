/* The panel of a lesson: a step's text and questions, and the way to the next step without a reload. */

import { FRAME, openAddress } from "./addresses.js";
import { isTyping, makeElement, setText } from "./dom.js";

const ROLES = { answer: "Question", reason: "The reason", sibling: "Try another one", "sibling reason": "The reason" };
const STATES = { plain: "", open: ", not answered", right: ", right at first try", wrong: ", not right at first try" };
const LATE = 3000; // ms after which a press is no longer waited for
const SIGN = 40; // px above the buttons that the sign "below" covers
const SPARE = 10; // px of empty space below the text

/** Return the step that the address names, such as "memory.3", or "". */
const placeInAddress = () => new URLSearchParams(location.search).get("lesson") ?? "";

function makeParts(parts, follow) {
  const tags = { strong: "strong", em: "em", code: "code" };
  return parts.map(([text, look, href]) => {
    if (look === "link") return makeElement("a", { href, onclick: (event) => follow(event, href) }, text);
    return tags[look] ? makeElement(tags[look], {}, text) : document.createTextNode(text);
  });
}

/** Return the nearest element around `element` that scrolls, also outside its shadow tree. */
function findScroller(element) {
  const parent = element.parentElement ?? element.getRootNode().host;
  if (!parent || /auto|scroll/.test(getComputedStyle(parent).overflowY)) return parent ?? document.scrollingElement;
  return findScroller(parent);
}

export class LessonPanel {
  constructor(root) {
    this.root = root;
    this.awaited = "";
    this.status = makeElement("div", { class: "gv-lesson-status", role: "status" });
    this.body = makeElement("div", { class: "gv-lesson-body" });
    this.nav = makeElement("nav", { "aria-label": "Steps of the lesson" });
    this.more = this.makeButton("more", "", () => this.scrollOn());
    this.sign = makeElement("div", { class: "gv-lesson-more", hidden: true }, this.more);
    root.replaceChildren(...root.querySelectorAll("style"), this.status, this.body, this.nav);
    root.dataset.testid = "gv-lesson";
    root.setAttribute("role", "region");
    this.onKey = (event) => this.key(event);
    window.addEventListener("keydown", this.onKey, true);
    this.onScroll = () => this.showSign();
    window.addEventListener("scroll", this.onScroll, true);
    this.resized = new ResizeObserver(() => this.layOut());
    for (const one of [this.body, document.documentElement]) this.resized.observe(one);
  }

  destroy() {
    window.removeEventListener("keydown", this.onKey, true);
    window.removeEventListener("scroll", this.onScroll, true);
    this.resized.disconnect();
  }

  /** Draw a step. Called again with the same step, it keeps the focus. */
  show(data, host) {
    const moved = this.data?.place !== data.place;
    const answered = !moved && countAnswers(data) > countAnswers(this.data);
    const focused = this.focused();
    Object.assign(this, { data, host });
    this.arrive();
    this.keepAnswers();
    Object.assign(this.root.dataset, { lesson: data.lesson, step: data.step, steps: data.steps.length });
    this.root.setAttribute("aria-label", `Lesson: ${data.title}`);
    const columns = makeElement("div", { class: "gv-lesson-columns" }, this.makeReading(), this.makeQuestions());
    this.body.replaceChildren(this.makeHead(), columns);
    this.nav.replaceChildren(...this.makeNav(), this.sign);
    this.layOut();
    if (moved) {
      setText(this.status, `Step ${data.step} of ${data.steps.length}: ${data.heading}`);
      for (const one of [findScroller(this.root), ...document.querySelectorAll("[data-testid=stMain], [data-testid=stSidebarContent]")]) one.scrollTo(0, 0);
    }
    else if (answered) this.body.querySelector(".gv-lesson-questions > :last-child").scrollIntoView({ block: "nearest" });
    this.focus(focused, moved);
    this.showSign();
  }

  /** Tell the page how high the panel would like to be: the controls of the step begin below it. */
  layOut() {
    const [scroller, bottom] = [findScroller(this.root), this.root.getBoundingClientRect().bottom];
    const height = Math.ceil(bottom - scroller.getBoundingClientRect().top + scroller.scrollTop);
    document.documentElement.style.setProperty("--gv-lesson-height", `${height}px`);
    for (const one of [scroller, findControls()]) if (one) this.resized.observe(one);
    this.showSign();
  }

  /** Say what is hidden below the lower edge of the panel. */
  showSign() {
    const edge = this.nav.getBoundingClientRect().top;
    const bottomOf = (element) => element.getBoundingClientRect().bottom;
    const hidden = bottomOf(this.body) > edge + SPARE;
    const answers = [...this.body.querySelectorAll("[data-act=option]")].filter((one) => bottomOf(one) > edge - SIGN).length;
    if (!hidden && this.focused() === "more") this.nav.querySelector("[data-act=next]").focus({ preventScroll: true });
    this.sign.hidden = !hidden;
    const controls = findControls();
    document.documentElement.dataset.gvMoreControls = Boolean(controls) && controls.scrollHeight > controls.scrollTop + controls.clientHeight + SPARE;
    setText(this.more, `↓ ${answers ? `${answers} answer${answers > 1 ? "s" : ""}` : "More"} below`);
  }

  /** Scroll on by most of what is seen of the panel. */
  scrollOn() {
    const scroller = findScroller(this.root);
    const seen = this.nav.getBoundingClientRect().top - Math.max(0, scroller.getBoundingClientRect().top);
    scroller.scrollBy(0, 0.75 * seen); // at once: a smooth scroll would go on in the next step
  }

  /** Notice that an awaited step is there. A message that was on its way may have put the old address back. */
  arrive() {
    if (this.data.place !== this.awaited) return;
    this.awaited = "";
    if (placeInAddress() !== this.data.place) openAddress(this.address(this.data.steps[this.data.step - 1].href), { replace: true });
  }

  /** Put the first tries, and what was chosen at this step, into the address: a reload or another server goes on there. */
  keepAnswers() {
    const url = new URL(location.href);
    const { place, record, chose } = this.data;
    const news = Object.entries({ got: record, chose }).filter(([name, text]) => text && url.searchParams.get(name) !== text);
    if (!news.length || placeInAddress() !== place) return;
    for (const [name, text] of news) url.searchParams.set(name, text);
    history.replaceState(history.state, "", url);
  }

  /** Return the full address of a relative one, with what a link keeps. */
  address(href) {
    const url = new URL(href, location.href);
    const here = new URLSearchParams(location.search);
    for (const name of FRAME) here.getAll(name).forEach((value) => url.searchParams.append(name, value));
    if (this.data.record && url.searchParams.get("lesson")?.split(".")[0] === this.data.lesson) url.searchParams.set("got", this.data.record);
    return url;
  }

  /** Return the index of the step that is shown, or will be after the last press. */
  index() {
    const at = (place) => this.data.steps.findIndex((step) => step.place === place);
    const known = [this.awaited, placeInAddress(), this.data.place].map(at);
    return known.find((index) => index >= 0);
  }

  move(by) {
    const to = this.index() + by;
    if (to >= 0 && to < this.data.steps.length) this.goTo(to);
    else if (to > 0 && this.data.end?.next.length) this.open(this.data.end.next[0].href);
  }

  /** Open the first step of another lesson. */
  open(href) {
    openAddress(this.address(href));
  }

  goTo(index) {
    const { place, href } = this.data.steps[index];
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
    const url = new URL(href, location.href);
    url.searchParams.set("lesson", this.data.place);
    openAddress(url);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const by = { PageDown: 1, PageUp: -1 }[event.key];
    const free = document.activeElement === document.body || this.root.getRootNode().activeElement;
    const chosen = free ? this.openQuestion()?.options[Number(event.key) - 1] : undefined;
    if (!by && !chosen) return;
    event.preventDefault();
    event.stopPropagation();
    if (by) this.move(by);
    else this.choose(chosen.key);
  }

  openQuestion() {
    return this.data.questions.find((question) => !question.chosen);
  }

  choose(value) {
    this.host.send("choice", { place: this.data.place, value });
  }

  /** Return what has the focus by keyboard: the name of a button, or "option". */
  focused() {
    const active = this.root.getRootNode().activeElement;
    return active && this.root.contains(active) && active.matches(":focus-visible") ? active.dataset.act : undefined;
  }

  focus(act, moved) {
    if (!act) return;
    const wanted = this.root.querySelector(`[data-act="${act}"]:not(:disabled)`) ?? this.root.querySelector("[data-act=next]");
    wanted?.focus({ preventScroll: moved || act !== "option" });
  }

  makeButton(act, text, onclick, more = {}) {
    return makeElement("button", { type: "button", "data-act": act, onclick, ...more }, text);
  }

  makeBlocks(blocks) {
    const follow = (event, href) => this.follow(event, href);
    return blocks.map(({ kind, parts }) => makeElement("p", { class: kind === "item" && "gv-lesson-item" }, ...makeParts(parts, follow)));
  }

  makeHead() {
    const { title, heading, step, steps } = this.data;
    return makeElement("header", {}, makeElement("p", {}, title, makeElement("span", {}, ` ${step} of ${steps.length}`)), this.makeWays(), makeElement("h2", {}, heading));
  }

  makeWays() {
    const { everything, place } = this.data;
    const show = this.makeButton("everything", everything ? "Show less" : "Show everything", () => this.host.send("everything", { place, value: !everything }), { title: "All controls of this page" });
    return makeElement("div", {}, show, this.makeButton("leave", "Leave the lesson", () => this.leave()));
  }

  makeReading() {
    const { text, look } = this.data;
    const where = look.length ? makeElement("div", { class: "gv-lesson-look" }, ...this.makeBlocks(look)) : null;
    return makeElement("div", { class: "gv-lesson-text" }, ...this.makeBlocks(text), where);
  }

  makeQuestions() {
    const { questions, follows, end, controls } = this.data;
    const after = follows.length ? makeElement("div", { class: "gv-lesson-follows" }, ...this.makeBlocks(follows)) : null;
    return makeElement("div", { class: "gv-lesson-questions" }, ...questions.map((one) => this.makeQuestion(one)), controls && this.makeButton("controls", "Show the controls for this step", () => showControls(controls)), after, end && this.makeEnd(end));
  }

  makeQuestion(question) {
    const { role, text, options, chosen, right, verdict } = question;
    const list = options.map((option, k) => (chosen ? this.makeAnswered(option, question) : this.makeOption(option, k)));
    const correct = chosen === right;
    const said = chosen ? makeElement("div", { class: "gv-lesson-verdict", role: "status", "data-right": String(correct) }, makeElement("p", {}, makeElement("strong", {}, correct ? "Right." : "Not quite.")), ...this.makeBlocks(verdict)) : null;
    return makeElement("section", { "data-role": role, "aria-label": ROLES[role] }, makeElement("h3", {}, ROLES[role]), ...this.makeBlocks(text), makeElement("ul", {}, ...list), said);
  }

  makeOption({ key, text }, k) {
    const words = text.flatMap(({ parts }) => makeParts(parts));
    const number = makeElement("kbd", { "aria-hidden": "true" }, String(k + 1));
    const button = makeElement("button", { type: "button", "data-act": "option", "data-option": key, onclick: () => this.choose(key) }, number, makeElement("span", {}, ...words));
    return makeElement("li", {}, button);
  }

  makeAnswered({ key, text }, { chosen, right }) {
    const mark = key === right ? "✓" : key === chosen ? "✗" : "";
    const said = [key === chosen && "your answer", key === right && "right"].filter(Boolean).join(", ");
    const words = text.flatMap(({ parts }) => makeParts(parts));
    return makeElement("li", { "data-mark": mark ? (key === right ? "right" : "wrong") : false }, makeElement("kbd", { "aria-hidden": "true" }, mark), makeElement("span", {}, ...words, said && makeElement("small", {}, ` (${said})`)));
  }

  makeEnd({ after, right, count, open, code, next }) {
    const score = count ? makeElement("p", {}, makeElement("strong", {}, `Right at first try: ${right} of ${count}.`), open.length ? ` Still open: step ${open.join(", ")}.` : "") : null;
    const copy = code && navigator.clipboard ? this.makeButton("copy", "Copy", () => navigator.clipboard.writeText(code)) : null;
    const token = code ? makeElement("p", {}, "Your code: ", makeElement("code", { class: "gv-lesson-code" }, code), " ", copy) : null;
    const honest = code ? makeElement("p", { class: "gv-lesson-small" }, "It says your score, for a course page. It doesn’t prove who answered.") : null;
    const onward = next.map(({ title, href }) => makeElement("p", {}, "Next lesson: ", makeElement("a", { href, onclick: (event) => { event.preventDefault(); this.open(href); } }, title)));
    return makeElement("section", { class: "gv-lesson-end", "aria-label": "End of the lesson" }, makeElement("h3", {}, "Done"), makeElement("p", {}, after), score, token, honest, ...onward);
  }

  makeNav() {
    const { steps, step, end } = this.data;
    const last = step === steps.length;
    const dots = steps.map(({ place, title, state }, k) => makeElement("li", {}, this.makeButton(`step ${k + 1}`, "", () => this.goTo(k), {
      "aria-label": `Step ${k + 1}: ${title}${STATES[state]}`, title, "data-state": state, "aria-current": k + 1 === step && "step", "data-place": place,
    })));
    const onward = last ? (end?.next.length ? "Next lesson" : "Next") : "Next";
    return [
      this.makeButton("back", "Back", () => this.move(-1), { disabled: step === 1 }),
      makeElement("ol", {}, ...dots),
      this.makeButton("next", onward, () => this.move(1), { disabled: last && !end?.next.length, "aria-keyshortcuts": "PageDown" }),
    ];
  }
}

/** Open the sidebar, which a narrow screen keeps closed, if it holds one of these controls; else go to the first one. */
function showControls(keys) {
  const controls = keys.map((key) => `.st-key-${key}`).join(", ");
  const onPage = document.querySelector("[data-testid=stMain]").querySelector(controls);
  if (onPage) onPage.scrollIntoView({ block: "center" });
  else document.querySelector("[data-testid=stExpandSidebarButton]")?.click();
}

/** Return the part of the sidebar that scrolls, which holds controls of the step, or null. */
const findControls = () => document.querySelector("[data-testid=stSidebarContent]");

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
