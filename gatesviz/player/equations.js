/* The cell's equations with the numbers of one step, and the arithmetic below them. */

import { makeElement, setText } from "./dom.js";
import { replacedAt } from "./edited.js";
import { factorsOf, formatNumber, productsAt } from "./numbers.js";

const EQUATION_TOKEN = /Wx_\w|Wh_\w(?:\([^()]*\))?|W_hr|sigmoid|tanh|relu|\w'?|[()*+\-@]/g;
const EQUATION_SIGNS = { "*": " · ", "+": " + ", "-": " − ", "@": " · ", sigmoid: "σ" };
const SHOWN_TERMS = 5;

function nameOf(symbol) {
  const parts = [];
  const product = /^W([xh])_(\w)(?:\((.*)\))?$/.exec(symbol);
  if (product) {
    const [, source, gate, inside] = product;
    const factor = inside ? ` (${inside.replaceAll("*", "·")})` : source;
    const subscript = (source === "x" ? "i" : "h") + gate;
    parts.push(makeElement("i", {}, "W"), makeElement("sub", {}, subscript), `${factor} + `, makeElement("i", {}, "b"), makeElement("sub", {}, subscript));
    return parts;
  }
  if (symbol === "W_hr") return [makeElement("i", {}, "W"), makeElement("sub", {}, "hr")];
  return [symbol.replace("'", "′")];
}

function symbolElement(symbol, colours) {
  const colour = colours[symbol.replace("'", "")];
  const attributes = colour ? { class: "gv-symbol", style: `border-color:${colour}` } : {};
  return makeElement("span", attributes, ...nameOf(symbol));
}

/** Return the right-hand side in letters, with brackets around a product that is a factor. */
function symbolic(tokens, colours) {
  return tokens.flatMap((token, index) => {
    if (/^[()\d]$/.test(token) || token === "tanh" || token === "relu") return token;
    if (token in EQUATION_SIGNS) return EQUATION_SIGNS[token];
    const symbol = symbolElement(token, colours);
    return token.startsWith("Wh_") && tokens[index - 1] === "*" ? ["(", symbol, ")"] : symbol;
  });
}

/** Return the right-hand side in numbers. A negative number joins the operator before it or gets brackets. */
function numeric(tokens, value) {
  const out = [];
  for (const token of tokens) {
    const number = value(token);
    if (number === undefined) {
      out.push(EQUATION_SIGNS[token] || token);
      continue;
    }
    const text = formatNumber(number);
    const before = out.at(-1);
    if (!text.startsWith("−")) out.push(text);
    else if (before === " + ") out.splice(-1, 1, ` − ${text.slice(1)}`);
    else out.push(before === undefined || before === "(" || before === "σ(" ? text : `(${text})`);
  }
  return out.join("");
}

const countTerms = (count, what) => `${count} ${what}${count === 1 ? "term" : "terms"}`;

function termsText(product, names) {
  const ranked = [...product.terms].sort((a, b) => Math.abs(b.weight * b.value) - Math.abs(a.weight * a.value));
  const shown = ranked.slice(0, SHOWN_TERMS);
  const rest = ranked.slice(SHOWN_TERMS);
  const pieces = shown.map(({ weight, value, index }) => `${formatNumber(weight, 4)}·${formatNumber(value, 4)}${names(index)}`);
  if (rest.length) pieces.push(`${formatNumber(rest.reduce((sum, term) => sum + term.weight * term.value, 0))} (${countTerms(rest.length, "smaller ")})`);
  if (product.bias !== null) pieces.push(`${formatNumber(product.bias)} (bias)`);
  const zeros = product.size - product.terms.length;
  const note = zeros && product.size > 1 ? `  [${countTerms(zeros, "")} ${zeros === 1 ? "is" : "are"} 0]` : "";
  const text = (pieces.join(" + ") || "0").replaceAll("+ −", "− ");
  return ` = ${text} = ${formatNumber(product.sum)}${note}`;
}

/** Return a sentence on the rows of the states: they show what an equation marks with a prime. */
function rowsSentence(states) {
  const [rows, marked] = [states, states.map((letter) => `${letter}′`)].map((names) => names.join(" and "));
  return states.length > 1 ? `The rows ${rows} show the states after each step, ${marked}.` : `The row ${rows} shows the state after each step, ${marked}.`;
}

