/* The row that opens under the toolbar to save a video: what is in it, and the kind of file. */

import { makeElement } from "./dom.js";
import { NO_VIDEO, videoType } from "./video.js";

const CONTENTS = [["whole", "diagram, equations and heatmaps"], ["lanes", "heatmaps alone"]];
const ABOUT = "The player goes from the first step to the last at the chosen speed. Then the file is downloaded.";

export class Filming {
  constructor(actions) {
    this.contents = makeElement("select", { "aria-label": "In the video" }, ...CONTENTS.map(([value, text]) => makeElement("option", { value }, text)));
    const button = (kind, text) => makeElement("button", { type: "button", "data-film": kind, onclick: () => actions.film(kind, this.contents.value === "whole") }, text);
    this.webm = button("webm", "Save as WebM");
    this.webm.disabled = !videoType();
    this.element = makeElement(
      "div", { class: "gv-filming gv-edit-row", role: "group", "aria-label": "Save a video", hidden: true },
      this.contents, this.webm, button("gif", "Save as GIF"),
      makeElement("span", { class: "gv-hint" }, videoType() ? ABOUT : NO_VIDEO),
    );
  }

  /** Open or close the row; where only lanes are shown, there is nothing to choose. */
  open(open, lanesAlone) {
    this.element.hidden = !open;
    this.contents.hidden = lanesAlone;
    if (lanesAlone) this.contents.value = "lanes";
  }
}
