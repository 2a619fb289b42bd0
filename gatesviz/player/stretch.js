/* A stretch of steps that the reader chooses in the lanes, where a host asks for one. */

import { makeElement, setText } from "./dom.js";

/** Return the stretch between two steps, whichever comes first. */
export const stretchOf = (one, other) => [Math.min(one, other), Math.max(one, other)];

/** Return a host's stretch within the steps of a model; null if the host asks for none. */
export function stretchWithin(stretch, steps) {
  return stretch ? stretchOf(...stretch.map((step) => Math.max(0, Math.min(steps - 1, step)))) : null;
}

/** Return the end that stays where it is while the reader moves from `step`: a new stretch begins at any other step. */
export function anchorOf([first, last], step) {
  if (step === last) return first;
  return step === first ? last : step;
}

/** A frame around the chosen steps, over all lanes of a panel. */
export class StretchFrame {
  constructor() {
    this.element = makeElement("div", { class: "gv-stretch", hidden: true });
  }

  show(stretch, { from, count }) {
    this.element.hidden = !stretch;
    if (!stretch) return;
    const share = (step) => `${(100 * (step - from)) / count}%`;
    Object.assign(this.element.style, { left: share(stretch[0]), width: share(from + stretch[1] - stretch[0] + 1) });
  }
}

/** A sentence with the chosen steps, which screen readers hear when it changes. */
export class StretchSentence {
  constructor() {
    this.element = makeElement("p", { class: "gv-stretch-sentence", role: "status", hidden: true });
  }

  show(stretch) {
    this.element.hidden = !stretch;
    if (!stretch) return;
    const [first, last] = stretch;
    const steps = first === last ? `step ${first}` : `steps ${first} to ${last}`;
    setText(this.element, `Segment: ${steps}. Drag over the heatmaps to choose another, or hold Shift and press ← or →.`);
  }
}
