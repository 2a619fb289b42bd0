/* Open another address of the app without a reload: session, uploads and runs stay. */

export const FRAME = ["embed", "embed_options", "present"]; // how the app is shown, on every page

/** Show another address of the app. Streamlit reads it as if the reader had pressed Back. */
export function openAddress(url, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"]({}, "", url);
  dispatchEvent(new PopStateEvent("popstate"));
}
