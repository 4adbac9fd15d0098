/** How one quantity goes with another: rank correlation, and an exponential law fitted in its logarithm. */

/** Pearson's correlation; null for fewer than two points or where a side does not vary. */
export function pearson(x: readonly number[], y: readonly number[]): number | null {
  if (x.length < 2 || isConstant(x) || isConstant(y)) return null;
  const [dx, dy] = [unitSize(centred(x)), unitSize(centred(y))];
  // One root, so that equal ranks correlate by exactly 1.
  const scale = Math.sqrt(dot(dx, dx) * dot(dy, dy));
  return Math.min(1, Math.max(-1, dot(dx, dy) / scale));
}

/** Squares of very small or large values would leave float64's range. */
function unitSize(values: readonly number[]): number[] {
  const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.map((value) => value / size);
}

/** Spearman's rank correlation, Pearson's of the ranks; equal values share the mean of their ranks. */
export function spearman(x: readonly number[], y: readonly number[]): number | null {
  return pearson(midranks(x), midranks(y));
}

/** Ranks from 1; equal values share the mean of theirs. */
export function midranks(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  sorted.forEach((value, i) => {
    if (!first.has(value)) first.set(value, i);
    last.set(value, i);
  });
  return values.map((value) => ((first.get(value) as number) + (last.get(value) as number)) / 2 + 1);
}

/** y = exp(slope · x + intercept), by least squares in log y; `correlation` is Pearson's of x and log y. */
export interface LogLinearFit {
  slope: number;
  intercept: number;
  /** Null where log y does not vary. */
  correlation: number | null;
  /** Points fitted. */
  n: number;
}

/**
 * @param nonPositive what becomes of a y of 0 or less, which has no logarithm: `log-zero` puts 0 in its place (Miller et
 * al. 2023, in their code), `left-out` leaves the point out
 * @returns null where fewer than two x are left
 */
export function logLinearFit(
  x: readonly number[],
  y: readonly number[],
  nonPositive: 'log-zero' | 'left-out',
): LogLinearFit | null {
  const points = x.flatMap((at, i) => {
    const value = y[i] as number;
    if (value > 0) return [{ at, log: Math.log(value) }];
    return nonPositive === 'log-zero' ? [{ at, log: 0 }] : [];
  });
  const ats = points.map(({ at }) => at);
  const logs = points.map(({ log }) => log);
  if (ats.length < 2 || isConstant(ats)) return null;
  const [dx, dy] = [centred(ats), centred(logs)];
  const slope = dot(dx, dy) / dot(dx, dx);
  return {
    slope,
    intercept: mean(logs) - slope * mean(ats),
    correlation: pearson(ats, logs),
    n: ats.length,
  };
}

/** A value that is known to lie in [low, high]. */
export interface Interval {
  low: number;
  high: number;
}

/** Orders that `spearmanBounds` looks at before it gives up, and values that may be next in an order. */
const MAX_ORDERS = 20_000;
const MAX_CANDIDATES = 10;
/** Values of which some are not known exactly. */
const MAX_INTERVALS = 500;

/**
 * The smallest and largest Spearman correlation that values within the intervals can give: of every order that they can
 * have, ties included. [−1, 1] where there are too many orders to look at; null where all values may be equal, so that
 * there may be no correlation.
 */
export function spearmanBounds(x: readonly number[], y: readonly Interval[]): Interval | null {
  if (y.every(isPoint)) {
    const rho = spearman(
      x,
      y.map(({ low }) => low),
    );
    return rho === null ? null : { low: rho, high: rho };
  }
  if (y.length > MAX_INTERVALS) return { low: -1, high: 1 };
  const xRanks = midranks(x);
  const ranks = new Array<number>(y.length).fill(0);
  const found = { low: Infinity, high: -Infinity, orders: 0, none: false };
  /** Gives ranks to the elements of `rest`, all above `floor`, in every way. */
  const rank = (rest: readonly number[], floor: number): void => {
    if (rest.length === 0) {
      const rho = pearson(xRanks, ranks);
      found.orders++;
      if (rho === null) found.none = true;
      else Object.assign(found, { low: Math.min(found.low, rho), high: Math.max(found.high, rho) });
      return;
    }
    const ceiling = Math.min(...rest.map((i) => (y[i] as Interval).high));
    // Points at the ceiling are equal: they come together, and nothing may be left below them.
    const candidates = rest.filter((i) => (y[i] as Interval).low <= ceiling);
    const together = candidates.filter((i) => isPoint(y[i] as Interval));
    const free = candidates.filter((i) => !together.includes(i));
    if (free.length > MAX_CANDIDATES) {
      found.orders = Infinity;
      return;
    }
    const sets = subsets(free);
    const blocks = together.length === 0 ? sets : [...sets, ...sets.map((set) => [...set, ...together])];
    for (const lowest of blocks) {
      if (found.orders > MAX_ORDERS) return;
      if (lowest.length === 0) continue;
      const least = Math.max(...lowest.map((i) => (y[i] as Interval).low));
      const most = Math.min(...lowest.map((i) => (y[i] as Interval).high));
      // As low as they can lie together: at `least`, or just above the floor.
      const value = Math.max(least, floor);
      const others = rest.filter((i) => !lowest.includes(i));
      const fits = least > floor ? most >= least : most > floor;
      if (!fits || others.some((i) => (y[i] as Interval).high <= value)) continue;
      const first = y.length - rest.length + 1;
      for (const i of lowest) ranks[i] = first + (lowest.length - 1) / 2;
      rank(others, value);
    }
  };
  rank(
    y.map((_, i) => i),
    -Infinity,
  );
  if (found.orders > MAX_ORDERS) return { low: -1, high: 1 };
  return found.none ? null : { low: found.low, high: found.high };
}

function isPoint({ low, high }: Interval): boolean {
  return low === high;
}

function subsets(elements: readonly number[]): number[][] {
  return elements.reduce<number[][]>(
    (sets, element) => [...sets, ...sets.map((set) => [...set, element])],
    [[]],
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function centred(values: readonly number[]): number[] {
  const middle = mean(values);
  return values.map((value) => value - middle);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}
