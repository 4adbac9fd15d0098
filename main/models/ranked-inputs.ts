/** Inputs as ranks among the distinct values of their feature: what decision trees sort by, worked out once. */

/** A node this many times smaller than a feature's number of distinct values is sorted by comparing, else by counting. */
const COUNTING_FACTOR = 4;

export class RankedInputs {
  readonly dimensions: number;
  /** Distinct values of every feature, ascending. */
  readonly values: readonly Float64Array[];
  /** [dimensions, n]: of every feature, the place of an example's value in `values`. */
  readonly #ranks: Int32Array;
  readonly #n: number;
  readonly #sorted: Int32Array;
  readonly #keys: Float64Array;
  readonly #counts: Int32Array;

  /** @param inputs [n, dimensions], finite */
  constructor(inputs: Float64Array, n: number, dimensions: number) {
    this.dimensions = dimensions;
    this.#n = n;
    this.#ranks = new Int32Array(dimensions * n);
    this.values = Array.from({ length: dimensions }, (_, feature) => {
      const column = Float64Array.from({ length: n }, (_, i) => inputs[i * dimensions + feature] as number);
      const values = distinct(column);
      column.forEach((value, i) => (this.#ranks[feature * n + i] = placeOf(value, values)));
      return values;
    });
    this.#sorted = new Int32Array(n);
    this.#keys = new Float64Array(n);
    this.#counts = new Int32Array(this.values.reduce((most, { length }) => Math.max(most, length), 0));
  }

  rank(feature: number, example: number): number {
    return this.#ranks[feature * this.#n + example] as number;
  }

  /**
   * `examples[start … end − 1]`, at most n of them, by their value of a feature; equal ones stay in order. The result is
   * valid until the next call.
   */
  sorted(feature: number, examples: Int32Array, start: number, end: number): Int32Array {
    const distinctValues = (this.values[feature] as Float64Array).length;
    if (distinctValues <= COUNTING_FACTOR * (end - start))
      this.#count(feature, distinctValues, examples, start, end);
    else this.#compare(feature, examples, start, end);
    return this.#sorted;
  }

  #count(feature: number, distinctValues: number, examples: Int32Array, start: number, end: number): void {
    const ranks = this.#ranks;
    const offset = feature * this.#n;
    const places = this.#counts.fill(0, 0, distinctValues);
    for (let i = start; i < end; i++) {
      const rank = ranks[offset + (examples[i] as number)] as number;
      places[rank] = (places[rank] as number) + 1;
    }
    let place = 0;
    for (let rank = 0; rank < distinctValues; rank++) {
      const count = places[rank] as number;
      places[rank] = place;
      place += count;
    }
    for (let i = start; i < end; i++) {
      const example = examples[i] as number;
      const rank = ranks[offset + example] as number;
      const at = places[rank] as number;
      this.#sorted[at] = example;
      places[rank] = at + 1;
    }
  }

  #compare(feature: number, examples: Int32Array, start: number, end: number): void {
    const size = end - start;
    const keys = this.#keys.subarray(0, size);
    for (let i = 0; i < size; i++) keys[i] = this.rank(feature, examples[start + i] as number) * size + i;
    keys.sort();
    for (let i = 0; i < size; i++) this.#sorted[i] = examples[start + ((keys[i] as number) % size)] as number;
  }
}

/** Ascending, each value once; 0 and −0 are one value. */
function distinct(column: Float64Array): Float64Array {
  const sorted = column.slice().sort();
  return sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
}

function placeOf(value: number, values: Float64Array): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
