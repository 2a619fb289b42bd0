/* Parse a cell's equations and compile them into a flat list of instructions. No text is ever run as code. */

const FUNCTIONS = ["sigmoid", "tanh", "relu"];
const OPERATIONS = { "+": "add", "-": "subtract", "*": "multiply" };
const MATRIX = "W_hr";
const PRODUCT = "Wh_"; // Wh_n is the product with h, Wh_n(r * h) that with something else
const LEXEME = /\s*(?:([A-Za-z_]\w*'?)|(\d+(?:\.\d+)?)|([-+*@()]))/y;

/** Split an expression into names, numbers and signs. */
function lexemes(text) {
  const found = [];
  LEXEME.lastIndex = 0;
  while (LEXEME.lastIndex < text.trimEnd().length) {
    const at = LEXEME.lastIndex;
    const match = LEXEME.exec(text);
    if (!match) throw new SyntaxError(`“${text}”: unexpected “${text.slice(at).trim()[0]}”`);
    const [, name, number, sign] = match;
    found.push(name !== undefined ? { name } : number !== undefined ? { number: Number(number) } : { sign });
  }
  return found;
}

/**
 * Return the tree of an expression: {number}, {name}, {call, argument} or {operation, left, right}.
 * Throw a SyntaxError unless it consists of numbers, names, + − * @, brackets, and the functions
 * sigmoid, tanh, relu and Wh_k, the product with the weights of a block.
 */
export function parseExpression(text) {
  const waiting = lexemes(text);
  let place = 0;
  const next = () => waiting[place] ?? {};
  const fail = () => {
    const { name, number, sign } = next();
    throw new SyntaxError(`“${text}”: unexpected ${name ?? number ?? sign ?? "end"}`);
  };
  const take = (sign) => {
    if (next().sign !== sign) fail();
    place += 1;
  };
  const chain = (signs, part) => {
    let left = part();
    while (signs.includes(next().sign)) {
      const { sign } = waiting[place];
      place += 1;
      left = { operation: sign, left, right: part() };
    }
    return left;
  };
  const bracketed = () => {
    take("(");
    const inside = sum();
    take(")");
    return inside;
  };
  const factor = () => {
    const { name, number, sign } = next();
    if (sign === "(") return bracketed();
    if (name === undefined && number === undefined && sign !== "-") fail();
    place += 1;
    if (sign === "-") return { operation: "-", left: { number: 0 }, right: factor() };
    if (number !== undefined) return { number };
    if (next().sign !== "(") return { name };
    if (!FUNCTIONS.includes(name) && !name.startsWith(PRODUCT)) throw new SyntaxError(`“${text}”: ${name} is no function`);
    return { call: name, argument: bracketed() };
  };
  const product = () => chain(["*", "@"], factor);
  const sum = () => chain(["+", "-"], product);
  const tree = sum();
  if (place < waiting.length) fail();
  return tree;
}

/**
 * Compile equations [[target, expression]] into {registers, instructions, edited}.
 *
 * `given` maps the names that an expression may use at its beginning to their widths: the states
 * before the step, Wx_k and Wh_k. `widths` maps targets to theirs; a target that it lacks is a
 * temporary value. A register is {name, width} or {width, number}. An instruction is
 * {operation, to, a, b}, with indices of registers, and the block of a product. “edit” is the place
 * where an edit may replace the target's values.
 */
export function compileEquations(equations, given, widths, projected) {
  const registers = [];
  const instructions = [];
  const names = new Map();
  const register = (what) => registers.push(what) - 1;
  const named = (name, width) => names.set(name, register({ name, width })).get(name);
  for (const [name, width] of Object.entries(given)) named(name, width);
  const emit = (operation, width, a, b = a) => {
    const to = register({ width });
    instructions.push({ operation, to, a, b });
    return to;
  };
  const width = (index) => registers[index].width;

  function operate({ operation, left, right }, text) {
    if (operation === "@") {
      if (left.name !== MATRIX || !projected) throw new SyntaxError(`“${text}”: @ needs ${MATRIX} before it`);
      return emit("project", projected, evaluate(right, text));
    }
    const [a, b] = [evaluate(left, text), evaluate(right, text)];
    const both = [width(a), width(b)].filter((one) => one !== null);
    if (both.length === 2 && both[0] !== both[1]) throw new SyntaxError(`“${text}”: the sizes ${both.join(" and ")} differ`);
    return emit(OPERATIONS[operation], both[0] ?? null, a, b);
  }

  /** Emit the product of a block's recurrent weights with a value that takes the place of h. */
  function multiplied(name, argument, text) {
    if (!Object.hasOwn(given, name)) throw new SyntaxError(`“${text}”: ${name} is no function`);
    if (width(argument) !== given.h) throw new SyntaxError(`“${text}”: ${name} needs a value of size ${given.h}`);
    const to = emit("product", given[name], argument);
    instructions.at(-1).block = name.slice(PRODUCT.length);
    return to;
  }

  /** Emit what computes a tree; return its register. A width of null is that of a single number. */
  function evaluate(tree, text) {
    if (tree.operation) return operate(tree, text);
    if (tree.call) {
      const argument = evaluate(tree.argument, text);
      return tree.call.startsWith(PRODUCT) ? multiplied(tree.call, argument, text) : emit(tree.call, width(argument), argument);
    }
    if (tree.number !== undefined) return register({ width: null, number: tree.number });
    if (!names.has(tree.name)) throw new SyntaxError(`“${text}”: ${tree.name} is unknown`);
    return names.get(tree.name);
  }

  for (const [target, text] of equations) {
    const value = evaluate(parseExpression(text), text);
    const letter = target.replace("'", "");
    const wide = Object.hasOwn(widths, target) ? widths[target] : width(value);
    if (width(value) !== null && width(value) !== wide) throw new SyntaxError(`“${text}”: expected size ${wide}, got ${width(value)}`);
    const to = named(target, wide);
    instructions.push({ operation: "copy", to, a: value, b: value });
    if (Object.hasOwn(widths, target)) instructions.push({ operation: "edit", to, a: to, b: to, letter });
  }
  const widest = Math.max(...registers.map((one) => one.width ?? 1)); // a number fills a register
  return { registers: registers.map((one) => ({ ...one, width: one.width ?? widest })), instructions: shortened(instructions, registers) };
}

/** Let an operation write into a target directly, instead of into a register that is then copied. */
function shortened(instructions, registers) {
  const kept = [];
  for (const one of instructions) {
    const before = kept.at(-1);
    const direct = one.operation === "copy" && before && before.to === one.a && registers[one.a].name === undefined
      && registers[one.a].width === registers[one.to].width;
    if (direct) kept[kept.length - 1] = { ...before, to: one.to };
    else kept.push(one);
  }
  return kept;
}
