/* The settings of a page that the teacher has locked: they look so, and nothing reaches them. */

const LOCKED = "data-gv-locked";

/** Switch the controls with these keys off, or with no keys all that were switched off on again. */
export function lockSettings(keys) {
  const locked = new Set(keys.length ? document.querySelectorAll(keys.map((key) => `.st-key-${CSS.escape(key)}`).join()) : []);
  for (const one of document.querySelectorAll(`[${LOCKED}]`)) if (!locked.has(one)) switchOff(one, false);
  for (const one of locked) switchOff(one, true);
}

function switchOff(element, off) {
  if (element.hasAttribute(LOCKED) === off) return;
  element.toggleAttribute(LOCKED, off);
  element.inert = off;
}
