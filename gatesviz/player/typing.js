/* A page of the export: the player of one model, and a field for the reader's own text or numbers. */

import { decodePayload } from "./decode.js";
import { makeElement, setText, visible } from "./dom.js";
import { linkText } from "./edits.js";
import { showPlayer } from "./player.js";
import { Reader } from "./reading.js";

const PAUSE = 150; // ms without a key before the text is read
const PACE = 120; // ms between two written letters
const LONGEST_LINK = 4000; // characters of a text in a link
const PLAIN = { "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‐": "-", "–": "-", "—": "-", "−": "-" };
const TEMPERATURES = ["0.3", "0.7", "1"];

const quoted = (letters) => letters.map((letter) => `“${visible(letter)}”`).join(", ");

/** Return a text in the letters that a model knows, which letters were replaced by which, and those left out. */
function respell(text, vocabulary) {
  const known = new Set(vocabulary);
  const [letters, replaced, leftOut] = [[], new Map(), new Set()];
  for (const letter of text.replace(/\s*[^\S ]\s*/g, known.has(" ") ? " " : "")) {
    const plain = [...(PLAIN[letter] ?? letter).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()].filter((one) => known.has(one));
    if (known.has(letter)) letters.push(letter);
    else if (plain.length) {
      letters.push(...plain);
      replaced.set(letter, plain.join(""));
    }
    else leftOut.add(letter);
  }
  return { letters, replaced, leftOut: [...leftOut] };
}

/** Say how letters were read: capitals in general, all others one by one. */
function readAs(replaced) {
  const [notes, others] = [[], [...replaced].filter(([letter, plain]) => plain !== letter.toLowerCase())];
  if (others.length < replaced.size) notes.push("Capital letters are read as small ones.");
  const named = others.slice(0, 8).map(([letter, plain]) => `“${visible(letter)}” as “${visible(plain)}”`).join(", ");
  if (named) notes.push(`Read as: ${named}${others.length > 8 ? ` and ${others.length - 8} more` : ""}.`);
  return notes;
}

/** Return rows for the network, their labels and what to say; rows are null where there are too few. */
function readText(text, { vocabulary, least, most }) {
  const { letters, replaced, leftOut } = respell(text, vocabulary);
  const notes = readAs(replaced);
  if (leftOut.length) notes.push(`Left out: ${quoted(leftOut.slice(0, 8))}${leftOut.length > 8 ? ` and ${leftOut.length - 8} more` : ""}. The model knows ${quoted(vocabulary)}.`);
  if (letters.length > most) notes.push(`Only the first ${most.toLocaleString("en")} characters are read.`);
  if (letters.length < least) return { rows: null, notes: [...notes, `Type at least ${least} characters that the model knows.`] };
  const shown = letters.slice(0, most);
  return { rows: shown.map((letter) => vocabulary.map((one) => (one === letter ? 1 : 0))), labels: shown, notes };
}

function readNumbers(text, { least, most }) {
  const words = text.split(/[\s;]+/).filter(Boolean);
  const wrong = words.find((word) => !/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,2})?$/i.test(word.replace("−", "-")));
  if (wrong) return { rows: null, notes: [`“${wrong.slice(0, 40)}” is not a number. Type numbers with a decimal point, separated by spaces.`] };
  if (words.length < least) return { rows: null, notes: [`Type at least ${least} numbers.`] };
  const notes = words.length > most ? [`Only the first ${most.toLocaleString("en")} numbers are read.`] : [];
  const rows = words.slice(0, most).map((word) => [Number(word.replace("−", "-"))]);
  return { rows, labels: rows.map((_, step) => String(step)), notes };
}

/** Return the random number in [0, 1) that chooses a letter: the first 53 bits of SHA-256 of "SEED LETTER PROMPT". */
async function uniform(seed, prompt, letter) {
  const bytes = new TextEncoder().encode(`${seed} ${letter} ${prompt}`);
  const digest = new DataView(await crypto.subtle.digest("SHA-256", bytes));
  return Number(digest.getBigUint64(0) >> 11n) / 2 ** 53;
}

/** Return the first letter whose cumulative probability, at a temperature, exceeds `point`. */
function drawn(chances, vocabulary, temperature, point) {
  const most = Math.max(...chances);
  const powers = chances.map((chance) => (chance / most) ** (1 / temperature));
  const sum = powers.reduce((one, other) => one + other, 0);
  let below = 0;
  const index = powers.findIndex((power) => { below += power / sum; return below > point; });
  return vocabulary[index < 0 ? vocabulary.length - 1 : index];
}