export class Equations {
  constructor(panel, model, actions) {
    Object.assign(this, { panel, model, open: false, opened: new Set() });
    this.rows = panel.equations.map(([target, expression]) => this.makeRow(target, expression));
    this.toggle = makeElement("input", {
      type: "checkbox", class: "gv-arithmetic",
      onchange: () => actions.setSums(this.toggle.checked),
    });
    this.note = makeElement("p", { class: "gv-note" }, `${panel.convention} ${rowsSentence(panel.states)}`);
    this.element = makeElement(
      "div", { class: "gv-equations" }, ...this.rows.map((row) => row.element),
      makeElement("label", { class: "gv-check" }, this.toggle, " Show the arithmetic"), this.note,
    );
  }

  setOpen(open) {
    this.open = open;
    this.toggle.checked = open;
    if (this.last) this.update(...this.last);
  }

  /** Open the arithmetic of one row and bring it into view, or close it. Return whether it is open. */
  openRow(target) {
    const row = this.rows.find((one) => one.target === target);
    const open = !this.opened.delete(target);
    if (open) this.opened.add(target);
    row.element.classList.toggle("gv-opened", open);
    if (this.last) this.update(...this.last);
    if (open) row.element.scrollIntoView({ block: "nearest" });
    return open;
  }

  makeRow(target, expression) {
    const tokens = expression.match(EQUATION_TOKEN);
    const numbers = makeElement("div", { class: "gv-numbers" });
    const block = tokens.find((token) => token.startsWith("Wx_"))?.slice(3);
    const terms = makeElement("div", { hidden: true }, ...(block ? this.makeLines(block) : []));
    const letters = makeElement("div", { class: "gv-letters" }, symbolElement(target, this.model.colours), " = ", ...symbolic(tokens, this.model.colours));
    const element = makeElement("div", { class: "gv-equation", "data-target": target }, letters, numbers, terms);
    return { target, tokens, numbers, terms, element, block };
  }

  /** Show step `step` of `unit`, with the `values` of `valuesAt`. */
  update(step, unit, values) {
    this.last = [step, unit, values];
    for (const row of this.rows) {
      const products = row.block ? productsAt(this.panel, row.block, step, unit) : null;
      const value = (token) => this.valueOf(token, values, products);
      const known = values[row.target] ?? (row.target === "m" ? values.o * Math.tanh(values["c'"]) : NaN);
      const missing = row.block && !products;
      const replaced = replacedAt(this.panel, row.target.replace("'", ""), step, unit);
      if (!Number.isNaN(replaced)) setText(row.numbers, `= ${formatNumber(known)}, set by your edit (computed: ${formatNumber(replaced)})`);
      else if (missing || row.tokens.includes("W_hr")) setText(row.numbers, `= ${formatNumber(known)}`);
      else setText(row.numbers, `= ${numeric(row.tokens, value)} = ${formatNumber(known)}`);
      const open = this.open || this.opened.has(row.target);
      row.terms.hidden = !open;
      if (open && products) this.showArithmetic(row, products);
    }
  }

  valueOf(token, values, products) {
    if (/^\d$/.test(token)) return undefined;
    if (token.startsWith("Wx_")) return products ? products.x.sum : NaN;
    if (token.startsWith("Wh_")) return products ? products.h.sum : NaN;
    return token in values ? values[token] : undefined;
  }

  /** Return the two lines of a gate's arithmetic. Only their last node changes from step to step. */
  makeLines(block) {
    if (!this.panel.arrays.weight_ih) {
      return [makeElement("div", { class: "gv-terms" }, `This player doesn't include the ${this.panel.weights.toLocaleString("en")} weights.`)];
    }
    const factors = factorsOf(this.panel, block);
    const inside = factors.length > 1 ? `(${factors.join(" * ")})` : "";
    return [`Wx_${block}`, `Wh_${block}${inside}`].map((name) => makeElement("div", { class: "gv-terms" }, ...nameOf(name), document.createTextNode("")));
  }

  showArithmetic(row, products) {
    const { features, inputs, arrays: { h: { columns: hidden } } } = this.panel;
    const [fromInput, fromState] = row.terms.childNodes;
    fromInput.lastChild.nodeValue = termsText(products.x, (index) => (inputs > 1 ? ` [${features ? features[index] : `x ${index}`}]` : ""));
    fromState.lastChild.nodeValue = termsText(products.h, (index) => (hidden > 1 ? ` [${factorsOf(this.panel, row.block).join("·")} of unit ${index}]` : ""));
  }
}
