/* The settings of a page that the teacher has locked: they look so, and nothing reaches them. */

const LOCKED = "data-gv-locked";

/** Switch off all elements that one of these CSS selectors names, and switch on again what was switched off before. */
export function lockSettings(selectors) {
  const locked = new Set(selectors.length ? document.querySelectorAll(selectors.join()) : []);
  for (const one of document.querySelectorAll(`[${LOCKED}]`)) if (!locked.has(one)) switchOff(one, false);
  for (const one of locked) switchOff(one, true);
  if (locked.size) addEventListener("keydown", skipLockedShortcut, true);
  else removeEventListener("keydown", skipLockedShortcut, true);
}

function switchOff(element, off) {
  if (element.hasAttribute(LOCKED) === off) return;
  element.toggleAttribute(LOCKED, off);
  element.inert = off;
}

/** Keep the key of a locked button from Streamlit, which presses inert buttons, too. A button shows its key as its last word. */
function skipLockedShortcut(event) {
  const keys = [...document.querySelectorAll(`[${LOCKED}] .stButton button`)].map((one) => one.innerText.trim().split(/\s+/).at(-1));
  if (keys.includes(event.key.toUpperCase())) event.stopImmediatePropagation();
}
