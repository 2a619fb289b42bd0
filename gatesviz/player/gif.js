/* A GIF (89a): each frame has 255 colours of its own and holds only what changed since the frame before. */

const [CLEAR, END, FIRST_CODE, MOST_CODES] = [256, 257, 258, 4096];
const [KEPT, CHOSEN] = [255, 255]; // the index that leaves a pixel as it was; the other colours of a frame
const LOOP = [0x21, 0xff, 11, ...[..."NETSCAPE2.0"].map((one) => one.charCodeAt(0)), 3, 1, 0, 0, 0];
const low = (number) => [number & 255, number >> 8]; // two bytes

/** Return the box [left, top, width, height] of the pixels that differ; one pixel if none does. */
function changedBox(now, before, width, height) {
  if (!before) return [0, 0, width, height];
  let [left, top, right, bottom] = [width, -1, -1, -1];
  for (let y = 0, k = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, k += 1) {
      if (now[k] === before[k]) continue;
      if (top < 0) top = y;
      bottom = y;
      if (x < left) left = x;
      if (x > right) right = x;
    }
  }
  return top < 0 ? [0, 0, 1, 1] : [left, top, right - left + 1, bottom - top + 1];
}

const bucketOf = (pixel) => ((pixel & 0xf8) >> 3) | ((pixel & 0xf800) >> 6) | ((pixel & 0xf80000) >> 9);

/**
 * Return a frame's colours [[red, green, blue]], and the function from a pixel to its index.
 *
 * Up to 255 colours are exact. Of more, only the 255 most frequent are kept, and even they can change: colours that agree
 * in the upper five bits of each part count as one, their mean. All others take the nearest of these, so a rare colour can
 * look wrong.
 */
function coloursOf(pixels) {
  const exact = new Map();
  for (const pixel of pixels) {
    if (exact.size > CHOSEN) break;
    if (!exact.has(pixel)) exact.set(pixel, exact.size);
  }
  if (exact.size <= CHOSEN) {
    const parts = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
    return { colours: [...exact.keys()].map(parts), indexOf: (pixel) => exact.get(pixel) };
  }
  const counts = new Uint32Array(32_768);
  const sums = [0, 1, 2].map(() => new Float64Array(32_768));
  for (const pixel of pixels) {
    const bucket = bucketOf(pixel);
    counts[bucket] += 1;
    sums[0][bucket] += pixel & 255;
    sums[1][bucket] += (pixel >> 8) & 255;
    sums[2][bucket] += (pixel >> 16) & 255;
  }
  const used = [...counts.keys()].filter((bucket) => counts[bucket]).sort((a, b) => counts[b] - counts[a]);
  const mean = (bucket) => sums.map((sum) => Math.round(sum[bucket] / counts[bucket]));
  const colours = used.slice(0, CHOSEN).map(mean);
  const indices = new Int16Array(32_768);
  used.forEach((bucket, rank) => { indices[bucket] = rank < CHOSEN ? rank : nearest(colours, mean(bucket)); });
  return { colours, indexOf: (pixel) => indices[bucketOf(pixel)] };
}

function nearest(colours, [red, green, blue]) {
  let [best, least] = [0, Infinity];
  colours.forEach(([r, g, b], k) => {
    const distance = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
    if (distance < least) [best, least] = [k, distance];
  });
  return best;
}

/** Write indices with LZW, in codes of 9 to 12 bits and blocks of up to 255 bytes. */
function addCodes(out, indices) {
  const [table, block] = [new Uint16Array(256 * MOST_CODES), []];
  let [size, next, held, bits] = [9, FIRST_CODE, 0, 0];
  const flush = () => {
    if (block.length) out.push(block.length, ...block.splice(0));
  };
  const emit = (code) => {
    held |= code << bits;
    for (bits += size; bits >= 8; bits -= 8, held >>>= 8) {
      block.push(held & 255);
      if (block.length === 255) flush();
    }
  };
  const grow = () => { if (next === 1 << size && size < 12) size += 1; };
  out.push(8);
  emit(CLEAR);
  let prefix = indices[0];
  for (let k = 1; k < indices.length; k += 1) {
    const key = 256 * prefix + indices[k];
    if (table[key]) {
      prefix = table[key];
      continue;
    }
    emit(prefix);
    prefix = indices[k];
    if (next < MOST_CODES) {
      table[key] = next;
      grow();
      next += 1;
    } else {
      emit(CLEAR);
      table.fill(0);
      [size, next] = [9, FIRST_CODE];
    }
  }
  emit(prefix);
  grow();
  emit(END);
  if (bits) block.push(held & 255);
  flush();
  out.push(0);
}

/** A GIF that repeats for ever. Add frames of one size, then take the file. */
export class Gif {
  constructor(width, height) {
    Object.assign(this, { width, height, parts: [], before: null });
    this.write([...[..."GIF89a"].map((one) => one.charCodeAt(0)), ...low(width), ...low(height), 0x70, 0, 0, ...LOOP]);
  }

  write(bytes) {
    this.parts.push(Uint8Array.from(bytes));
  }

  /** Add a frame, an `ImageData` without transparent pixels, that stays for some hundredths of a second. */
  add(image, delay) {
    const { before, width, height } = this;
    const now = new Uint32Array(image.data.buffer);
    const [left, top, across, down] = changedBox(now, before, width, height);
    const [places, pixels] = [new Uint32Array(across * down), new Uint32Array(across * down)];
    let count = 0;
    for (let k = 0; k < places.length; k += 1) {
      const place = (top + Math.floor(k / across)) * width + left + (k % across);
      if (before && now[place] === before[place]) continue;
      places[count] = k;
      pixels[count] = now[place];
      count += 1;
    }
    const { colours, indexOf } = coloursOf(pixels.subarray(0, count));
    const indices = new Uint8Array(across * down).fill(KEPT);
    for (let k = 0; k < count; k += 1) indices[places[k]] = indexOf(pixels[k]);
    const out = [0x21, 0xf9, 4, 0b101, ...low(delay), KEPT, 0]; // stays below the next frame, and one index is see-through
    out.push(0x2c, ...low(left), ...low(top), ...low(across), ...low(down), 0x87);
    for (let k = 0; k < 256; k += 1) out.push(...(colours[k] ?? [0, 0, 0]));
    addCodes(out, indices);
    this.write(out);
    this.before = now;
  }

  blob() {
    return new Blob([...this.parts, Uint8Array.of(0x3b)], { type: "image/gif" });
  }
}
