/* The player's keyboard shortcuts. */

/** Handle a key, unless the focused element uses it itself. */
export function followKey(event, actions) {
  const { target, key } = event;
  const tag = target.tagName;
  if (event.ctrlKey || event.metaKey || event.altKey || tag === "SELECT") return;
  if (tag === "INPUT" && target.type === "number") return;
  if ((key === " " || key === "Enter") && (tag === "BUTTON" || target.type === "checkbox")) {
    event.stopPropagation();
    return;
  }
  const act = {
    " ": actions.toggle,
    ArrowLeft: () => actions.move(-1),
    ArrowRight: () => actions.move(1),
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
