/* The line above every page: in which room you are, and the pace that the teacher sets. */

import { FRAME, openAddress } from "./addresses.js";
import { makeElement, setText } from "./dom.js";
import { followLink } from "./links.js";
import { listenLive } from "./live.js";

const GLANCE = 300; // ms between two looks at the address: pages change it without an event
const CALM = 1200; // ms between two returns of a locked page: its script has to run in between
const PERSISTENT = 4; // returns from the same address without a touch or a key in between
const INPUT = ["pointerdown", "keydown"];
const FREE = { follow: false, address: "", lock: false, pause: "" };
const MOST_TYPED = 80;

/** Return the page's file name and the settings that a class shares, in order. */
function sharedSettings(url, own) {
  const page = url.pathname.split("/").at(-1);
  const settings = [...url.searchParams].filter(([name]) => !own.includes(name) && !FRAME.includes(name));
  return { page, settings: settings.sort(([one], [other]) => (one < other ? -1 : 1)) };
}

const addressOf = ({ page, settings }) => (page || "./") + (settings.length ? `?${new URLSearchParams(settings)}` : "");

class RoomLine {
  constructor(root) {
    this.root = root;
    this.pace = FREE;
    this.returned = 0; // when a locked page went back
    this.undone = new Map(); // address -> how often it was left, since the pace changed or the page was touched
    this.touched = () => this.undone.clear();
    for (const name of INPUT) document.addEventListener(name, this.touched, true);
    this.words = makeElement("p", {});
    this.note = makeElement("p", { class: "gv-room-note", role: "status" });
    this.controls = makeElement("div", { class: "gv-room-controls", role: "group", "aria-label": "Pace of the class" });
    this.ways = makeElement("div", { class: "gv-room-ways" });
    this.pauseText = makeElement("p", {});
    this.dialog = makeElement("dialog", { class: "gv-room-pause", "aria-label": "Pause", oncancel: (event) => event.preventDefault() }, this.pauseText,
      makeElement("button", { type: "button", onclick: () => this.send("leave", true) }, "Leave the room"));
    root.replaceChildren(this.words, this.ways, this.controls, this.note, this.dialog);
    root.dataset.testid = "gv-room";
    root.setAttribute("role", "region");
    root.setAttribute("aria-label", "Your room");
    this.timer = setInterval(() => this.glance(), GLANCE);
  }

  destroy() {
    clearInterval(this.timer);
    for (const name of INPUT) document.removeEventListener(name, this.touched, true);
    this.live?.stop();
  }

  show(data, send) {
    const told = JSON.stringify(data);
    const moved = this.data?.address !== data.address;
    Object.assign(this, { data, send });
    if (told === this.told) return; // the focus stays where it is
    this.told = told;
    Object.assign(this.root.dataset, { room: data.code, teacher: String(data.teacher) });
    const code = makeElement("b", {}, data.code);
    this.words.replaceChildren(...(data.teacher ? ["You teach room ", code, "."] : ["In room ", code, " as the ", makeElement("b", {}, data.name), "."]));
    const page = makeElement("a", { href: data.page, onclick: followLink }, data.teacher ? "Class page" : "Board");
    const leave = makeElement("button", { type: "button", onclick: () => send("leave", true) }, "Leave");
    this.ways.replaceChildren(page, ...(data.teacher ? [] : [leave]));
    if (!moved) return;
    this.live?.stop();
    this.live = listenLive(data.address, { receive: (pace) => this.receive(pace), state: (text) => setText(this.note, text), ended: () => this.end() });
    if (data.teacher) this.makeControls();
  }

  /** Take the pace of the class from the server. */
  receive(pace) {
    const before = this.pace;
    this.pace = pace;
    this.undone.clear();
    Object.assign(this.root.dataset, { follow: String(pace.follow), lock: String(pace.lock), pause: pace.pause });
    if (this.data.teacher) {
      if (pace.follow && !before.follow && this.heard) this.led = this.followed(); // another tab began
      this.heard = true;
      return this.drawControls();
    }
    setText(this.note, pace.follow ? (pace.lock ? "The teacher has locked the settings." : "You follow the teacher.") : "");
    if (pace.follow && (!before.follow || before.address !== pace.address)) this.goToClass();
    setText(this.pauseText, pace.pause);
    if (pace.pause && !this.dialog.open) this.dialog.showModal();
    if (!pace.pause && this.dialog.open) this.dialog.close();
    return undefined;
  }

