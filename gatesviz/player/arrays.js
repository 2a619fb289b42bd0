/* Arrays of numbers, as the payload or the engine holds them. */

/** An array of a recording or of the engine (rows, columns), read with at(row, column). */
export class RecordedArray {
  /** `exponents` holds a power of two for each row of a gradient, which spans more than float32. */
  constructor(data, shape, scale, exponents) {
    [this.rows, this.columns] = [shape[0], shape.length > 1 ? shape[1] : 1];
    Object.assign(this, { data, scale, factors: exponents?.map((power) => 2 ** power) });
  }

  at(row, column = 0) {
    const value = this.data[row * this.columns + column] * this.scale;
    return this.factors ? value * this.factors[row] : value;
  }

  /** Return the largest finite magnitude, at least `floor`. */
  largest(floor = 0) {
    let most = floor;
    for (let row = 0; row < this.rows; row += 1) {
      for (let column = 0; column < this.columns; column += 1) {
        const size = Math.abs(this.at(row, column));
        if (size > most && Number.isFinite(size)) most = size;
      }
    }
    return most;
  }

  every(test) {
    return this.data.every((value) => test(value * this.scale));
  }
}
