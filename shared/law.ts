/**
 * A delay as a law of one setting: exponential, y = exp(slope · x + intercept) (Miller et al. 2023, §2.2), or a power,
 * y = exp(intercept) · x^slope. Both are lines of least squares in log y.
 */
import { Random } from './random.ts';
import { centred, logLinearFit, type Interval, type LogLinearFit } from './trend.ts';

export type Law = 'exponential' | 'power';

export interface LawFit extends LogLinearFit {
  law: Law;
  /** 95 % of the slopes of resampled points (percentile bootstrap); null for fewer than `fewest` points. */
  slopeInterval: Interval | null;
}

/** How the interval came about, to be printed with it. */
export const intervalMethod = '95 % percentile bootstrap over points, 2,000 resamples';

const resamples = 2000;
const fewest = 5;

/**
 * The law through points with y > 0, and for a power x > 0; others have no logarithm and are left out: `n` says how
 * many are in it.
 * @returns null where fewer than two different x are left
 */
export function fitLaw(law: Law, x: readonly number[], y: readonly number[]): LawFit | null {
  const points = x.flatMap((at, i) => {
    const value = y[i] as number;
    return value > 0 && (law === 'exponential' || at > 0) ? [{ x: scaled(law, at), y: value }] : [];
  });
  const fit = logLinearFit(
    points.map((point) => point.x),
    points.map((point) => point.y),
    'left-out',
  );
  return fit === null ? null : { ...fit, law, slopeInterval: bootstrap(points) };
}

/** The law's y at an x. */
export function lawValue({ law, slope, intercept }: LawFit, x: number): number {
  return Math.exp(slope * scaled(law, x) + intercept);
}

function scaled(law: Law, x: number): number {
  return law === 'power' ? Math.log(x) : x;
}

/** Resamples whose points all have one x have no slope, and are left out. */
function bootstrap(points: readonly { x: number; y: number }[]): Interval | null {
  const n = points.length;
  if (n < fewest) return null;
  // Centred once, so that the sums of a resample lose no digits.
  const x = centred(points.map((point) => point.x));
  const y = centred(points.map((point) => Math.log(point.y)));
  const random = Random.stream(0, 'bootstrap');
  const slopes: number[] = [];
  for (let i = 0; i < resamples; i++) {
    let [sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0];
    let varies = false;
    let first = NaN;
    for (let k = 0; k < n; k++) {
      const drawn = random.integer(n);
      const [at, log] = [x[drawn] as number, y[drawn] as number];
      if (k === 0) first = at;
      varies ||= at !== first;
      sumX += at;
      sumY += log;
      sumXX += at * at;
      sumXY += at * log;
    }
    if (varies) slopes.push((sumXY - (sumX * sumY) / n) / (sumXX - (sumX * sumX) / n));
  }
  slopes.sort((a, b) => a - b);
  const at = (share: number): number => slopes[Math.round(share * (slopes.length - 1))] as number;
  return { low: at(0.025), high: at(0.975) };
}
