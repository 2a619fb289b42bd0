/* The presenter's buttons, and the keys of a clicker: they turn pages where no lesson takes them. Arrow keys do, too. */

import { openAddress } from "./addresses.js";
import { isTyping, makeElement, makeIcon } from "./dom.js";

const FULL = "M3 3h7v2.5H5.5V10H3zM14 3h7v7h-2.5V5.5H14zM3 14h2.5v4.5H10V21H3zM18.5 14H21v7h-7v-2.5h4.5z";
const FILLING = ".gv-player, .gv-curves, .gv-growth, .gv-opening, .gv-picture, [data-testid=stPlotlyChart]";
const FRAME_OF_CHART = "[data-testid=stElementContainer]"; // Streamlit fits a chart to what lies between them
/* Without a background, the browser shows black behind dark text. --gv-top is the height of the page's header. */
const FULL_STYLE = `[data-gv-full]:fullscreen {
  --gv-top: 0px; box-sizing: border-box; padding: 24px 32px; overflow: auto; align-content: safe center; background: var(--gv-page);
}`;
const STYLED = new WeakSet(); // documents and shadow roots that know it

/** Return the innermost element at a place of the screen, also inside of components. */
function elementUnder(x, y) {
  let found = document.elementFromPoint(x, y);
  while (found?.shadowRoot) {
    const inner = found.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === found) break;
    found = inner;
  }
  return found;
}

/** Return the element that has the focus, also inside of components. */
function innermostFocus() {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found;
}

/** Return what fills the screen for an element that is pointed at, or nothing. */
function pictureAround(element) {
  const picture = element?.closest(FILLING);
  return picture?.matches("[data-testid=stPlotlyChart]") ? picture.closest(FRAME_OF_CHART) ?? picture : picture;
}

/** Give an element that will fill the screen the page's background in the present theme, and a margin. */
function styleFull(element) {
  const root = element.getRootNode();
  if (!STYLED.has(root)) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(FULL_STYLE);
    root.adoptedStyleSheets.push(sheet);
    STYLED.add(root);
  }
  element.dataset.gvFull = "";
  element.style.setProperty("--gv-page", getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor);
}

class Presenter {
  constructor(root) {
    Object.assign(this, { root, pointer: [0, 0], listening: new AbortController() });
    const listen = (name, act) => window.addEventListener(name, act, { capture: true, signal: this.listening.signal });
    listen("keydown", (event) => this.key(event));
    window.addEventListener("keydown", (event) => this.arrow(event), { signal: this.listening.signal });
    listen("pointermove", ({ clientX, clientY }) => { this.pointer = [clientX, clientY]; });
  }

  show(data, end) {
    Object.assign(this, { data, end });
    const button = (name, text, act, more = {}) => makeElement("button", { type: "button", "data-act": name, onclick: act, ...more }, text);
    const turning = (way, label, sign, step) => button(way, sign, () => this.turn(way), data.lesson ? { "aria-label": step } : { disabled: !data[way], "aria-label": data[way] ? `${label}: ${data[way].title}` : label });
    this.root.replaceChildren(...this.root.querySelectorAll("style"), makeElement("nav", { "aria-label": "Presenting" },
      turning("back", "Back", "◀", "Previous step"),
      turning("next", "Next", "▶", "Next step"),
      button("full", makeIcon(FULL), () => this.fill(document.documentElement), { "aria-label": "Full screen", title: "Full screen. F: the picture under the pointer fills the screen." }),
      button("end", "✕", () => this.end(), { "aria-label": "End presenting", title: "End presenting" }),
    ));
  }

  /** Return whether the address names a lesson, but not one that the server couldn't show. */
  isInLesson() {
    const place = new URLSearchParams(location.search).get("lesson");
    return place !== null && place !== this.data.unknown;
  }

  /** Turn pages, or in a lesson its steps: the lesson knows the keys of a clicker. */
  turn(way) {
    if (this.isInLesson()) window.dispatchEvent(new KeyboardEvent("keydown", { key: way === "next" ? "PageDown" : "PageUp", cancelable: true }));
    else if (this.data[way]) openAddress(new URL(this.data[way].href, location.href));
  }

  /** Let an element fill the screen, or end that. */
  fill(element) {
    if (document.fullscreenElement) {
      document.exitFullscreen();
      return;
    }
    if (element !== document.documentElement) styleFull(element);
    element.requestFullscreen?.();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const way = { PageDown: "next", PageUp: "back" }[event.key];
    const panel = event.key.toLowerCase() === "f" && (pictureAround(innermostFocus()) ?? pictureAround(elementUnder(...this.pointer)) ?? document.documentElement);
    if ((!way || this.isInLesson()) && !panel) return;
    event.preventDefault();
    event.stopPropagation();
    if (panel) this.fill(panel);
    else this.turn(way);
  }

  /** Turn pages, or the steps of a lesson, with an arrow key that no player and no control has used. */
  arrow(event) {
    const way = { ArrowRight: "next", ArrowLeft: "back" }[event.key];
    const free = !document.activeElement || [document.body, document.querySelector("[data-testid=stMain]")].includes(document.activeElement);
    if (!way || !free || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    this.turn(way);
  }

  destroy() {
    this.listening.abort();
  }
}

const PRESENTERS = new WeakMap();

/** Show the presenter's buttons under `root`. `end()` tells the server that it is over. */
export function showPresenter(root, data, end) {
  if (!PRESENTERS.has(root)) PRESENTERS.set(root, new Presenter(root));
  PRESENTERS.get(root).show(data, end);
}

/** Remove the buttons and stop listening. */
export function removePresenter(root) {
  PRESENTERS.get(root)?.destroy();
  PRESENTERS.delete(root);
}
