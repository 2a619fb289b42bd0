/*
 * The layouts of the cell diagrams as data, in units of a 720 × 440 drawing.
 *
 * Parts are drawn in order. A path is a list of corners, "x,y x,y …". Each of `paths` ends in an
 * arrow, each of `stems` doesn't. A wire without a `value` carries a whole vector or a product of
 * W, for which the chosen unit has no single number, so it stays neutral.
 *
 * The connections follow cells.py. Values have PyTorch's letters; fc = f·c, ig = i·g,
 * tc = tanh c′, rh = r·(W_hn·h + b_hn), zh = z·h, zn = (1−z)·n, a = W·x + W·h + b. In the GRU that
 * resets before the product, rh = r·h and hn = W_hn·(r·h) + b_hn.
 *
 * `scales`: sizes at which wires are widest if the page gives none; from 4 on, tanh is flat
 * (0.9993). A part with `projected` is drawn only with (true) or without (false) a projection.
 */

const diagramLstm = {
  title: "Diagram of one LSTM unit at this step: c′ = f·c + i·g and h′ = o·tanh(c′).",
  scales: {},
  parts: [
    { kind: "wire", value: "c", paths: ["0,88 115,88"] },
    { kind: "wire", value: "fc", paths: ["145,88 313,88"] },
    { kind: "wire", value: "c'", paths: ["343,88 720,88", "580,88 580,123"] },
    { kind: "bridge", at: [672, 88] },
    { kind: "wire", value: "h'", paths: ["672,206 672,360 720,360", "672,206 672,4"] },
    { kind: "wire", value: "h'", stems: ["595,206 672,206"], projected: false },
    { kind: "wire", stems: ["595,206 612,206"], projected: true },
    { kind: "wire", value: "h'", stems: ["654,206 672,206"], projected: true },
    { kind: "wire", paths: ["98,360 130,360 130,310", "98,360 262,360 262,310", "98,360 394,360 394,310", "98,360 526,360 526,310"] },
    { kind: "wire", value: "h", paths: ["0,360 46,360"] },
    { kind: "wire", value: "x", paths: ["72,440 72,375"] },
    { kind: "wire", value: "f", paths: ["130,226 130,103"] },
    { kind: "wire", value: "i", paths: ["262,226 262,180 313,180"] },
    { kind: "wire", value: "g", paths: ["394,226 394,180 343,180"] },
    { kind: "wire", value: "ig", paths: ["328,165 328,103"] },
    { kind: "wire", value: "o", paths: ["526,226 526,206 565,206"] },
    { kind: "wire", value: "tc", paths: ["580,151 580,191"] },
    { kind: "dot", at: [580, 88] },
    { kind: "dot", at: [672, 206] },
    { kind: "operator", sign: "×", at: [130, 88] },
    { kind: "operator", sign: "+", at: [328, 88] },
    { kind: "operator", sign: "×", at: [328, 180] },
    { kind: "operator", sign: "×", at: [580, 206] },
    { kind: "pill", text: "tanh", at: [580, 137], width: 58 },
    { kind: "pill", text: "W", sub: "hr", at: [633, 206], width: 42, title: "W_hr·(o·tanh(c′)), the projection", projected: true },
    { kind: "pill", text: "h, x", at: [72, 360], width: 52, title: "all of h and all of x" },
    { kind: "gate", letter: "f", name: "forget gate", activation: "σ", low: 0, at: [130, 268] },
    { kind: "gate", letter: "i", name: "input gate", activation: "σ", low: 0, at: [262, 268] },
    { kind: "gate", letter: "g", name: "candidate", activation: "tanh", low: -1, at: [394, 268] },
    { kind: "gate", letter: "o", name: "output gate", activation: "σ", low: 0, at: [526, 268] },
    { kind: "label", value: "c", name: "c", at: [22, 70] },
    { kind: "label", value: "fc", name: "f·c", at: [229, 70], anchor: "middle" },
    { kind: "label", value: "c'", name: "c′", at: [462, 70], anchor: "middle" },
    { kind: "label", value: "ig", name: "i·g", at: [344, 142] },
    { kind: "label", value: "tc", at: [568, 178], anchor: "end" },
    { kind: "label", value: "h", name: "h", at: [22, 338] },
    { kind: "label", value: "x", name: "x", at: [88, 432] },
    { kind: "label", value: "h'", name: "h′", at: [698, 388], anchor: "end" },
  ],
};

