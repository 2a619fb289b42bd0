/* The line above every page: in which room you are, and the pace that the teacher sets. */

import { FRAME, addressOf, lessonOf, openAtTop, scrollToPart, sharedSettings, stepOf } from "./addresses.js";
import { makeElement, setText } from "./dom.js";
import { followLink } from "./links.js";
import { listenLive } from "./live.js";
import { lockSettings } from "./lockedsettings.js";
import { RoomControls } from "./roomcontrols.js";
import { listenToPlayers, showInPlayers } from "./together.js";

const GLANCE = 300; // ms between two looks at the address: pages change it without an event
const CALM = 1200; // ms between two returns of a locked page: its script has to run in between
const ARRIVING = 10_000; // ms in which a page that was on its way may still put the address of before back
const PERSISTENT = 4; // returns from the same address without a touch or a key in between
const INPUT = ["pointerdown", "keydown"];
const OFTEN = 250; // ms between two places of the teacher's player
const PATIENT = 10_000; // ms until a page that shows or hides the wrong results is asked again
const [SOON, SPREAD] = [300, 1000]; // ms in which the pages of a class show or hide results: not all at once
const ASKS_NOTHING = "--gv-asks-nothing"; // the style of a page without a question
const FREE = { follow: false, address: "", lock: false, pause: "", hold: false, shown: 0, mirror: false, player: "" };

let lastShared = ""; // the last page of this tab that a class can follow

class RoomLine {
  constructor(root) {
    this.root = root;
    this.pace = FREE;
    this.given = null; // the seed that the teacher's page named last
    this.returned = this.arrived = 0; // when this page went to that of the class; a touch or a key clears the second one
    this.undone = new Map(); // address -> how often it was left, since the pace changed or the page was touched
    this.touched = () => {
      this.undone.clear();
      this.arrived = 0; // from here on, the student may go elsewhere
    };
    for (const name of INPUT) document.addEventListener(name, this.touched, true);
    this.words = makeElement("p", {});
    this.note = makeElement("p", { class: "gv-room-note", role: "status" });
    this.controls = makeElement("div", { class: "gv-room-controls", role: "group", "aria-label": "Pace of the class" });
    this.ways = makeElement("div", { class: "gv-room-ways" });
    this.pauseText = makeElement("p", { tabindex: -1, autofocus: true }); // not the button: a key that was on its way would press it
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
    clearTimeout(this.telling);
    clearTimeout(this.holding);
    delete document.documentElement.dataset.gvPaused;
    this.bar?.remove();
    lockSettings([]);
    listenToPlayers();
    showInPlayers();
    this.live?.stop();
  }

  show(data, send) {
    const told = JSON.stringify(data);
    const moved = this.data?.address !== data.address;
    Object.assign(this, { data, send });
    if (told === this.told) return; // the focus stays where it is
    this.told = told;
    this.holdResults();
    Object.assign(this.root.dataset, { room: data.code, teacher: String(data.teacher) });
    const code = makeElement("b", {}, data.code);
    this.words.replaceChildren(...(data.teacher ? ["You teach room ", code, "."] : ["You are in room ", code, ". Your name here is ", makeElement("b", {}, data.name), "."]));
    const link = (text, follow = followLink) => makeElement("a", { href: data.page, onclick: follow }, text);
    const board = link("Board", (event) => { followLink(event); scrollToPart("board"); });
    this.back = makeElement("a", { onclick: followLink, hidden: true }, "Back to the class’s page");
    const leave = makeElement("button", { type: "button", onclick: () => send("leave", true) }, "Leave");
    this.ways.replaceChildren(...(data.teacher ? [link("Class page"), board, this.back] : [board, leave]));
    if (!moved) return;
    this.live?.stop();
    this.live = listenLive(data.address, { receive: (pace) => this.receive(pace), state: (text) => this.sayConnection(text), ended: () => this.end() });
    if (data.teacher) this.makeControls();
    listenToPlayers(data.teacher ? (place) => this.moved(place) : null);
  }

  /** Take the pace of the class from the server. */
  receive(pace) {
    const news = this.newsOf(pace);
    if (this.data.teacher && news === "counts") return this.drawNote();
    if (pace.address === this.unheard) this.unheard = "";
    if (this.unheard && news !== "pace") this.led = null; // it was lost on its way, or refused: send it again
    const before = this.pace;
    this.pace = pace;
    if (["follow", "address", "lock"].some((name) => pace[name] !== before[name])) this.undone.clear();
    Object.assign(this.root.dataset, { follow: String(pace.follow), lock: String(pace.lock), pause: pace.pause });
    if (this.data.teacher) {
      if (pace.follow && !before.follow && this.heard) this.led = this.followed(); // another tab began
      this.heard = true;
      this.holdResults();
      return this.drawControls();
    }
    this.drawNote();
    this.holdResults();
    if (!pace.follow || !pace.mirror) showInPlayers();
    else if (pace.player !== before.player || !before.mirror) showInPlayers(pace.player, () => this.isWithClass());
    if (pace.follow && (!before.follow || before.address !== pace.address)) this.goToClass();
    setText(this.pauseText, pace.pause);
    if (pace.pause && !this.dialog.open) this.dialog.showModal();
    if (!pace.pause && this.dialog.open) this.dialog.close();
    this.notePause();
    return undefined;
  }

