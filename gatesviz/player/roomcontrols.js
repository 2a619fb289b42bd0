/* The controls of a teacher, in the line above every page. */

import { makeElement } from "./dom.js";

const MOST_TYPED = 80;
const [COVERED, SHADOW] = ["--gv-room", 8]; // how much of the page’s upper edge the bar of a teacher covers

export class RoomControls {
  /** Put the controls of `line` into the node `controls` of `root`. `pauses` are the messages that a teacher can choose. */
  constructor(line, root, controls, pauses) {
    this.controls = controls;
    const button = (text, act, more = { "aria-pressed": "false" }) => makeElement("button", { type: "button", ...more, onclick: (event) => {
      act();
      if (event.detail > 0) event.currentTarget.blur(); // after a click, keys belong to the page again
    } }, text);
    this.followButton = button("Follow me", () => line.setFollow());
    this.mirrorButton = button("Move their players", () => line.set({ mirror: !line.pace.mirror, player: line.placeHere() }));
    this.lockButton = button("Lock settings", () => line.set({ lock: !line.pace.lock }));
    this.holdButton = button("Hold results", () => line.set(line.pace.hold ? { hold: false, shown: line.pace.shown + 1 } : { hold: true }));
    this.showButton = button("Show results", () => line.showResults(), {});
    this.pauseButton = button("Eyes up", () => line.set({ pause: line.pace.pause ? "" : this.typed.value.trim() || this.choice.value }));
    this.choice = makeElement("select", { "aria-label": "Message of the pause" }, ...pauses.map((text) => makeElement("option", {}, text)));
    this.typed = makeElement("input", { type: "text", maxlength: MOST_TYPED, placeholder: "or type a message", "aria-label": "Your own message" });
    this.message = makeElement("div", { class: "gv-room-message", hidden: true }, this.choice, this.typed);
    this.moreButton = makeElement("button", { type: "button", "aria-expanded": "false", "aria-label": "Message", title: "The message of Eyes up", onclick: () => this.openMessage(this.message.hidden) }, "▾");
    controls.replaceChildren(this.followButton, this.mirrorButton, this.lockButton, this.holdButton, this.showButton, this.pauseButton, this.moreButton);
    controls.after(this.message);
    this.sizes = new ResizeObserver(() => document.documentElement.style.setProperty(COVERED, `${root.offsetHeight + SHADOW}px`));
    this.sizes.observe(root);
  }

  /** Show or hide the message of a pause. The line is narrow, most of all beside a lesson. */
  openMessage(open) {
    this.message.hidden = !open;
    this.moreButton.setAttribute("aria-expanded", String(open));
  }

  /** Show the pace of the class. */
  draw({ follow, lock, pause, hold, mirror }) {
    const buttons = [[this.followButton, follow], [this.mirrorButton, mirror], [this.lockButton, lock], [this.holdButton, hold], [this.pauseButton, Boolean(pause)]];
    for (const [one, on] of buttons) one.setAttribute("aria-pressed", String(on));
    for (const one of [this.lockButton, this.mirrorButton]) {
      one.disabled = !follow;
      one.title = follow ? "" : "Press Follow me first.";
    }
    this.holdButton.title = "Everyone can guess, but no screen shows a result before you press Show results.";
    this.showButton.disabled = !hold;
    this.showButton.title = hold ? "Shows the results of what you have asked so far. The next guess is held again, also that of a student who is ahead." : "Press Hold results first.";
    this.choice.disabled = this.typed.disabled = Boolean(pause);
  }

  /** Remove the controls, and the room that the page keeps for them. */
  remove() {
    this.controls.replaceChildren();
    this.message.remove();
    this.sizes.disconnect();
    document.documentElement.style.removeProperty(COVERED);
  }
}
