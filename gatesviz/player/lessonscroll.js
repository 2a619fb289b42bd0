/* What is seen of a lesson's panel: the signs that say what is hidden, and scrolling to it. */

import { makeElement, setText } from "./dom.js";

const SIGN_ROOM = 40; // px that the sign "below" takes above the buttons, with the gap below it
const SPARE_SPACE = 10; // px of empty space below the text
const FREE_EDGE = 8; // px left free above and below what is scrolled to
const ON_BY = 0.75; // how much of what is seen a press of "More below" scrolls on

/** Return the nearest element around `element` that scrolls, also outside its shadow tree. */
export function findScroller(element) {
  const parent = element.parentElement ?? element.getRootNode().host;
  if (!parent || /auto|scroll/.test(getComputedStyle(parent).overflowY)) return parent ?? document.scrollingElement;
  return findScroller(parent);
}

/** Return the part of the sidebar that scrolls, which holds controls of the step, or null. */
const findControls = () => document.querySelector("[data-testid=stSidebarContent]");

const PICTURE_PARTS = ".gv-player, .gv-picture, .gv-curves, .gv-growth, .gv-sketch";
const RESULTS = { table: ".stTable", cards: "[class*=st-key-gatesviz-card]" };

/** Return the first picture of the page, if there is one: a chart, a part that we draw ourselves, a table or a card. */
export function findPicture() {
  const candidates = document.querySelectorAll(`[data-testid=stMain] :is(.stPlotlyChart, [data-testid=stBidiComponentIsolated], ${Object.values(RESULTS)})`);
  return [...candidates].find((one) => one.offsetHeight > 0 && (!one.matches("[data-testid=stBidiComponentIsolated]") || one.shadowRoot?.querySelector(PICTURE_PARTS)));
}

/** Return the word for a picture that `findPicture` found. */
const nameOfPicture = (picture) => Object.keys(RESULTS).find((name) => picture?.matches(RESULTS[name])) ?? "picture";

/** Give an element the focus, so that keys and a screen reader go on there. */
function focusOn(element) {
  if (element.tabIndex < 0) {
    element.tabIndex = -1;
    element.addEventListener("blur", () => element.removeAttribute("tabindex"), { once: true }); // a later click on its text must not take the focus
  }
  element.focus({ preventScroll: true });
}

const topOf = (element) => element.getBoundingClientRect().top;
const bottomOf = (element) => element.getBoundingClientRect().bottom;

export class PanelScroll {
  /** `body` scrolls under the buttons `nav`, both in `root`. `picture` returns the picture, or nothing. */
  constructor(root, body, nav, picture) {
    Object.assign(this, { root, body, nav, picture });
    this.more = this.makeButton("more", () => (this.isPast() ? this.toText() : this.scrollOn()));
    this.sign = makeElement("div", { class: "gv-lesson-more", hidden: true }, this.more);
    this.moreControls = this.makeButton("more controls", () => { const controls = findControls(); controls.scrollBy(0, ON_BY * controls.clientHeight); });
    setText(this.moreControls, "↓ More controls below");
    this.controlsSign = makeElement("div", { class: "gv-lesson-more gv-lesson-more-controls", hidden: true }, this.moreControls);
    this.onScroll = () => this.showSigns();
    this.onClick = ({ isTrusted, target }) => { if (isTrusted && target.closest?.("[data-testid=stExpandSidebarButton]")) delete document.documentElement.dataset.gvControls; };
    window.addEventListener("scroll", this.onScroll, true);
    window.addEventListener("click", this.onClick, true); // the reader opens the menu
    this.resized = new ResizeObserver(() => this.layOut());
    for (const one of [body, document.documentElement]) this.resized.observe(one);
    if (window.matchMedia("(max-width: 768px)").matches) { // Streamlit opens a sidebar again that was open before a reload
      document.querySelector("[data-testid=stSidebar][data-collapsed=false] [data-testid=stSidebarCollapseButton] button")?.click();
    }
  }

  destroy() {
    window.removeEventListener("scroll", this.onScroll, true);
    window.removeEventListener("click", this.onClick, true);
    this.closeSheet();
    this.resized.disconnect();
  }

  makeButton(act, onclick) {
    return makeElement("button", { type: "button", "data-act": act, onclick });
  }

  /** Tell the page how high the panel would like to be: the controls of the step begin below it. */
  layOut() {
    const scroller = findScroller(this.root);
    const height = Math.ceil(bottomOf(this.root) - topOf(scroller) + scroller.scrollTop);
    document.documentElement.style.setProperty("--gv-lesson-height", `${height}px`);
    for (const one of [scroller, findControls(), document.querySelector("[data-testid=stMainBlockContainer]")]) if (one) this.resized.observe(one);
    this.showSigns();
  }

  /** Return how many px the sign takes where it is shown. A presented panel is larger. */
  signRoom() {
    return SIGN_ROOM * (this.root.currentCSSZoom ?? 1);
  }

  /** Return where the panel's buttons would begin if there were no sign above them, in px from the top of the window. */
  edge() {
    return topOf(this.nav) + (this.sign.hidden ? 0 : this.signRoom());
  }

  /** Return where the seen part of the panel begins and ends, in px from the top of the window. */
  seen() {
    const header = document.querySelector("[data-testid=stHeader]");
    return { top: Math.max(0, topOf(findScroller(this.root)), header ? bottomOf(header) : 0), bottom: topOf(this.nav) };
  }

