/* A lesson as a page of the export: its panel, its views, and grading by the values in the page. */

import { makeElement } from "./dom.js";
import { LessonPanel } from "./lesson.js";
import { LessonViews, unpack } from "./lessonviews.js";

const MARK = { right: "1", wrong: "0", open: "-" }; // of a record, as in lessons/grading.py

/**
 * Return the questions of a check that `choices` answered, and the open one: those of the check,
 * and after a wrong answer those of its sibling. It equals `questions` of lessons/grading.py.
 */
export function gradeChoices(check, choices) {
  const [left, asked] = [[...choices], []];
  for (const group of check) {
    if (asked.length && asked.every(({ chosen, right }) => chosen === right)) break;
    for (const { role, text, options, right, verdicts } of group) {
      const choice = left.shift();
      const answered = options.some(({ key }) => key === choice);
      asked.push({ role, text, options, chosen: answered ? choice : "", right: answered ? right : "", verdict: answered ? verdicts[choice] : [] });
      if (!answered) return asked;
    }
  }
  return asked;
}

/** Return the place in a record of each question that counts: [index of the step, role]. */
function countedPlaces(steps) {
  return steps.flatMap(({ check }, index) => (check ? check[0].map(({ role }) => [index, role]) : []));
}

/** Return for each step: "plain" without a check, "open", "right" or "wrong" at first try. */
function stepStates(steps, record) {
  const places = countedPlaces(steps);
  return steps.map((_, index) => {
    const marks = [...record].filter((_mark, k) => places[k][0] === index);
    if (!marks.length) return "plain";
    if (marks.includes(MARK.open)) return "open";
    return marks.every((mark) => mark === MARK.right) ? "right" : "wrong";
  });
}

/** The panel of a lesson whose address is the page's own: "#2" is step 2, "got" the first tries. */
class LessonPage extends LessonPanel {
  constructor(root, lesson, views) {
    super(root, () => (views.root.offsetHeight ? views.root : null));
    Object.assign(this, { lesson, views, choices: lesson.steps.map(() => []), record: MARK.open.repeat(countedPlaces(lesson.steps).length) });
    window.addEventListener("hashchange", () => this.read());
    this.read();
  }

  /** Show what the address names. */
  read() {
    const [step, ...rest] = location.hash.slice(1).split("&");
    const got = new URLSearchParams(rest.join("&")).get("got") ?? "";
    if (got.length === this.record.length && /^[-01]*$/.test(got)) this.record = [...got].map((mark, k) => (this.record[k] === MARK.open ? mark : this.record[k])).join("");
    const { length } = this.lesson.steps;
    this.at = Math.max(0, Math.min(length - 1, (Number.parseInt(step, 10) || 1) - 1));
    const now = this.hash(this.at);
    if (this.tried() && location.hash !== now) history.replaceState(null, "", now); // an earlier address lacks later tries: a reload would lose them
    this.draw();
  }

  draw() {
    const { lesson, at, record } = this;
    const step = lesson.steps[at];
    const questions = step.check ? gradeChoices(step.check, this.choices[at]) : [];
    const finished = questions.every(({ chosen }) => chosen);
    const states = stepStates(lesson.steps, record);
    const steps = lesson.steps.map(({ title }, k) => ({ place: `${lesson.name}.${k + 1}`, title, state: states[k], href: this.hash(k) }));
    const data = {
      lesson: lesson.name, place: steps[at].place, step: at + 1, steps, title: lesson.title, heading: step.title, text: step.text, look: step.look, hide: step.hide,
      questions, follows: finished ? step.follows : [], record: "", end: at + 1 === steps.length && finished ? this.ending(states) : null,
    };
    document.title = `${step.title} · ${lesson.title} · gatesviz`;
    this.show(data, { send: (_, { value }) => this.grade(value) });
    this.views.show(at);
    this.scroll.showSigns();
  }

  ending(states) {
    const { after, next, codes } = this.lesson;
    const open = states.flatMap((state, k) => (state === "open" ? [String(k + 1)] : []));
    const right = [...this.record].filter((mark) => mark === MARK.right).length;
    return { after, right, count: this.record.length, open, code: open.length ? "" : codes[right] ?? "", next };
  }

  /** Take an answer, and keep it in the address if it is a first try that counts. */
  grade(value) {
    const made = this.choices[this.at];
    const { check } = this.lesson.steps[this.at];
    if (gradeChoices(check, made).at(-1).chosen) return;
    made.push(value);
    const asked = Object.fromEntries(gradeChoices(check, made).filter(({ chosen }) => chosen).map((one) => [one.role, one.chosen === one.right]));
    this.record = countedPlaces(this.lesson.steps).map(([index, role], k) => {
      if (index !== this.at || !(role in asked) || this.record[k] !== MARK.open) return this.record[k];
      return asked[role] ? MARK.right : MARK.wrong;
    }).join("");
    history.replaceState(null, "", this.hash(this.at));
    this.draw();
  }

  /** Return whether a question that counts has been answered. */
  tried() {
    return [...this.record].some((mark) => mark !== MARK.open);
  }

  hash(index) {
    return `#${index + 1}${this.tried() ? `&got=${this.record}` : ""}`;
  }

  index() {
    return this.at;
  }

  arrive() {
    // The address is this page's own, so it is always there.
  }

  goTo(index) {
    location.hash = this.hash(index);
  }

  keepAnswers() {
    // `hash` has the record.
  }

  open({ href }) {
    location.href = href;
  }

  follow() {
    // A link of the text opens as any link does.
  }

  /** The title of the lesson and the links to the others are above the panel. */
  makeHead() {
    const { heading, step, steps } = this.data;
    return makeElement("header", {}, makeElement("p", {}, `Step ${step} of ${steps.length}`), makeElement("h2", {}, heading));
  }
}

/** Show a lesson: `panel` is the element of its panel, `views` the one of its views. */
export async function showLessonPage(panel, views, lesson) {
  panel.classList.add("gv-lesson");
  return new LessonPage(panel, lesson, new LessonViews(views, lesson.views, await unpack(lesson.payloads)));
}
