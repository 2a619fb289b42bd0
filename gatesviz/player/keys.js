/* The player's keyboard shortcuts. */

/** Handle a key, unless the focused element uses it itself. */
export function followKey(event, actions) {
  const { target, key } = event;
  const tag = target.tagName;
  if (tag === "INPUT" && ["number", "text"].includes(target.type)) return;
  const undoes = (event.ctrlKey || event.metaKey) && !event.altKey && { z: actions.undo, Z: actions.redo, y: actions.redo }[key];
  if (undoes) {
    event.preventDefault();
    event.stopPropagation();
    return undoes();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || tag === "SELECT") return;
  if ((key === " " || key === "Enter") && (tag === "BUTTON" || target.type === "checkbox")) {
    event.stopPropagation();
    return;
  }
  const selects = event.shiftKey && actions.selects();
  const act = {
    " ": actions.toggle,
    ArrowLeft: () => (selects ? actions.extend(-1) : actions.move(-1)),
    ArrowRight: () => (selects ? actions.extend(1) : actions.move(1)),
    ArrowUp: () => actions.moveUnit(-1),
    ArrowDown: () => actions.moveUnit(1),
    Home: () => actions.goTo(actions.firstStep()),
    End: () => actions.goTo(actions.lastStep()),
  }[key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}
