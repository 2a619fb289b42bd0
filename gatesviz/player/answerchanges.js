/* What edits do to the answers, as sentences. */

import { judge, MOST_NUMBERS, nameAnswers, numbersAnswered } from "./answers.js";
import { formatNumber, formatShare } from "./numbers.js";

const LEAST_CHANGE = 0.01; // of a probability: smaller changes aren't worth a sentence

/** Return the arrays with a run's answers, so that `judge` can read them. */
const answering = (panel, arrays) => ({ ...panel, arrays: { ...panel.arrays, y: arrays.y } });

/** Return an answer at a step as text: a number, or names. */
function answerText(panel, step) {
  const { answer } = judge(panel, step);
  if (panel.answers.kind === "number") return numbersAnswered(panel, answer);
  return nameAnswers(panel, answer);
}

function answerShare(panel, step) {
  const { answer } = judge(panel, step);
  return panel.answers.kind === "choice" ? ` (${formatShare(panel.arrays.y.at(step, answer[0]))})` : "";
}

/** Return whether the answers of a panel follow its edits. */
export const answersFollow = (panel) => Boolean(panel.answers && panel.engine?.readout);

/** Return {answer, before} at a step as plain text, or null without answers. */
export function answersAt(panel, step) {
  if (!panel.answers) return null;
  const plain = (shown) => {
    const { answer } = judge(shown, step);
    return panel.answers.kind === "number" ? String(answer) : answer.map((k) => panel.answers.names[k]).join(" ");
  };
  const before = panel.before?.y ? answering(panel, panel.before) : panel;
  return { answer: plain(panel), before: plain(before) };
}

/** Return what the edits do to the answer at a step, as a sentence. */
export function changeSentence(panel, step) {
  if (!panel.edited) return "";
  if (!panel.answers) return "";
  if (!answersFollow(panel)) return "The answers can’t be computed here, so they are those of the recording.";
  const letters = panel.written ? " The letters stay as they are: the model wrote them without your changes." : "";
  return answersSentence(panel, step) + letters;
}

/** Return whether `changeSentence` gives the probability at a step where no answer is expected. */
export function changeGivesStep(panel, step) {
  if (!panel.edited || !answersFollow(panel) || panel.answers.kind !== "choice" || isExpected(panel, step)) return false;
  return expectedSteps(panel).length > 0 && elsewhereSentence(panel, answering(panel, panel.before), step) !== "";
}

/** Return what the edits do to the answers of a panel that follow them: first to those that are expected, then to that at a step. */
function answersSentence(panel, step) {
  const before = answering(panel, panel.before);
  panel.changed ??= changedSteps(panel, before);
  const expected = expectedSteps(panel);
  if (expected.length && !expected.includes(step) && panel.answers.kind !== "number") {
    return expectedSentence(panel, before, expected) + elsewhereSentence(panel, before, step);
  }
  if (changesAt(before, panel, step)) return `The answer at step ${step} changes ${changeText(before, panel, step)}.${countSentence(panel, expected)}`;
  return `The answer at step ${step} stays ${answerText(panel, step)}${sharesText(before, panel, step)}.${othersSentence(panel, before, { step, expected })}`;
}

/** Return the numbers of an answer at a step that read otherwise than before, largest change first: {name, was, is}. */
function changedNumbers(before, panel, step) {
  const [was, is] = [before, panel].map((one) => judge(one, step).answer);
  const size = (k) => Math.abs(is[k] - was[k]);
  return [...is.keys()].filter((k) => formatNumber(was[k]) !== formatNumber(is[k])).sort((a, b) => size(b) - size(a))
    .map((k) => ({ name: panel.answers.names[k], was: formatNumber(was[k]), is: formatNumber(is[k]) }));
}

const hasNumbers = (panel) => panel.answers.kind === "number" && panel.arrays.y.columns > 1;

/** Return whether an answer reads otherwise than before, also in a number that no sentence names. */
function changesAt(before, panel, step) {
  if (hasNumbers(panel)) return judge(panel, step).answer.some((value, k) => formatNumber(value) !== formatNumber(before.arrays.y.at(step, k)));
  return answerText(before, step) !== answerText(panel, step);
}

/** Return the numbers that change most: in “a” from 0.1 to 0.2, in “b” from 1 to 2 and in 5 more. */
function numbersText(before, panel, step) {
  const changed = changedNumbers(before, panel, step);
  const parts = changed.slice(0, MOST_NUMBERS).map(({ name, was, is }) => `in ${name} from ${was} to ${is}`);
  if (changed.length > MOST_NUMBERS) parts.push(`in ${changed.length - MOST_NUMBERS} more`);
  return [parts.slice(0, -1).join(", "), parts.at(-1)].filter(Boolean).join(" and ");
}

/** Return an answer before and now: from “A” (99 %) to “B” (61 %). */
function changeText(before, panel, step) {
  if (hasNumbers(panel)) return numbersText(before, panel, step);
  return `from ${answerText(before, step)}${answerShare(before, step)} to ${answerText(panel, step)}${answerShare(panel, step)}`;
}

