/* The menu of pages. On a phone, the sidebar lies over the page: as a menu, which this closes after a choice, or as a sheet of controls, which stays. */

import { FRAME, openAtTop } from "./addresses.js";

const PHONE = "(max-width: 768px)"; // where Streamlit lays the menu over the page

/** Close the menu after a tap on one of its pages, by its own button. Call this once. */
export function closeMenuAfterChoice() {
  document.addEventListener("click", ({ target, ctrlKey, metaKey, shiftKey }) => {
    const chosen = target.closest?.("[data-testid=stSidebarNavLink]");
    if (!chosen || ctrlKey || metaKey || shiftKey || !window.matchMedia(PHONE).matches) return;
    setTimeout(() => document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click());
  });
}

/**
 * Leave a lesson when its page is chosen in the menu. Streamlit does nothing then, because this page is
 * open already. Call this once.
 */
export function leaveLessonByMenu() {
  document.addEventListener("click", ({ target, ctrlKey, metaKey, shiftKey }) => {
    const chosen = target.closest?.("[data-testid=stTopNavLink], [data-testid=stSidebarNavLink]");
    const now = new URLSearchParams(location.search);
    if (!chosen || ctrlKey || metaKey || shiftKey || !now.has("lesson") || chosen.pathname !== location.pathname) return;
    const url = new URL(chosen.pathname, location.href);
    for (const name of FRAME) now.getAll(name).forEach((value) => url.searchParams.append(name, value));
    setTimeout(() => openAtTop(url)); // after Streamlit has heard of the click
  });
}

/**
 * Keep a sheet of controls open while you use the page above it. Streamlit would close it at the press of a
 * button there, and its header would then move the button away before the release. Call this once.
 */
export function keepSheetOpen() {
  document.body.addEventListener("mousedown", (event) => { // Streamlit listens at the document
    if ("gvControls" in document.documentElement.dataset) event.stopPropagation();
  });
}
