/* Where a browser keeps the answers of a lesson: in the address, and in the storage of the tab. */

const OPEN = "-"; // in a record: not answered yet
const ANSWERS = ["got", "chose"];
const TOLD = new Set(); // sessions of the server and lessons of which this tab has sent its stored answers
const ways = {}; // the browser's own functions that change the address

let stepInAddress = null; // the step that is shown: {place, got, chose}

/** Return an address of the shown step with its answers, any other address as it is. */
function withAnswers(address) {
  const url = new URL(address, location.href);
  if (!stepInAddress || url.searchParams.get("lesson") !== stepInAddress.place) return url;
  for (const name of ANSWERS) {
    if (stepInAddress[name]) url.searchParams.set(name, stepInAddress[name]);
    else url.searchParams.delete(name); // it belongs to another step
  }
  return url;
}

/** Return a record as an address has it, with the name of its lesson: "memory.1-----"; "" for none. */
export const recordInAddress = (lesson, record) => record && `${lesson}.${record}`;

/**
 * Keep the answers of this step in its address: a link with them goes on there.
 *
 * Streamlit writes the address as it was when the browser asked for a run. It doesn't know what the panel has
 * added since. So the answers are added to each address of this step that anything writes.
 */
export function keepInAddress({ place, lesson, record, chose }) {
  stepInAddress = { place, got: recordInAddress(lesson, record), chose: chose && `${place}.${chose}` };
  if (!ways.pushState) {
    for (const name of ["pushState", "replaceState"]) {
      ways[name] = history[name].bind(history);
      history[name] = (state, unused, address) => write(name, state, address ?? location.href);
    }
  }
  if (withAnswers(location.href).href !== location.href) history.replaceState(history.state, "", location.href);
}

/** Change the address. One that differs from the present one only in order, or not at all, is no step in the history. */
function write(name, state, address) {
  const url = withAnswers(address);
  const changes = (search) => [...new URLSearchParams(search)].map(String).sort().join("&");
  const same = stepInAddress && url.pathname === location.pathname && changes(url.search) === changes(location.search);
  ways[same ? "replaceState" : name](state, "", url);
}

/** The panel is gone: addresses are written as they are. */
export function leaveAddress(place) {
  if (stepInAddress?.place === place) stepInAddress = null;
}

const storageName = (lesson) => `gatesviz lesson ${lesson}`;

function readStored(lesson) {
  try {
    return JSON.parse(sessionStorage.getItem(storageName(lesson))) ?? {};
  } catch { // no storage, or another text in it
    return {};
  }
}

/** Return the marks of a record, and where it is open, those of an earlier one. */
function joinRecords(record, earlier) {
  if (!record || record.length !== earlier?.length) return record || earlier || "";
  return [...record].map((mark, k) => (mark === OPEN ? earlier[k] : mark)).join("");
}

/**
 * Store the answers of a whole lesson in this tab, where a reload finds them. Return what an earlier session has
 * stored and this one lacks, once for each session and lesson, else null.
 */
export function storeAnswers({ lesson, session, record, chosen, kept = {} }) {
  const before = readStored(lesson);
  const all = { ...before.chosen };
  for (const [place, text] of Object.entries(chosen)) if (text.length >= (all[place] ?? "").length || !all[place].startsWith(text)) all[place] = text;
  const name = `${session} ${lesson}`;
  const waits = TOLD.has(name) ? kept : { ...before.kept, ...kept }; // of a session before a reload
  const stored = { record: joinRecords(record, before.record), chosen: all, kept: waits };
  try {
    sessionStorage.setItem(storageName(lesson), JSON.stringify(stored));
  } catch {
    return null; // a browser that stores nothing
  }
  const other = ([place, text]) => chosen[place] !== text;
  const lacks = stored.record !== record || Object.entries(all).some(other) || Object.keys(waits).some((place) => !(place in kept));
  if (TOLD.has(name)) return null;
  TOLD.add(name);
  return lacks ? stored : null;
}
