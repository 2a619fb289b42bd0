/* Build elements without HTML strings, so that text from people stays text. */

export function makeElement(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") element.style.cssText = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG_SPACE = "http://www.w3.org/2000/svg";

export function makeShape(tag, attributes, ...children) {
  const element = document.createElementNS(SVG_SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function makeIcon(path) {
  return makeShape("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, makeShape("path", { d: path }));
}

/** Return a label that can be seen: a space becomes ␣, as `visible` of sequences/characters.py writes it. */
export const visible = (label) => (label === " " ? "␣" : label);

const TAP_REACH = 10; // pixels that a finger may move in a tap

/**
 * Call `act` with the event of a press: when a mouse or a pen goes down, or when a finger is lifted where
 * it went down. A finger that moves the page presses nothing.
 */
export function onPress(element, act) {
  let down = null;
  const far = (event) => Math.hypot(event.clientX - down.x, event.clientY - down.y) > TAP_REACH;
  element.addEventListener("pointerdown", (event) => {
    down = { x: event.clientX, y: event.clientY };
    if (event.pointerType !== "touch") act(event);
  });
  element.addEventListener("pointermove", (event) => { if (down && event.pointerType === "touch" && far(event)) down = null; });
  element.addEventListener("pointerup", (event) => {
    if (down && event.pointerType === "touch") act(event);
    down = null;
  });
  element.addEventListener("pointercancel", () => { down = null; });
}

/** Set a text only if it changed: the player draws up to 60 times a second. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Download a blob under a name. */
export function handOver(blob, name) {
  const url = URL.createObjectURL(blob);
  makeElement("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may read it only later
}

/** Return whether a key belongs to the element it was pressed in. */
export function isTyping(event) {
  const [target] = event.composedPath();
  const { tagName, type } = target;
  return target.isContentEditable || tagName === "TEXTAREA" || tagName === "SELECT" || (tagName === "INPUT" && !["range", "checkbox", "radio", "button"].includes(type));
}