/** Return a probability before and now, as “: 99 % before, 98 % now”; one of them in brackets where both read alike. */
function sharesText(before, panel, step) {
  const [was, is] = [answerShare(before, step), answerShare(panel, step)];
  return was === is ? is : `: ${was.trim().slice(1, -1)} before, ${is.trim().slice(1, -1)} now`;
}

/** Return how a probability moves: falls from 99 % to 61 %. */
function movesText(was, is) {
  return ` ${is < was ? "falls" : "rises"} from ${formatShare(was)} to ${formatShare(is)}`;
}

/** Return what the edits do to the answers that are expected, of which `step` is none. */
function expectedSentence(panel, before, expected) {
  const changed = panel.changed.filter((one) => isExpected(panel, one));
  const [first] = changed;
  const changes = changed.length ? changeText(before, panel, first) : "";
  if (expected.length === 1) {
    const [at] = expected;
    const opening = `The only expected answer, at step ${at},`;
    if (!changes) return `${opening} stays ${answerText(panel, at)}${sharesText(before, panel, at)}.`;
    const judged = panel.read?.size ? "the expected one is that of the text without your edits" : `it is now ${judge(panel, at).agrees ? "right" : "wrong"}`;
    return `${opening} changes ${changes}: ${judged}.`;
  }
  const opening = `An answer is expected at ${expected.length} steps.`;
  if (!changes) return `${opening} None of these answers changes.${largestSentence(panel, before)}`;
  if (changed.length === 1) return `${opening} One of these answers changes, at step ${first}: ${changes}.`;
  return `${opening} ${changed.length} of these answers change, first at step ${first}: ${changes}.`;
}

/** Return what the edits do to the answer at a step where none is expected; "" where nothing can be seen. */
function elsewhereSentence(panel, before, step) {
  const here = ` At step ${step}, where none is expected,`;
  if (changesAt(before, panel, step)) return `${here} the answer changes ${changeText(before, panel, step)}.`;
  if (answerShare(before, step) === answerShare(panel, step)) return ""; // as of a set, which has no one share
  const [k] = judge(panel, step).answer;
  return `${here} ${answerText(panel, step)}${movesText(before.arrays.y.at(step, k), panel.arrays.y.at(step, k))}.`;
}

/** Return what the edits do to the other answers, where that at `step` stays. */
function othersSentence(panel, before, { step, expected }) {
  const [first] = panel.changed;
  if (first === undefined) return ` No answer changes.${largestSentence(panel, before, step)}`;
  return ` The answer at step ${first} changes ${changeText(before, panel, first)}.${countSentence(panel, expected)}`;
}

/** Return the steps at which an answer is expected. */
const expectedSteps = (panel) => [...Array(panel.arrays.y.rows).keys()].filter((step) => isExpected(panel, step));

/** Return whether an answer is expected at a step. */
const isExpected = ({ arrays: { target } }, step) => Boolean(target) && !Number.isNaN(target.at(step, 0));

/** Return the steps whose answers change. Steps with an expected answer come first. */
function changedSteps(panel, before) {
  const steps = [...Array(panel.arrays.y.rows).keys()].filter((step) => changesAt(before, panel, step));
  return steps.sort((a, b) => isExpected(panel, b) - isExpected(panel, a) || a - b);
}

/** Return how many answers change, as a sentence; "" for one answer and for numbers, which all change. */
function countSentence(panel, expected) {
  if (panel.answers.kind === "number") return "";
  const among = panel.changed.filter((step) => expected.includes(step)).length;
  if (among > 1) return ` In all, ${among} of the ${expected.length} expected answers change.`;
  return panel.changed.length > 1 ? ` In all, the answer changes at ${panel.changed.length} steps.` : "";
}

/**
 * Return the largest change of an answer's probability: {step, name, was, is}. A choice counts the name
 * that it answers, a set counts every name. Steps with an expected answer come first, if something
 * changes there.
 */
function largestChange(panel, before) {
  const { y } = panel.arrays;
  const names = (step) => (panel.answers.kind === "set" ? panel.answers.names.keys() : judge(panel, step).answer);
  const changes = [...Array(y.rows).keys()].flatMap((step) => [...names(step)].map((k) => (
    { step, name: panel.answers.names[k], was: before.arrays.y.at(step, k), is: y.at(step, k) })));
  const size = ({ was, is }) => Math.abs(is - was);
  const largest = (list) => list.reduce((most, one) => (size(one) > size(most) ? one : most), { was: 0, is: 0 });
  const expected = largest(changes.filter(({ step }) => isExpected(panel, step)));
  return size(expected) >= LEAST_CHANGE ? expected : largest(changes);
}

/** Return a sentence on the largest change of a probability; "" where none changes much, or it is that of `step`. */
function largestSentence(panel, before, step) {
  if (panel.answers.kind === "number") return "";
  panel.largest ??= largestChange(panel, before);
  const { step: at, name, was, is } = panel.largest;
  if (Math.abs(is - was) < LEAST_CHANGE || (at === step && panel.answers.kind === "choice")) return "";
  return ` At step ${at}, “${name}”${movesText(was, is)}.`;
}
