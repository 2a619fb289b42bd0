/* The current selection (`Selection` of payload.py), limited to what a model has. */

import { linkText } from "./edits.js";
import { stretchWithin } from "./stretch.js";

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/** Move `state` to the nearest step, panel, unit and lane that the model has. */
export function stand(state, model, select) {
  state.step = clamp(Math.round(select.step), 0, model.steps - 1);
  state.active = clamp(select.panel, 0, model.panels.length - 1);
  state.units = model.panels.map((panel, index) => {
    const unit = index === state.active ? select.unit : state.units[index] ?? select.unit;
    return clamp(unit, 0, panel.hidden - 1);
  });
  state.lane = select.lane || state.lane;
  if (!model.panels.some((panel) => panel.lanes.some((lane) => lane.letter === state.lane))) {
    state.lane = model.panels[state.active].states.at(-1);
  }
  const covered = model.panels.some((panel) => panel.written) && select.until < model.steps ? select.until : 0;
  state.until = covered && state.until ? Math.min(covered, state.until) : covered; // more letters: go on where it stopped
  if (state.until) {
    state.step = Math.min(state.step, state.until - 1);
    state.span = select.span; // letters need room
  }
  state.span = state.span < model.steps ? state.span : 0;
  state.stretch = stretchWithin(select.stretch, model.steps);
  state.rows = select.rows ?? "";
}

/** Uncover the current step of a text that the model writes. */
export function uncover(state, steps) {
  if (state.until) state.until = Math.max(state.until, state.step + 1);
  if (state.until >= steps) state.until = 0;
}

/** Return whether playing uncovers letters now. */
export const isWriting = ({ playing, step, until }) => playing && step + 1 === until;

/** Return the selection that a host gets. Edits that are too long for a link are left out. */
export function selectionOf({ step, units, active, lane, order, span, speed, sums, reverse, until, edits, stretch, rows }) {
  const selection = { step, unit: units[active], panel: active, lane, order, span, speed, sums, reverse, until, edits: linkText(edits) };
  return { ...selection, ...(stretch && { stretch }), ...(rows && { rows }) };
}

/** Return the visible part of the time axis. It follows the step, and moves ahead while playing. */
export function viewOf(state, steps) {
  const { span, step } = state;
  const count = span || steps;
  let { from } = state;
  if (step < from || step >= from + count) from = step - Math.floor(count / 2);
  else if (state.playing && step - from > count * 0.75) from = step - Math.floor(count * 0.25);
  state.from = clamp(from, 0, steps - count);
  return { from: state.from, count };
}

/** Return the first and the last step of playing: in the reading order, unless reversed. */
export function endsOf(state, model) {
  const backward = model.panels.every((panel) => panel.direction === "backward") !== state.reverse;
  return backward ? [model.steps - 1, 0] : [0, model.steps - 1];
}