const diagramGru = {
  title: "Diagram of one GRU unit at this step: h′ = (1−z)·n + z·h with n = tanh(W_in·x + r·(W_hn·h)).",
  scales: { rh: 4 },
  parts: [
    { kind: "wire", value: "h", paths: ["0,88 163,88", "50,88 50,370 438,370 438,344", "50,342 72,342"] },
    { kind: "bridge", at: [98, 370] },
    { kind: "wire", value: "x", stems: ["98,440 98,394"], paths: ["98,394 98,357", "98,394 574,394 574,298"] },
    { kind: "wire", paths: ["124,342 178,342 178,298", "124,342 318,342 318,298", "438,316 438,271"] },
    { kind: "wire", value: "zh", paths: ["193,88 559,88"] },
    { kind: "wire", value: "z", paths: ["178,214 178,103", "178,158 312,158"] },
    { kind: "wire", value: "1-z", paths: ["360,158 559,158"] },
    { kind: "wire", value: "r", paths: ["374,256 423,256"] },
    { kind: "wire", value: "rh", paths: ["453,256 518,256"] },
    { kind: "wire", value: "n", paths: ["574,214 574,173"] },
    { kind: "wire", value: "zn", paths: ["574,143 574,103"] },
    { kind: "wire", value: "h'", paths: ["589,88 720,88", "656,88 656,4"] },
    { kind: "dot", at: [50, 88] },
    { kind: "dot", at: [50, 342] },
    { kind: "dot", at: [98, 394] },
    { kind: "dot", at: [178, 158] },
    { kind: "dot", at: [656, 88] },
    { kind: "operator", sign: "×", at: [178, 88] },
    { kind: "operator", sign: "×", at: [574, 158] },
    { kind: "operator", sign: "+", at: [574, 88] },
    { kind: "operator", sign: "×", at: [438, 256] },
    { kind: "pill", text: "1−", at: [336, 158], width: 48 },
    { kind: "pill", text: "W", sub: "hn", at: [438, 330], width: 52, title: "W_hn·h, plus b_hn if there are biases" },
    { kind: "pill", text: "h, x", at: [98, 342], width: 52, title: "all of h and all of x" },
    { kind: "gate", letter: "z", name: "update gate", activation: "σ", low: 0, at: [178, 256] },
    { kind: "gate", letter: "r", name: "reset gate", activation: "σ", low: 0, at: [318, 256] },
    { kind: "gate", letter: "n", name: "candidate", activation: "tanh", low: -1, at: [574, 256] },
    { kind: "label", value: "h", name: "h", at: [22, 70] },
    { kind: "label", value: "zh", name: "z·h", at: [376, 70], anchor: "middle" },
    { kind: "label", value: "1-z", name: "1−z", at: [446, 186], anchor: "middle" },
    { kind: "label", value: "zn", name: "(1−z)·n", at: [560, 131], anchor: "end" },
    { kind: "label", value: "rh", at: [506, 234], anchor: "end" },
    { kind: "label", value: "x", name: "x", at: [114, 432] },
    { kind: "label", value: "h'", name: "h′", at: [698, 120], anchor: "end" },
  ],
};

