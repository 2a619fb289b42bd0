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

/** Return the page's file name and the settings that a class shares, in order. */
export function sharedSettings(url, own) {
  const page = url.pathname.split("/").at(-1);
  const settings = [...url.searchParams].filter(([name]) => !own.includes(name) && !FRAME.includes(name));
  return { page, settings: settings.sort(([one], [other]) => (one < other ? -1 : 1)) };
}

/** Return the step of the lesson that parameters name, such as "memory.3", or "". */
export const stepOf = (params) => params.get("lesson") ?? "";

/** Return its lesson. */
export const lessonOf = (params) => stepOf(params).split(".")[0];

/** Return an address from what `sharedSettings` returns. */
export const addressOf = ({ page, settings }) => (page || "./") + (settings.length ? `?${new URLSearchParams(settings)}` : "");
