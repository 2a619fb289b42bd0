/* Open another address of the app without a reload: session, uploads and runs stay. */

export const FRAME = ["embed", "embed_options", "present"]; // how the app is shown, on every page

/** Show another address of the app. Streamlit reads it as if the reader had pressed Back. */
export function openAddress(url, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"]({}, "", url);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** Show another address of the app; another page begins at its top. */
export function openAtTop(url) {
  const moved = url.pathname !== location.pathname;
  openAddress(url);
  if (moved) document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
}

const PATIENCE = 20_000; // ms in which a page appears

/** Scroll to the element with this id, once it is there and as long as the page above it grows, until the reader does something. */
export function scrollToPart(id) {
  const end = performance.now() + PATIENCE;
  const acts = ["wheel", "pointerdown", "keydown", "touchstart"];
  let still = 0;
  let top;
  const look = () => {
    const part = document.getElementById(id);
    const at = part?.getBoundingClientRect().top;
    still = at !== undefined && at === top ? still + 1 : 0;
    if (part && !still) part.scrollIntoView({ block: "start", behavior: "instant" });
    top = part?.getBoundingClientRect().top;
    if (still >= 20 || performance.now() > end) leave();
  };
  const timer = setInterval(look, 100);
  const leave = () => {
    clearInterval(timer);
    for (const act of acts) removeEventListener(act, leave, true);
  };
  for (const act of acts) addEventListener(act, leave, true);
}