const diagramGruResetBefore = {
  title: "Diagram of one GRU unit at this step: h′ = (1−z)·n + z·h with n = tanh(W_in·x + W_hn·(r·h)). The reset comes before the product.",
  scales: { hn: 4 },
  parts: [
    { kind: "wire", value: "h", paths: ["0,88 163,88", "50,88 50,370 424,370 424,271", "50,342 72,342"] },
    { kind: "bridge", at: [98, 370] },
    { kind: "wire", value: "x", stems: ["98,440 98,394"], paths: ["98,394 98,357", "98,394 606,394 606,298"] },
    { kind: "wire", paths: ["124,342 178,342 178,298", "124,342 318,342 318,298"] },
    { kind: "wire", value: "zh", paths: ["193,88 591,88"] },
    { kind: "wire", value: "z", paths: ["178,214 178,103", "178,158 312,158"] },
    { kind: "wire", value: "1-z", paths: ["360,158 591,158"] },
    { kind: "wire", value: "r", paths: ["374,256 409,256"] },
    { kind: "wire", value: "rh", paths: ["439,256 468,256"] },
    { kind: "wire", value: "hn", paths: ["520,256 550,256"] },
    { kind: "wire", value: "n", paths: ["606,214 606,173"] },
    { kind: "wire", value: "zn", paths: ["606,143 606,103"] },
    { kind: "wire", value: "h'", paths: ["621,88 720,88", "684,88 684,4"] },
    { kind: "dot", at: [50, 88] },
    { kind: "dot", at: [50, 342] },
    { kind: "dot", at: [98, 394] },
    { kind: "dot", at: [178, 158] },
    { kind: "dot", at: [684, 88] },
    { kind: "operator", sign: "×", at: [178, 88] },
    { kind: "operator", sign: "×", at: [606, 158] },
    { kind: "operator", sign: "+", at: [606, 88] },
    { kind: "operator", sign: "×", at: [424, 256] },
    { kind: "pill", text: "1−", at: [336, 158], width: 48 },
    { kind: "pill", text: "W", sub: "hn", at: [494, 256], width: 52, title: "W_hn·(r·h) + b_hn, of all units" },
    { kind: "pill", text: "h, x", at: [98, 342], width: 52, title: "all of h and all of x" },
    { kind: "gate", letter: "z", name: "update gate", activation: "σ", low: 0, at: [178, 256] },
    { kind: "gate", letter: "r", name: "reset gate", activation: "σ", low: 0, at: [318, 256] },
    { kind: "gate", letter: "n", name: "candidate", activation: "tanh", low: -1, at: [606, 256] },
    { kind: "label", value: "h", name: "h", at: [22, 70] },
    { kind: "label", value: "zh", name: "z·h", at: [376, 70], anchor: "middle" },
    { kind: "label", value: "1-z", name: "1−z", at: [470, 186], anchor: "middle" },
    { kind: "label", value: "zn", name: "(1−z)·n", at: [592, 131], anchor: "end" },
    { kind: "label", value: "rh", name: "r·h", at: [452, 222], anchor: "middle" },
    { kind: "label", value: "hn", at: [494, 304], anchor: "middle" },
    { kind: "label", value: "x", name: "x", at: [114, 432] },
    { kind: "label", value: "h'", name: "h′", at: [704, 120], anchor: "end" },
  ],
};

const diagramRnn = (activation, scales) => ({
  title: `Diagram of one RNN unit at this step: h′ = ${activation}(a) with a = W·x + W·h + b.`,
  scales,
  parts: [
    { kind: "wire", value: "h", paths: ["0,210 85,210"] },
    { kind: "wire", value: "x", paths: ["230,440 230,350"] },
    { kind: "wire", paths: ["139,210 215,210", "230,322 230,225"] },
    { kind: "wire", value: "a", paths: ["245,210 346,210"] },
    { kind: "wire", value: "h'", paths: ["566,210 720,210", "640,210 640,4"] },
    { kind: "dot", at: [640, 210] },
    { kind: "operator", sign: "+", at: [230, 210] },
    { kind: "pill", text: "W", sub: "hh", at: [112, 210], width: 54, title: "W_hh·h + b_hh" },
    { kind: "pill", text: "W", sub: "ih", at: [230, 336], width: 50, title: "W_ih·x + b_ih" },
    { kind: "curve", activation, from: "a", to: "h'", at: [456, 210], reach: scales.a, title: `${activation} of a` },
    { kind: "label", value: "h", name: "h", at: [22, 190] },
    { kind: "label", value: "x", name: "x", at: [248, 432] },
    { kind: "label", value: "a", name: "a", at: [338, 190], anchor: "end" },
    { kind: "label", value: "h'", name: "h′", at: [698, 242], anchor: "end" },
  ],
});

/** For each cell: its title, its scales and its parts, back to front. */
export const diagramWiring = {
  lstm: diagramLstm,
  gru: diagramGru,
  gru_reset_before: diagramGruResetBefore,
  rnn_tanh: diagramRnn("tanh", { a: 4 }),
  rnn_relu: diagramRnn("relu", {}),
};

/** Return the gates and states of a cell that has no drawing of its wires. */
export function plainWiring(panel) {
  const place = (k) => [72 + 144 * (k % 5), panel.gates.length > 5 ? 165 + 100 * Math.floor(k / 5) : 220];
  const functions = { sigmoid: "σ", tanh: "tanh", relu: "relu" };
  const activation = (letter) => functions[/^\w+/.exec(panel.equations.find(([target]) => target === letter)[1])[0]] ?? "";
  const gates = panel.gates.map(({ letter, name, low }, k) => ({ kind: "gate", letter, name, low, activation: activation(letter), at: place(k) }));
  const states = panel.states.flatMap((name, k) => [
    { kind: "label", value: name, name, at: [34, 70 + 32 * k] },
    { kind: "label", value: `${name}'`, name: `${name}′`, at: [686, 70 + 32 * k], anchor: "end" },
  ]);
  const note = "The wires of this cell aren’t drawn. Its equations are below.";
  return {
    title: `${panel.name}: gates and states of one unit. ${note}`,
    scales: {},
    parts: [...states, ...gates, { kind: "note", text: note, at: [360, 378] }],
  };
}
