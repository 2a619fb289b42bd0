/* The player's clock: whole steps change the numbers, and the cursor glides in between. */

const GLIDE = 90; // ms in which the cursor reaches the step it belongs to
const LONGEST = 250; // ms; a hidden tab doesn't race to catch up

export class Clock {
  /** `advance(steps)` moves on and returns whether steps are left. `glide(share)` moves the cursor. */
  constructor(speed, advance, glide) {
    Object.assign(this, { speed, advance, glide });
    this.tick = this.tick.bind(this);
  }

  start() {
    this.last = undefined;
    this.carried = 0;
    this.frame = requestAnimationFrame(this.tick);
  }

  stop() {
    cancelAnimationFrame(this.frame);
  }

  tick(now) {
    const passed = this.last === undefined ? 0 : Math.min(LONGEST, now - this.last);
    this.last = now;
    this.carried += (passed * this.speed()) / 1000;
    const whole = Math.floor(this.carried);
    this.carried -= whole;
    if (whole && !this.advance(whole)) return;
    this.glide(Math.min(1, passed / GLIDE));
    this.frame = requestAnimationFrame(this.tick);
  }
}