  /**
   * Return what a message of the server brings: "first" of a connection, a "pace", or "counts" of answers alone, which
   * are taken at once: a click that is on its way still holds. The "same" message again refuses such a click.
   */
  newsOf({ answered, students, ...asked }) {
    const text = JSON.stringify(asked);
    const before = this.asked;
    this.asked = text;
    if (before !== text) return before ? "pace" : "first";
    if (answered === this.pace.answered && students === this.pace.students) return "same";
    this.pace = { ...this.pace, answered, students };
    return "counts";
  }

  /** Let the keys of the covered page rest. */
  notePause() {
    const { dataset } = document.documentElement;
    if (this.dialog.open) dataset.gvPaused = "";
    else delete dataset.gvPaused;
  }

  /** Let the page hide or show its results, if it was drawn before the teacher changed that. */
  holdResults() {
    if (!this.isStale() || this.pace === FREE) return;
    clearTimeout(this.holding);
    this.holding = setTimeout(() => {
      if (!this.isStale()) return;
      this.send("held", true);
      this.holding = setTimeout(() => this.holdResults(), PATIENT); // the database may have failed
    }, SOON + (this.data.teacher ? 0 : Math.random() * SPREAD));
  }

  /** Return whether the page was drawn with other results, or for a teacher with another choice for the board. */
  isStale() {
    const { held, shows, teacher } = this.data;
    return this.heldNow() !== held || Boolean(teacher && shows && this.pace.shows && this.pace.shows !== shows);
  }

  /** Return how often results have been shown, if new ones are held back, else null: as the page has it in `held`. */
  heldNow() {
    return this.pace.hold ? this.pace.shown : null;
  }

  /** Send what the teacher's player shows, but not too often. */
  moved(place) {
    Object.assign(this, { place, placeAt: addressOf(this.here()) });
    this.telling ??= setTimeout(() => {
      this.telling = null;
      const { follow, mirror, player } = this.pace;
      if (follow && mirror && player !== this.placeHere() && !this.data.private.includes(this.here().page)) this.set({ player: this.placeHere() });
    }, OFTEN);
  }

  /** Return what the player of this page and of these settings shows, or "" if it hasn't moved. */
  placeHere() {
    return this.placeAt === addressOf(this.here()) ? this.place : "";
  }

  /** Return whether this screen is on the page of the class. */
  isWithClass() {
    return this.here().page === sharedSettings(this.classAddress(), []).page;
  }

  /** Say what is wrong with the connection. The first message of the next one says all. */
  sayConnection(text) {
    if (text) this.asked = "";
    this.drawNote(text);
  }

  /** Free this screen, because it is no longer in the room, and tell the server. */
  end() {
    this.receive(FREE);
    this.bar?.remove();
    this.send("ended", true);
  }

  here() {
    return sharedSettings(new URL(location.href), this.ownNames());
  }

  /** Return the names of the settings of this screen alone. A student's seed is one unless the teacher's page names it. */
  ownNames() {
    const { teacher, own, seed } = this.data;
    return teacher || this.classAddress().searchParams.has(seed) ? own : [...own, seed];
  }

  classAddress() {
    return new URL(this.pace.address, location.href.split("?")[0]);
  }

  /** Look at the address: the teacher's is sent, and a locked one goes back. */
  glance() {
    if (!this.data) return;
    this.drawNote(); // it depends on the page
    this.drawBack();
    if (!this.data.teacher) lockSettings(this.pace.follow && this.pace.lock && this.isWithClass() ? this.data.settings : []);
    if (!this.pace.follow) return;
    if (this.data.teacher) this.lead();
    else if ((this.pace.lock || this.isAstray()) && this.mayReturn()) this.goToClass();
  }

  /** Return whether this screen has just gone to the class's page, and left it again without a touch or a key. */
  isAstray() {
    return Date.now() - this.arrived < ARRIVING && !(this.isWithClass() && this.isAtStep());
  }

  /** Return whether this screen is at the lesson's step of the class, or like the class in no lesson. */
  isAtStep() {
    return stepOf(new URLSearchParams(location.search)) === stepOf(this.classAddress().searchParams);
  }

