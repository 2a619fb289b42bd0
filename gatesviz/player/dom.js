/* Elements made without HTML strings, so that text from people stays text. */

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

const ICON_SPACE = "http://www.w3.org/2000/svg";

export function makeIcon(path) {
  const svg = document.createElementNS(ICON_SPACE, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(ICON_SPACE, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

/** Set text only where it changed: the player ticks up to 60 times a second. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