  /** Return whether an element can be read: all of it. */
  shows(element) {
    const { top, bottom } = this.seen();
    return topOf(element) >= top - 1 && bottomOf(element) <= bottom + 1;
  }

  /** Scroll as little as needed until `last` is seen, and never past the top of `first`. */
  bring(first, last) {
    const { top } = this.seen();
    const sign = bottomOf(this.body) - bottomOf(last) > FREE_EDGE + SPARE_SPACE ? this.signRoom() : 0; // more is below
    const below = Math.min(bottomOf(last) + FREE_EDGE + sign - this.edge(), topOf(first) - FREE_EDGE - top);
    if (below > 0) findScroller(this.root).scrollBy(0, below);
    else if (topOf(first) < top) findScroller(this.root).scrollBy(0, topOf(first) - FREE_EDGE - top);
    this.showSigns();
  }

  /** Scroll on by most of what is seen of the panel. */
  scrollOn() {
    const { top, bottom } = this.seen();
    findScroller(this.root).scrollBy(0, ON_BY * (bottom - top)); // at once: a smooth scroll would go on in the next step
  }

  /** Go to the top of the panel, of the page and of the controls. */
  toTop() {
    for (const one of [findScroller(this.root), ...document.querySelectorAll("[data-testid=stMain], [data-testid=stSidebarContent]")]) one.scrollTo(0, 0);
  }

  /** Return whether the panel has been scrolled out of sight, on a phone, where the picture is below it. */
  isPast() {
    return bottomOf(this.body) < this.seen().top + SPARE_SPACE;
  }

  /** Go back to the open question, or to the top of the panel. */
  toText() {
    const open = this.body.querySelector("[data-act=option]")?.closest("section") ?? this.body;
    findScroller(this.root).scrollBy(0, topOf(open) - this.seen().top - FREE_EDGE);
    focusOn(open);
  }

  /** Go to the picture. What scrolls there knows what lies over its upper edge. */
  toPicture() {
    const picture = this.picture();
    if (!picture) return;
    picture.scrollIntoView({ block: "start" });
    focusOn(picture.shadowRoot?.querySelector(PICTURE_PARTS) ?? picture);
  }

  /**
   * Go to the first of these controls that is on the page. If others are in the sidebar, which a narrow screen
   * keeps closed, open it. On a phone it is a sheet below the picture, or below the control on the page.
   */
  toControls(controls) {
    const found = controls.map((one) => document.querySelector("[data-testid=stMain]").querySelector(one));
    const onPage = found.find(Boolean);
    const isPhone = getComputedStyle(document.documentElement).getPropertyValue("--gv-sheet");
    if (found.includes(null)) {
      if (isPhone) document.documentElement.dataset.gvControls = "";
      document.querySelector("[data-testid=stExpandSidebarButton]")?.click();
    }
    if (!onPage) return isPhone ? this.toPicture() : undefined;
    onPage.scrollIntoView({ block: found.includes(null) ? "start" : "center" });
    if (isPhone) this.toDrawing(onPage);
    return focusOn(onPage.querySelector("[role=slider], input, button") ?? onPage);
  }

  /** Scroll on until the whole drawing of the cell is seen below `control`, as far as the control stays in view. */
  toDrawing(control) {
    const drawing = this.picture()?.shadowRoot?.querySelector(".gv-working > svg");
    if (!drawing) return;
    const { top, bottom } = this.seen();
    const missing = Math.min(bottomOf(drawing) + FREE_EDGE - bottom, topOf(control) - FREE_EDGE - top);
    if (missing > 0) findScroller(this.root).scrollBy(0, missing);
  }

  /** Close the sidebar if it is a sheet: another step has other controls, or none. */
  closeSheet() {
    const { dataset } = document.documentElement;
    if (!("gvControls" in dataset)) return;
    document.querySelector("[data-testid=stSidebar][data-collapsed=false] [data-testid=stSidebarCollapseButton] button")?.click();
    delete dataset.gvControls;
  }

  /** Say what is hidden below the lower edge of the panel, and below that of the controls. */
  showSigns() {
    const edge = this.edge();
    const hidden = bottomOf(this.body) > edge + SPARE_SPACE;
    const answers = [...this.body.querySelectorAll("[data-act=option]")].filter((one) => bottomOf(one) > edge - this.signRoom()).length;
    const past = this.isPast();
    this.hide(this.sign, !hidden && !past);
    setText(this.more, past ? "↑ Back to the text" : `↓ ${answers ? `${answers} answer${answers > 1 ? "s" : ""}` : "More"} below`);
    const [picture, button] = [this.picture(), this.body.querySelector("[data-act=picture]")];
    this.hide(button, !picture); // a page can draw it only after an answer
    setText(button, `Go to the ${nameOfPicture(picture)}`);
    const controls = findControls();
    this.hide(this.controlsSign, !controls || controls.scrollHeight <= controls.scrollTop + controls.clientHeight + SPARE_SPACE);
  }

  /** Hide a sign or show it. The focus of a hidden one goes to "Next". */
  hide(sign, hidden) {
    if (hidden && sign.contains(this.root.getRootNode().activeElement)) this.nav.querySelector("[data-act=next]").focus({ preventScroll: true });
    sign.hidden = hidden;
  }
}
