/* What a lesson's panel is made of: text, options that have an answer, and the end of the lesson. */

import { makeElement } from "./dom.js";
import { makePointing } from "./pointing.js";

export const QUESTION_ROLES = { answer: "Question", reason: "The reason", sibling: "Try another one", "sibling reason": "The reason" };

/** Make the parts of a text. `follow` opens a link; without it, the text is inside a button. */
export function makeTextParts(parts, follow) {
  const tags = { strong: "strong", em: "em", code: "code" };
  return parts.flatMap(([text, look, href]) => {
    if (look === "link") return makeElement("a", { href, onclick: (event) => follow(event, href) }, text);
    const nodes = follow ? makePointing(text) : [document.createTextNode(text)];
    return tags[look] ? makeElement(tags[look], {}, ...nodes) : nodes;
  });
}

/** Make an option of a question that has an answer. */
export function makeAnsweredOption({ key, text }, { chosen, right }) {
  const mark = key === right ? "✓" : key === chosen ? "✗" : "";
  const said = [key === chosen && "your answer", key === right && "right"].filter(Boolean).join(", ");
  const words = text.flatMap(({ parts }) => makeTextParts(parts));
  return makeElement("li", { "data-mark": mark ? (key === right ? "right" : "wrong") : false }, makeElement("kbd", { "aria-hidden": "true" }, mark), makeElement("span", {}, ...words, said && makeElement("small", {}, ` (${said})`)));
}

/** Make the end of a lesson: the score, its code, and the way on. `panel` makes buttons and opens a lesson. */
export function makeLessonEnd({ after, right, count, open, code, next, all }, panel) {
  const score = count ? makeElement("p", {}, makeElement("strong", {}, `Right at first try: ${right} of ${count}.`), right < count ? ` “${QUESTION_ROLES.sibling}” doesn’t count.` : "", open.length ? ` Still open: step ${open.join(", ")}.` : "") : null;
  const copy = code && navigator.clipboard ? panel.makeButton("copy", "Copy", () => navigator.clipboard.writeText(code)) : null;
  const token = code ? makeElement("p", {}, "Your code: ", makeElement("code", { class: "gv-lesson-code" }, code), " ", copy) : null;
  const honest = code ? makeElement("p", { class: "gv-lesson-small" }, "It says your score, for a course page. It doesn’t prove who answered.") : null;
  const onward = next.map((one) => makeElement("p", {}, one.label ?? "Next lesson: ", makeElement("a", { href: one.href, onclick: (event) => { event.preventDefault(); panel.open(one); } }, one.title)));
  return makeElement("section", { class: "gv-lesson-end", "aria-label": "End of the lesson" }, makeElement("h3", {}, "Done"), makeElement("p", {}, after), score, token, honest, all ? makeElement("p", {}, all) : null, ...onward);
}

/** Return which keys answer a question with so many options. */
export const sayNumberKeys = (count) => `press ${[...Array(count - 1).keys()].map((k) => k + 1).join(", ")} or ${count}`;