  /** Return what a student reads about following. */
  sayFollows() {
    const { follow, lock, address, mirror } = this.pace;
    if (!follow) return "";
    const turns = new URLSearchParams(location.search).has("lesson") ? " and turns the parts of the lesson" : "";
    if (lock) return `The teacher has locked the settings${turns}. ${mirror ? "The teacher’s player moves yours" : "Everything else still works"}.`;
    const away = address && (this.isWithClass() ? !this.isAtStep() && "step" : "page");
    if (away) return `You opened another ${away}. This screen follows at the teacher’s next move.`;
    return mirror ? "You follow the teacher, whose player moves yours." : "You follow the teacher.";
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
    if (address === this.pace.address) return;
    this.unheard = address;
    this.set({ address, player: this.placeHere() });
  }

  /** Return the address to follow: this one, or the one before the teacher went to a page that a class doesn't follow. */
  followed() {
    const here = this.here();
    return this.data.private.includes(here.page) ? this.pace.address : addressOf(here);
  }

  /** Open the teacher's page with its settings. What belongs to this screen stays. */
  goToClass() {
    if (!this.pace.address) return;
    const url = this.classAddress();
    const now = new URLSearchParams(location.search);
    const over = this.hasGivenSeed(now) && !url.searchParams.has(this.data.seed); // the page gives the student's own again
    if (url.origin !== location.origin || (!over && addressOf(sharedSettings(url, this.ownNames())) === addressOf(this.here()))) return;
    for (const [name, value] of new URLSearchParams(this.pace.view)) if (!url.searchParams.has(name)) url.searchParams.append(name, value);
    for (const name of this.keptNames(url, now)) now.getAll(name).forEach((value) => url.searchParams.append(name, value));
    this.arrived = this.returned = Date.now();
    openAtTop(url);
  }

  /** Return the names of what stays on this screen when it goes from the parameters `now` to `url`. */
  keptNames(url, now) {
    const { seed, seedPage } = this.data;
    const to = url.searchParams;
    const reads = sharedSettings(url, []).page === seedPage; // another page would say that it ignores the seed
    const kept = [...FRAME];
    if (lessonOf(to) && lessonOf(to) === lessonOf(now)) kept.push("got"); // the answers of another lesson stay behind
    if (reads && stepOf(to) === stepOf(now) && !to.has(seed) && !this.hasGivenSeed(now)) kept.push(seed); // that of a step isn't the student's
    this.given = to.get(seed);
    return kept;
  }

  /** Return whether the teacher's page named the seed that this screen has. */
  hasGivenSeed(now) {
    return this.given !== null && now.get(this.data.seed) === this.given;
  }

  set(change) {
    this.pace = { ...this.pace, ...change };
    if (!this.live.send(change)) this.drawNote("The connection is lost. Trying again …");
    this.drawControls();
  }

  /** Show the results that are held back, and say so until the class answers the next question. */
  showResults() {
    this.shownHere = this.pace.shown + 1;
    this.set({ shown: this.shownHere });
  }

  makeControls() {
    this.bar?.remove();
    this.bar = new RoomControls(this, this.root, this.controls, this.data.pauses);
    this.drawControls();
  }

  /** Let the class follow this page, or end that. */
  setFollow() {
    this.led = this.followed();
    this.set({ follow: !this.pace.follow, lock: false, mirror: false, player: "", address: this.led });
  }

  /** Return what a teacher reads about following. */
  sayLeads() {
    const { lock, address, mirror } = this.pace;
    if (this.data.private.includes(this.here().page)) return address ? "All screens stay on the page before. This page is yours alone." : "All screens will follow the page that you open next.";
    if (mirror) return `All screens follow your page and your player.${lock ? " Their settings are locked." : ""}`;
    return lock ? "All screens show your page. Their settings are locked. Everything else still works." : "All screens follow your page.";
  }

  drawControls() {
    this.bar?.draw(this.pace);
    this.drawNote();
  }

  /** Say what the screens of the class show, or what is wrong with the connection, until `trouble` is "". */
  drawNote(trouble = this.trouble) {
    this.trouble = trouble;
    setText(this.note, trouble || (this.data.teacher ? this.sayTeaches() : this.sayFollows()));
  }

  /** Lead a teacher back from a page that the class doesn't follow. */
  drawBack() {
    const here = this.data.private.includes(this.here().page);
    if (!here) lastShared = location.href; // with the player's place
    const to = lastShared || this.pace.address;
    const away = here && this.pace.follow && Boolean(to);
    this.back.hidden = !away;
    if (away && this.back.getAttribute("href") !== to) this.back.setAttribute("href", to);
  }

  /** Return what a teacher reads. */
  sayTeaches() {
    const { follow, hold, pause, answered, students } = this.pace;
    const asks = !getComputedStyle(document.documentElement).getPropertyValue(ASKS_NOTHING);
    const count = answered && asks ? ` Answers so far: ${answered} of ${students}.` : "";
    const shown = this.shownHere === this.pace.shown && !answered;
    const held = shown ? "Results shown. New questions are held back." : `Results are held back.${count}`;
    const told = [follow && this.sayLeads(), hold && held, pause && `The screens say: ${pause}`];
    return told.filter(Boolean).join(" ");
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
