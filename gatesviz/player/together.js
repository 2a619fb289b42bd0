/* One picture for a class: the teacher's player says what it shows, and the players of the class show the same. */

import { linkText, readEdits } from "./edits.js";
import { selectionOf, stand } from "./standing.js";

const CALM_EDITS = 1000; // ms in which the pages of a class hear of an edit: not all at once
const SHARED_PLACE = ["step", "unit", "panel", "lane", "edits", "rows"];
const TOGETHER = new Set(); // those that own a page
let classHears = null; // gets what a player shows: the room line of a teacher
let classShows = null; // what all players show: {select, here}, of the room line of a student

/** Let a player of a page take part. Call it again when the host has moved the player or shows another model. */
export function joinClass(player) {
  TOGETHER.add(player);
  if (classShows) showClassIn(player);
}

export function leaveClass(player) {
  clearTimeout(player.classReport);
  TOGETHER.delete(player);
}

/** Say that a player has moved. */
export function tellClass(player) {
  if (!classHears || !TOGETHER.has(player)) return;
  const select = selectionOf(player.state);
  classHears(JSON.stringify(Object.fromEntries(SHARED_PLACE.map((name) => [name, select[name] ?? ""]))));
}

/** Call `hear` with each place of this page's player, as JSON. Without it, moves are not reported. */
export function listenToPlayers(hear = null) {
  classHears = hear;
}

/** Let the players show a place, as JSON, where `here` returns true. Without it, they are free. */
export function showInPlayers(text = "", here = () => true) {
  classShows = readPlace(text, here);
  if (!classShows) TOGETHER.forEach((player) => Object.assign(player, { classEdits: "", classList: undefined }));
  if (classShows) TOGETHER.forEach(showClassIn);
}

function readPlace(text, here) {
  try {
    const place = JSON.parse(text);
    const [numbers, texts] = [["step", "unit", "panel"], ["lane", "edits", "rows"]];
    const sound = numbers.every((name) => Number.isFinite(place[name])) && texts.every((name) => typeof place[name] === "string");
    return sound ? { here, select: Object.fromEntries(SHARED_PLACE.map((name) => [name, place[name]])) } : null;
  } catch { // no place
    return null;
  }
}

/**
 * Show the place in a player, which doesn't report it: it isn't the reader's.
 *
 * Edits are shown when the teacher changes them, so that the reader's own stay until then. The page needs to know them.
 */
function showClassIn(player) {
  if (!classShows.here()) return;
  const { state, model, scene } = player;
  const select = { ...selectionOf(state), ...classShows.select };
  player.playing.stop();
  const changed = select.edits !== (player.classEdits ?? "");
  player.classEdits = select.edits;
  if (changed && select.edits !== linkText(state.edits)) {
    const { edits } = readEdits(select.edits);
    const own = linkText(state.edits) !== player.classList;
    if (own) player.history.set(edits); // Undo brings the reader's own back, at one press
    else player.history.replace(edits);
    player.classList = linkText(edits);
    player.preview(player.history.list);
    state.editing ||= player.history.list.length > 0;
    scene.showEdits();
    clearTimeout(player.classReport);
    player.classReport = setTimeout(() => player.report(), Math.random() * CALM_EDITS);
  }
  stand(state, model, select);
  scene.refresh();
}
