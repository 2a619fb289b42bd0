/* Mount each part of the pages under a Streamlit component's root. */

import { showBoard, removeBoard } from "./board.js";
import { showCurves, removeCurves } from "./curves.js";
import { makeElement } from "./dom.js";
import { showGrowth, removeGrowth } from "./growth.js";
import { showLesson, removeLesson } from "./lesson.js";
import { showLinks } from "./links.js";
import { showOpening, removeOpening } from "./opening.js";
import { showPicture } from "./picture.js";
import { showPlayer, removePlayer } from "./player.js";
import { showRoom, removeRoom } from "./room.js";
import { showSketch, removeSketch } from "./sketch.js";
import { showPresenter, removePresenter } from "./presenter.js";
import { showSheet } from "./sheet.js";
import { showControlsButton, removeControlsButton } from "./showcontrols.js";
import { followSliders, leaveSliders } from "./sliders.js";
import { showStretches } from "./stretches.js";

const POWERS = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Return the node of a component, which keeps the same node when it is drawn again. */
function nodeUnder(root, name, style) {
  const known = root.querySelector(`.gv-${name}`);
  if (known) return known;
  const node = makeElement("div", { class: `gv-${name}` });
  root.append(makeElement("style", {}, style), node);
  return node;
}

function mountPlayer(node, { data, setStateValue }) {
  const select = (selection) => setStateValue("selection", { ...selection, turn: player.model.select.turn });
  const player = showPlayer(node, data, { ownsPage: true, select });
  followSliders(player, data);
  return () => {
    leaveSliders(player);
    removePlayer(node);
  };
}

function mountSketch(node, { data, setStateValue }) {
  showSketch(node, data, (line) => setStateValue("line", line));
  return () => removeSketch(node);
}

function mountExpected(node, { data, setStateValue }) {
  const raised = (power) => [...String(power)].map((one) => POWERS["-0123456789".indexOf(one)]).join("");
  showSketch(node, data, (line) => setStateValue("line", line), {
    labels: ["1", "10⁻⁶", "10⁻¹²"],
    rest: 1,
    describe: (place, height) => {
      const back = Math.round((data.steps * place) / (data.line.length - 1));
      const power = Math.round(data.decades * (height - 1));
      return `${back} steps back: about ${power ? `10${raised(power)}` : "all"} of the gradient remains`;
    },
  });
  return () => removeSketch(node);
}

function mountCurves(node, { data, setTriggerValue }) {
  showCurves(node, data, (place) => setTriggerValue("unit", place));
  return () => removeCurves(node);
}

function mountGrowth(node, { data, setTriggerValue }) {
  showGrowth(node, data, (place) => setTriggerValue("place", place));
  return () => removeGrowth(node);
}

function mountPicture(node, { data }) {
  showPicture(node, data);
  return () => {};
}

function mountLesson(node, { data, setTriggerValue }) {
  showLesson(node, data, setTriggerValue);
  return () => removeLesson(node);
}

function mountLinks(node, { data }) {
  showLinks(node, data);
  return () => {};
}

function mountOpening(node, { data }) {
  showOpening(node, data);
  return () => removeOpening(node);
}

function mountBoard(node, { data, setTriggerValue }) {
  showBoard(node, data, (question) => setTriggerValue("release", question));
  return () => removeBoard(node);
}

function mountRoom(node, { data, setTriggerValue }) {
  showRoom(node, data, setTriggerValue);
  return () => removeRoom(node);
}

function mountStretches(node, { data }) {
  showStretches(node, data);
  return () => {};
}

function mountPresenter(node, { data, setTriggerValue }) {
  showPresenter(node, data, () => setTriggerValue("end", true));
  return () => removePresenter(node);
}

function mountSheet(node, { data }) {
  showSheet(node, data);
  return () => {};
}

function mountShowControls(node, { data }) {
  showControlsButton(node, data.text);
  return () => removeControlsButton(node);
}

const MOUNTS = {
  player: [mountPlayer, "player"],
  sketch: [mountSketch, "sketch"],
  expected: [mountExpected, "sketch"],
  curves: [mountCurves, "curves", "learned"],
  growth: [mountGrowth, "growth"],
  picture: [mountPicture, "picture"],
  lesson: [mountLesson, "lesson"],
  links: [mountLinks, "links"],
  presenter: [mountPresenter, "presenter"],
  opening: [mountOpening, "opening"],
  board: [mountBoard, "board"],
  room: [mountRoom, "room"],
  sheet: [mountSheet, "sheet"],
  showcontrols: [mountShowControls, "showcontrols"],
  stretches: [mountStretches, "stretches"],
};

/** Mount the part `name`, with the styles that it names. Return the function that removes it. */
export function mountPart(name, component, styles) {
  const [mount, look, ...more] = MOUNTS[name];
  const style = [look, ...more].map((one) => styles[one]).join("\n");
  return mount(nodeUnder(component.parentElement, look, style), component);
}
