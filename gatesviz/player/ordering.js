/* Orders of a lane's units: lists of unit indices, top row first. */

export const ORDERINGS = {
  index: "by index",
  mean: "by mean",
  opening: "by first step with a strong colour",
  likeness: "by similarity",
};

function column(lane, steps, unit) {
  return Array.from({ length: steps }, (_, t) => lane.array.at(t + lane.offset, unit));
}

/** Return the first step at which a unit passes the middle of its range (signed lanes: |value| > half). */
function firstOpening(values, lane) {
  const open = lane.signed ? (v) => Math.abs(v) > lane.high / 2 : (v) => v > (lane.low + lane.high) / 2;
  const at = values.findIndex(open);
  return at < 0 ? Infinity : at;
}

function distance(a, b) {
  let sum = 0;
  for (let t = 0; t < a.length; t += 1) sum += (a[t] - b[t]) ** 2;
  return Number.isNaN(sum) ? Infinity : sum;
}

/** Return a chain of nearest neighbours that starts at the unit with the smallest mean. */
function likeness(columns, means) {
  const left = new Set(columns.keys());
  const known = means.filter((mean) => !Number.isNaN(mean));
  let current = Math.max(0, means.indexOf(Math.min(...known)));
  const order = [];
  while (current !== undefined) {
    order.push(current);
    left.delete(current);
    let nearest;
    let least = Infinity;
    for (const other of left) {
      const far = distance(columns[current], columns[other]);
      if (far < least || nearest === undefined) [nearest, least] = [other, far];
    }
    current = nearest;
  }
  return order;
}

export function orderUnits(lane, steps, how) {
  const units = Array.from({ length: lane.array.columns }, (_, unit) => unit);
  if (how === "index") return units;
  const columns = units.map((unit) => column(lane, steps, unit));
  const means = columns.map((values) => values.reduce((sum, v) => sum + v, 0) / steps);
  if (how === "likeness") return likeness(columns, means);
  const key = how === "mean" ? means.map((mean) => (Number.isNaN(mean) ? Infinity : -mean)) : columns.map((values) => firstOpening(values, lane));
  return units.sort((a, b) => (key[a] === key[b] ? a - b : key[a] < key[b] ? -1 : 1));
}
