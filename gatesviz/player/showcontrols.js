/* A button on the page that opens the sidebar where it is closed: on a phone, as a sheet below the page. */

import { makeElement } from "./dom.js";

const EXPAND = "[data-testid=stExpandSidebarButton]";
const SIDEBAR = "[data-testid=stSidebar][data-collapsed=false]";
const OPENING = 20; // looks for the opened sidebar
const LOOK_AGAIN = 50; // ms until the next look
const LISTENERS = new WeakMap();

/** Focus the first slider of the sidebar once it is open, so that keys go on there. */
function focusControls(looks = OPENING) {
  const slider = document.querySelector(`${SIDEBAR} [data-testid=stSidebarUserContent] [data-testid=stSlider] input`);
  if (slider) slider.focus();
  else if (looks > 1) setTimeout(() => focusControls(looks - 1), LOOK_AGAIN);
}

function openControls() {
  if (getComputedStyle(document.documentElement).getPropertyValue("--gv-sheet")) document.documentElement.dataset.gvControls = "";
  document.querySelector(EXPAND)?.click();
  focusControls();
}

/** Close the sidebar if it is a sheet: it would lie over another page. */
function closeControls() {
  const { dataset } = document.documentElement;
  if (!("gvControls" in dataset)) return;
  document.querySelector(`${SIDEBAR} [data-testid=stSidebarCollapseButton] button`)?.click();
  delete dataset.gvControls;
}

/** Show a button with `text` under `root`. The page hides it while the sidebar is open. */
export function showControlsButton(root, text) {
  removeListener(root);
  const openMenu = ({ isTrusted, target }) => { if (isTrusted && target.closest?.(EXPAND)) delete document.documentElement.dataset.gvControls; };
  document.addEventListener("click", openMenu, true); // the reader opens the menu, which is no sheet
  LISTENERS.set(root, openMenu);
  root.replaceChildren(makeElement("button", { type: "button", onclick: openControls }, text));
}

function removeListener(root) {
  document.removeEventListener("click", LISTENERS.get(root), true);
}

export function removeControlsButton(root) {
  removeListener(root);
  closeControls();
}
