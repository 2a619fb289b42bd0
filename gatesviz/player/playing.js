/* Playing: whole steps in the direction of play, with the cursor gliding after them. */

import { Clock } from "./clock.js";

const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");

/** Return whether the reader prefers less motion. */
export const keepsStill = () => STILL.matches;

export class Playing {
  /** `ends()` returns the first and last step; `changed()` hears of each start and stop. */
  constructor(state, { ends, changed, stepped, glided }) {
    Object.assign(this, { state, ends, changed, stepped, glided, place: state.step });
    this.clock = new Clock(() => state.speed, (steps) => this.advance(steps), (share) => this.glide(share));
  }

  start() {
    const { state } = this;
    const [first, last] = this.ends();
    if (state.step === last) state.step = first;
    state.playing = true;
    this.place = state.step;
    this.glided(this.place);
    this.changed();
    this.clock.start();
  }

  /** Stop. Return whether it was playing. */
  stop() {
    if (!this.state.playing) return false;
    this.state.playing = false;
    this.clock.stop();
    this.changed();
    return true;
  }

  /** Advance by some steps. Return whether more are left. */
  advance(steps) {
    const { state } = this;
    const [, last] = this.ends();
    const left = Math.abs(last - state.step);
    state.step += Math.sign(last - state.step) * Math.min(steps, left);
    this.stepped();
    if (steps >= left) this.stop();
    return steps < left;
  }

  glide(share) {
    if (keepsStill()) return;
    this.place += (this.state.step - this.place) * share;
    this.glided(this.place);
  }
}