  /** Free this screen, because it is no longer in the room, and tell the server. */
  end() {
    this.receive(FREE);
    this.controls.replaceChildren();
    this.send("ended", true);
  }

  here() {
    return sharedSettings(new URL(location.href), this.data.own);
  }

  /** Look at the address: the teacher's is sent, and a locked one goes back. */
  glance() {
    if (!this.data || !this.pace.follow) return;
    if (this.data.teacher) this.lead();
    else if (this.pace.lock && this.mayReturn()) this.goToClass();
  }

  /** Return whether a locked page goes back. A page that writes the same address again and again may keep it. */
  mayReturn() {
    const address = addressOf(this.here());
    const now = Date.now();
    if (now - this.returned < CALM || address === this.pace.address) return false;
    this.undone.set(address, (this.undone.get(address) ?? 0) + 1);
    this.returned = now;
    return this.undone.get(address) <= PERSISTENT;
  }

  /** Send this tab's address after it has changed and then stayed the same for two looks. Hidden tabs don't lead. */
  lead() {
    const address = this.followed();
    const steady = address === this.seen;
    this.seen = address;
    if (!steady || address === this.led || document.visibilityState !== "visible") return;
    this.led = address;
    if (address !== this.pace.address) this.set({ address });
  }

  /** Return the address to follow: this one, or the one before the teacher went to a page that a class doesn't follow. */
  followed() {
    const here = this.here();
    return this.data.private.includes(here.page) ? this.pace.address : addressOf(here);
  }

  /** Open the teacher's page with its settings. What belongs to this screen stays. */
  goToClass() {
    if (!this.pace.address) return;
    const url = new URL(this.pace.address, location.href);
    if (url.origin !== location.origin || addressOf(sharedSettings(url, this.data.own)) === addressOf(this.here())) return;
    const now = new URLSearchParams(location.search);
    for (const name of [...FRAME, ...this.data.kept]) now.getAll(name).forEach((value) => url.searchParams.append(name, value));
    openAddress(url);
  }

  set(change) {
    this.pace = { ...this.pace, ...change };
    if (!this.live.send(this.pace)) setText(this.note, "The connection is lost. Trying again …");
    this.drawControls();
  }

  makeControls() {
    const button = (text, act) => makeElement("button", { type: "button", "aria-pressed": "false", onclick: act }, text);
    this.followButton = button("Follow me", () => {
      this.led = this.followed();
      this.set({ follow: !this.pace.follow, lock: false, address: this.led });
    });
    this.lockButton = button("Lock settings", () => this.set({ lock: !this.pace.lock }));
    this.pauseButton = button("Eyes up", () => this.set({ pause: this.pace.pause ? "" : this.typed.value.trim() || this.choice.value }));
    this.choice = makeElement("select", { "aria-label": "Message of the pause" }, ...this.data.pauses.map((text) => makeElement("option", {}, text)));
    this.typed = makeElement("input", { type: "text", maxlength: MOST_TYPED, placeholder: "or type a message", "aria-label": "Your own message" });
    this.controls.replaceChildren(this.followButton, this.lockButton, this.pauseButton, this.choice, this.typed);
    this.drawControls();
  }

  drawControls() {
    const { follow, lock, pause } = this.pace;
    for (const [one, on] of [[this.followButton, follow], [this.lockButton, lock], [this.pauseButton, Boolean(pause)]]) one.setAttribute("aria-pressed", String(on));
    this.lockButton.disabled = !follow;
    this.choice.disabled = this.typed.disabled = Boolean(pause);
    const told = [follow && (lock ? "All screens show your page, and their settings are locked." : "All screens follow your page."), pause && `The screens say: ${pause}`];
    setText(this.note, told.filter(Boolean).join(" "));
  }
}

const LINES = new WeakMap();

/** Show the line under `root`. `send(name, value)` tells the server of a click. */
export function showRoom(root, data, send) {
  if (!LINES.has(root)) LINES.set(root, new RoomLine(root));
  LINES.get(root).show(data, send);
}

/** Remove it from `root`, and listen no more. */
export function removeRoom(root) {
  LINES.get(root)?.destroy();
  LINES.delete(root);
}
