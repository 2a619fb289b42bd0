/* Values to colours: cividis for gates between 0 and 1, one hue for each sign otherwise. */

/* Nine points of cividis (Nuñez, Anderton & Renslow 2018), linear in between. */
const CIVIDIS = [
  [0, 34, 78], [18, 53, 112], [59, 73, 108], [87, 93, 109], [112, 113, 115],
  [138, 134, 120], [165, 156, 116], [200, 184, 102], [254, 232, 56],
];
const SIGN_HUES = { negative: [33, 102, 190], positive: [214, 69, 35] };

/** Return how strongly to draw a signed value, 0 to 1: in proportion, or by decades above a lane's floor. */
export function laneShare(value, { high, floor }) {
  const size = Math.abs(value);
  if (!floor) return Math.min(1, size / high);
  return size <= floor ? 0 : Math.min(1, Math.log(size / floor) / Math.log(high / floor));
}

/** Return the value at a share from −1 to 1 of a signed lane. */
function valueAt(share, { high, floor }) {
  if (!floor) return share * high;
  return share === 0 ? 0 : Math.sign(share) * floor * (high / floor) ** Math.abs(share);
}

/** Return [red, green, blue, alpha], each 0 to 255, of a value in a lane's range. NaN is transparent. */
export function laneColour(value, lane) {
  if (Number.isNaN(value)) return [0, 0, 0, 0];
  if (lane.signed) {
    return [...SIGN_HUES[value < 0 ? "negative" : "positive"], Math.round(255 * laneShare(value, lane))];
  }
  const share = Math.max(0, Math.min(1, (value - lane.low) / (lane.high - lane.low)));
  const place = share * (CIVIDIS.length - 1);
  const low = Math.min(CIVIDIS.length - 2, Math.floor(place));
  const mix = CIVIDIS[low].map((from, k) => Math.round(from + (CIVIDIS[low + 1][k] - from) * (place - low)));
  return [...mix, 255];
}

const LEVELS = 4095; // steps of a gate's scale in a picture: sixteen for each step of a screen
const pixel = ([red, green, blue, alpha]) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
const SCALE = Uint32Array.from({ length: LEVELS + 1 }, (_, k) => pixel(laneColour(k / LEVELS, { low: 0, high: 1 })));
const SIGNS = { negative: pixel([...SIGN_HUES.negative, 0]), positive: pixel([...SIGN_HUES.positive, 0]) };

/** Return the function from a value of a lane to its colour as one number, as `ImageData` holds it. */
export function lanePixels(lane) {
  if (lane.signed) {
    return (value) => {
      if (Number.isNaN(value)) return 0;
      return ((value < 0 ? SIGNS.negative : SIGNS.positive) | (Math.round(255 * laneShare(value, lane)) << 24)) >>> 0;
    };
  }
  const { low, high } = lane;
  return (value) => (Number.isNaN(value) ? 0 : SCALE[Math.round(LEVELS * Math.max(0, Math.min(1, (value - low) / (high - low))))]);
}

export function laneCss(value, lane) {
  const [red, green, blue, alpha] = laneColour(value, lane);
  return `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toFixed(3)})`;
}

/** Return black or white, whichever reads better on the colour of a value in the given theme. */
export function laneInk(value, lane, dark) {
  const [red, green, blue, alpha] = laneColour(value, lane);
  const under = dark ? 20 : 255;
  const mix = (part) => (part * alpha + under * (255 - alpha)) / 255;
  return 0.299 * mix(red) + 0.587 * mix(green) + 0.114 * mix(blue) > 140 ? "#000" : "#fff";
}

/** Return the CSS gradient of a lane's legend, low to high. */
export function laneGradient(lane) {
  const at = (share) => (lane.signed ? valueAt(2 * share - 1, lane) : lane.low + (lane.high - lane.low) * share);
  const stops = Array.from({ length: 11 }, (_, k) => laneCss(at(k / 10), lane));
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
