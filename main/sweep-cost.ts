/**
 * What the runs of a sweep cost, from a few of them measured: points that differ only in settings which cost nothing
 * (a learning rate, an initial scale) are one shape; many shapes are measured at the ends of each axis.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../shared/canonical.ts';
import type { Arm } from '../shared/study.ts';
import { armAtPoint, pointsOf, type SweepAxis, type SweepPoint, type SweepValue } from '../shared/sweep.ts';

/** Numbers that change what is computed, but not how much; what is not named here is taken to cost something. */
const costless = [
  'learningRate',
  'weightDecay',
  'beta1',
  'beta2',
  'epsilon',
  'warmupSteps',
  'initScale',
  'initialScale',
  'initialDeviation',
  'initialMeanDeviation',
  'quadratic',
  'embeddingBound',
  'priorDeviation',
  'errorTolerance',
  'lengthScale',
  'outputScale',
  'jitter',
  'noiseVariance',
  'weightVariance',
  'slope',
  'noise',
  'share',
  'standardDeviation',
  'teacherScale',
];

/** Shapes that are measured one by one; of more, this many at most. */
const MAX_MEASURED = 8;

/** Equal for arms whose updates and evaluations are the same amount of work. */
export function shapeOf({ dataset, model, trainer }: Arm): string {
  const shape = [dataset, model, trainer].map(withoutCostless);
  return createHash('sha256').update(canonicalJson(shape)).digest('hex');
}

function withoutCostless(settings: object): object {
  return Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => typeof value !== 'number' || !costless.includes(name)),
  );
}

/** Seconds of a run at every point of an arm, in the order of `pointsOf`, and how they came about. */
export interface SweepCost {
  seconds: number[];
  /** "4 shapes measured"; empty where there is one. */
  words: string;
}

/** @param secondsOf measures an arm: one run of it at its full budget */
export async function sweepCost(arm: Arm, secondsOf: (arm: Arm) => Promise<number>): Promise<SweepCost> {
  const points = pointsOf(arm);
  const shapes = points.map((point) => shapeOf(armAtPoint(arm, point)));
  const measured = new Map<string, number>();
  const secondsAt = async (point: SweepPoint): Promise<number> => {
    const one = armAtPoint(arm, point);
    const shape = shapeOf(one);
    const seconds = measured.get(shape) ?? (await secondsOf(one));
    measured.set(shape, seconds);
    return seconds;
  };
  const distinct = new Set(shapes).size;
  if (distinct <= MAX_MEASURED) {
    const seconds: number[] = [];
    for (const point of points) seconds.push(await secondsAt(point));
    return { seconds, words: distinct === 1 ? '' : `${distinct} sizes measured` };
  }
  const law = await separableCost(arm, arm.sweep ?? [], secondsAt);
  return {
    seconds: points.map(law),
    words: `${measured.size} of ${distinct} sizes measured, the others interpolated`,
  };
}

/**
 * Seconds as a product of one factor per axis, relative to the point where every number is largest: there most of the
 * time goes. Between the ends of an axis a factor is a power law, which for a sum of powers lies above the truth.
 */
async function separableCost(
  arm: Arm,
  axes: readonly SweepAxis[],
  secondsAt: (point: SweepPoint) => Promise<number>,
): Promise<(point: SweepPoint) => number> {
  const reference = Object.fromEntries(axes.map(({ path, values }) => [path, largest(values)]));
  const base = await secondsAt(reference);
  const referenceShape = shapeOf(armAtPoint(arm, reference));
  const factors: ((point: SweepPoint) => number)[] = [];
  let left = MAX_MEASURED - 1;
  for (const { path, values } of axes) {
    const changes = (value: SweepValue): boolean =>
      shapeOf(armAtPoint(arm, { ...reference, [path]: value })) !== referenceShape;
    if (!values.some(changes)) continue;
    const numbers = values.filter((value) => typeof value === 'number');
    const texts = values.filter((value) => typeof value === 'string' && value !== reference[path]);
    const known = new Map<SweepValue, number>([[reference[path] as SweepValue, 1]]);
    const ends = numbers.length > 1 ? [Math.min(...numbers)] : [];
    for (const value of [...ends, ...texts].slice(0, left)) {
      known.set(value, (await secondsAt({ ...reference, [path]: value })) / base);
      left--;
    }
    factors.push((point) => factorAt(point[path] as SweepValue, known));
  }
  return (point) => factors.reduce((seconds, factor) => seconds * factor(point), base);
}

function largest(values: readonly SweepValue[]): SweepValue {
  const numbers = values.filter((value) => typeof value === 'number');
  return numbers.length === 0 ? (values[0] as SweepValue) : Math.max(...numbers);
}

/** A text that was not measured counts as the largest of those that were, a number lies between the two ends. */
function factorAt(value: SweepValue, known: ReadonlyMap<SweepValue, number>): number {
  const exact = known.get(value);
  if (exact !== undefined) return exact;
  const ends = [...known].filter((entry): entry is [number, number] => typeof entry[0] === 'number');
  const [high, low] = ends;
  if (typeof value === 'string' || high === undefined || low === undefined)
    return Math.max(...known.values());
  const scale = low[0] > 0 ? Math.log : (x: number): number => x;
  const share = (scale(value) - scale(low[0])) / (scale(high[0]) - scale(low[0]));
  return Math.exp((1 - share) * Math.log(low[1]) + share * Math.log(high[1]));
}