class Typing {
  constructor(root, bytes, task) {
    Object.assign(this, { task, model: decodePayload(bytes) });
    this.reader = new Reader(this.model);
    this.field = makeElement("textarea", { id: "typed", rows: 2, spellcheck: false, autocomplete: "off", autocapitalize: "off", oninput: () => this.changed() });
    this.field.value = task.example;
    this.message = makeElement("p", { class: "message", role: "status" });
    const node = makeElement("div");
    root.append(
      makeElement("label", { for: "typed" }, task.vocabulary ? "Type your own text" : "Type your own numbers"), this.field, this.message,
      ...(task.writes ? [this.writingControls()] : []), node,
    );
    const link = new URLSearchParams(location.hash.slice(1));
    this.edits = link.get("edits") ?? "";
    this.player = showPlayer(node, bytes, { ownsPage: true, edits: this.edits, select: ({ edits }) => this.keep(edits) });
    if (this.reader.problem) this.refuse(this.reader.problem);
    else if (link.has("typed")) this.open(link.get("typed").slice(0, LONGEST_LINK));
  }

  refuse(problem) {
    this.field.disabled = true;
    setText(this.message, problem);
  }

  /** Show the text of a link, with the link's edits. */
  open(typed) {
    const { edits } = this;
    this.field.value = typed;
    const { rows, labels, notes } = this.rowsOf(typed);
    setText(this.message, notes.join(" "));
    if (!rows) return;
    const model = this.reader.read(rows, labels, { text: Boolean(this.task.vocabulary) });
    this.player.open({ ...model.select, edits }, model);
  }

  rowsOf(typed) {
    return this.task.vocabulary ? readText(typed, this.task) : readNumbers(typed, this.task);
  }

  /** Keep what was typed and the edits in the page's address. */
  keep(edits = this.edits) {
    this.edits = edits;
    const link = new URLSearchParams();
    if (this.field.value !== this.task.example) link.set("typed", this.field.value.slice(0, LONGEST_LINK));
    if (edits) link.set("edits", edits);
    history.replaceState(null, "", `#${link}`);
  }

  changed() {
    this.stop();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.read(), PAUSE);
  }

  /** Show what the model computes from the field. Return whether it could be read. */
  read(step = 0) {
    const { task, reader, field } = this;
    const { rows, labels, notes } = this.rowsOf(field.value);
    setText(this.message, notes.join(" "));
    if (!rows) return null;
    const model = reader.read(rows, labels, { text: Boolean(task.vocabulary), step: Math.min(step, rows.length - 1) });
    const { edits } = this.player.state; // also those that are too long for a link
    Object.assign(model.select, { edits: linkText(edits), list: edits });
    this.player.update(model);
    this.keep();
    return { model, labels };
  }

  writingControls() {
    this.temperature = makeElement("select", { id: "temperature" }, ...TEMPERATURES.map((value) => makeElement("option", { value }, value)));
    this.temperature.value = "0.7";
    this.seed = makeElement("input", { id: "seed", type: "number", min: 0, max: 999999, value: 0 });
    this.write = makeElement("button", { type: "button", onclick: () => (this.writing ? this.stop() : this.start()) }, "Let the model write");
    if (!globalThis.crypto?.subtle) {
      this.write.disabled = true;
      return makeElement("p", { class: "writing" }, this.write, " This browser has no SHA-256 here, which chooses the letters. Open the page from a file or over HTTPS.");
    }
    return makeElement(
      "p", { class: "writing" }, this.write, makeElement("label", { for: "temperature" }, " temperature "), this.temperature,
      makeElement("label", { for: "seed" }, " seed "), this.seed,
    );
  }

  stop() {
    this.writing = null;
    if (this.write) setText(this.write, "Let the model write");
  }

  /** Write letter after letter, each drawn from the model's own probabilities, until the reader stops it. */
  async start() {
    const turn = {};
    const { vocabulary, most } = this.task;
    clearTimeout(this.waiting);
    this.edits = linkText(this.player.state.edits);
    let read = this.read(Infinity);
    if (!read) return;
    this.writing = turn;
    setText(this.write, "Stop writing");
    const prompt = read.labels.join("");
    const seed = Math.max(0, Math.round(Number(this.seed.value) || 0));
    this.field.value = prompt;
    for (let letter = 0; this.writing === turn && read.labels.length < most; letter += 1) {
      const { y } = this.player.model.panels[0].arrays; // with the edits, if there are any
      const chances = vocabulary.map((_, index) => y.at(y.rows - 1, index));
      const point = await uniform(seed, prompt, letter);
      if (this.writing !== turn) return;
      this.field.value += drawn(chances, vocabulary, Number(this.temperature.value), point);
      this.field.scrollTop = this.field.scrollHeight;
      read = this.read(Infinity);
      await new Promise((done) => { setTimeout(done, PACE); });
    }
    if (this.writing === turn) this.stop();
  }
}

/** Show a model's page under `root`: {example, vocabulary or null, least, most, writes} describe what it reads. */
export function showTyping(root, bytes, task) {
  return new Typing(root, bytes, task);
}
