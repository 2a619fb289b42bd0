/* On a phone, the sidebar lies over the page: as a menu, which this closes after a choice, or as a sheet of controls, which stays. */

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
 * Keep a sheet of controls open while you use the page above it. Streamlit would close it at the press of a
 * button there, and its header would then move the button away before the release. Call this once.
 */
export function keepSheetOpen() {
  document.body.addEventListener("mousedown", (event) => { // Streamlit listens at the document
    if ("gvControls" in document.documentElement.dataset) event.stopPropagation();
  });
}
