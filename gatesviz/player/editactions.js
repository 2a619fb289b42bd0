/* What the edit mode does to a player: edits by pointer and by keyboard, undo, redo and reset. */

import { EditHistory, readEdits, withEdit } from "./edits.js";
import { withLetter } from "./spelling.js";

/** Return the edits with which the panels of a model were recorded, as text, to notice other ones. */
export function recordedEdits(model) {
  return JSON.stringify(model.panels.map(({ engine }) => engine?.edits ?? []));
}

/**
 * Begin a history with a list of edits or those of a link's text, else with those of the recording itself.
 *
 * Where panels were recorded with different edits, each keeps its own, and the history has none of them.
 */
export function openEdits(player, { edits: text, list, rows }, model) {
  const { state } = player;
  const lists = model.panels.map(({ engine }) => engine?.edits ?? []);
  const alike = lists.every((list) => JSON.stringify(list) === JSON.stringify(lists[0]));
  model.panels.forEach((panel, index) => { panel.base = alike ? [] : lists[index]; });
  const recorded = alike ? lists[0] : [];
  const { edits: linked, note } = list ? { edits: list, note: state.note } : readEdits(text ?? "");
  const edits = linked.length ? linked : recorded;
  state.note = note;
  player.history = new EditHistory(edits);
  state.edits = edits;
  if ((edits.length && !rows) || state.note) state.editing = true; // chosen rows stand alone
}

/** Return the actions of a player that concern edits. */
export function editActions(player) {
  const { state } = player;
  let dragged = null; // the letter, step and unit that a pointer holds
  let waiting = null; // the edit that the next frame will show
  let frame = 0;
  const change = (act) => () => {
    act();
    state.note = "";
    player.edit();
  };
  const show = () => {
    frame = 0;
    if (waiting) player.edit(withEdit(player.history.list, waiting));
  };
  return {
    toggleEditing: () => {
      state.editing = !state.editing;
      if (state.editing) player.playing.stop(); // "this step" stays the one that you see
      player.scene.setEditing();
      player.scene.redraw();
    },
    edits: () => state.editing,
    canUndo: () => player.history.canUndo,
    canRedo: () => player.history.canRedo,
    undo: change(() => player.history.undo()),
    redo: change(() => player.history.redo()),
    reset: change(() => player.history.set([])),
    addEdit: (edit) => {
      change(() => player.history.add(edit))();
      player.chooseEffect(edit.letter);
    },
    addLetter: (edits) => change(() => player.history.set(withLetter(player.history.list, edits)))(),
    removeEdits: (from, count) => change(() => player.history.set(state.edits.filter((_, place) => place < from || place >= from + count)))(),
    drags: () => dragged !== null,
    grab: (panel, letter, step, unit) => {
      player.playing.stop();
      player.activate(panel);
      player.scene.editing.choose(letter);
      player.chooseEffect(letter);
      player.goTo(step);
      dragged = { letter, step, unit };
    },
    drag: (value) => {
      const edit = player.scene.editing.make(dragged.letter, value, dragged);
      if (typeof edit === "string") return player.scene.editing.say(edit);
      waiting = edit;
      frame ||= requestAnimationFrame(show);
      return undefined;
    },
    drop: () => {
      cancelAnimationFrame(frame);
      frame = 0;
      if (waiting) player.history.add(waiting);
      if (waiting) player.edit();
      dragged = null;
      waiting = null;
    },
  };
}
