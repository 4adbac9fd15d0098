/**
 * Sweeps: an arm run at every combination of values of some of its settings. A sweep point is one such combination,
 * `{ "model.initScale": 2 }`; an arm without a sweep has the one point `{}`. The host expands arms × points × seeds.
 */
import { canonicalJson } from './canonical.ts';
import { printValue, type InputFault } from './errors.ts';
import { isContainer, parsePath, valueAt, withValueAt, type Key } from './json-path.ts';
import type { Arm, Study } from './study.ts';
import type { SweepAxis, SweepPoint, SweepValue } from './sweep-spec.ts';

export type { SweepAxis, SweepPoint, SweepValue } from './sweep-spec.ts';

/** A study that sweeps may have this many runs; its faults say how many it would have. */
export const MAX_SWEPT_RUNS = 10_000;

/** Faults of points that a message names before it counts the rest. */
const MAX_NAMED_FAULTS = 10;

/** Points of an arm: 1 without a sweep. */
export function pointCount({ sweep }: Pick<Arm, 'sweep'>): number {
  return (sweep ?? []).reduce((product, axis) => product * axis.values.length, 1);
}

/** Runs of a study: arms × points × seeds. */
export function runCount({ arms }: Pick<Study, 'arms'>): number {
  return arms.reduce((sum, arm) => sum + pointCount(arm) * arm.seeds.length, 0);
}

/** Every point of an arm, the last axis changing fastest. */
export function pointsOf({ sweep }: Pick<Arm, 'sweep'>): SweepPoint[] {
  return (sweep ?? []).reduce<SweepPoint[]>(
    (points, { path, values }) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [path]: value }))),
    [{}],
  );
}

/** The arm that a point's runs train: its settings set, and no sweep. @throws RangeError for a path that cannot be set */
export function armAtPoint(arm: Arm, point: SweepPoint): Arm {
  const plain = { ...arm };
  delete plain.sweep;
  return Object.entries(point).reduce<unknown>(
    (target, [path, value]) => withValueAt(target, parsePath(path), value),
    plain,
  ) as Arm;
}

/** What stands at a path of an arm; undefined where nothing does. */
export function settingAt(arm: Arm, path: string): unknown {
  return valueAt(arm, parsePath(path));
}

/** A name for a point that a folder and a run id can hold: "p03"; null for an arm without a sweep. */
export function pointName(arm: Pick<Arm, 'sweep'>, index: number): string | null {
  if (arm.sweep === undefined) return null;
  const digits = Math.max(2, String(pointCount(arm) - 1).length);
  return `p${String(index).padStart(digits, '0')}`;
}

/** Equal points, equal text, whatever the order of their paths. */
export function pointKey(point: SweepPoint): string {
  return canonicalJson(point);
}

/** Whether a point has all the values of `at`. */
export function isAt(point: SweepPoint, at: SweepPoint): boolean {
  return Object.entries(at).every(([path, value]) => point[path] === value);
}

/**
 * "initScale = 2, weightDecay = 0": names are the last parts of the paths where those differ. Empty for no point. In the
 * order of the paths, so that a point reads the same however it was stored.
 */
export function pointWords(point: SweepPoint): string {
  const paths = Object.keys(point).sort();
  return paths.map((path) => `${axisName(path, paths)} = ${String(point[path])}`).join(', ');
}

/** The last part of a path, "initScale"; the whole path where another one ends like it, or in a place in a list. */
export function axisName(path: string, among: readonly string[] = [path]): string {
  const last = (one: string): string => one.slice(one.lastIndexOf('.') + 1);
  return among.filter((one) => last(one) === last(path)).length > 1 ? path : last(path);
}

/** What names a run among those of its study: "mlp", "mlp, initScale = 2". */
export function armWords(arm: string, point: SweepPoint): string {
  const words = pointWords(point);
  return words === '' ? arm : `${arm}, ${words}`;
}

/** What names a run in its study: "mlp seed 0", "mlp, initScale = 2, seed 0". */
export function runWords(arm: string, point: SweepPoint, seed: number): string {
  const words = armWords(arm, point);
  return `${words}${words === arm ? '' : ','} seed ${seed}`;
}

/** How often an arm is run: "5 seeds", "5 seeds × 12 sweep points". */
export function repeatWords(arm: Pick<Arm, 'seeds' | 'sweep'>): string {
  const counted = (n: number, noun: string): string =>
    `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;
  const seeds = counted(arm.seeds.length, 'seed');
  return arm.sweep === undefined ? seeds : `${seeds} × ${counted(pointCount(arm), 'sweep point')}`;
}

/** What a run is called beside its seed: its arm's title, and where it stands in the sweep. */
export function runTitle({ arm, point }: { arm: Pick<Arm, 'title'>; point: SweepPoint }): string {
  return armWords(arm.title, point);
}

/**
 * What is wrong with an arm's sweep. Every point is checked as the arm that it makes.
 * @param at where the arm stands in the document: `arms[0]`
 * @param faultsOf the faults of an arm, with paths from the arm on: `model.initScale`
 */
export function sweepFaults(
  arm: Arm,
  at: string,
  faultsOf: (candidate: unknown) => InputFault[],
): InputFault[] {
  const { sweep } = arm;
  if (sweep === undefined) return [];
  const faults = sweep.flatMap((axis, i) => axisFaults(arm, axis, sweep, `${at}.sweep[${i}]`));
  const points = pointCount(arm);
  if (points * arm.seeds.length > MAX_SWEPT_RUNS) {
    faults.push(tooMany(`${at}.sweep`, points, arm.seeds.length));
  }
  if (faults.length > 0) return faults;
  const found = new Map<string, InputFault>();
  for (const point of pointsOf(arm)) {
    for (const fault of faultsOf(armAtPoint(arm, point))) {
      const named = pointFault(point, fault, sweep, `${at}.sweep`);
      found.set(canonicalJson(named), named);
    }
  }
  const named = [...found.values()];
  if (named.length <= MAX_NAMED_FAULTS) return named;
  return [
    ...named.slice(0, MAX_NAMED_FAULTS),
    {
      path: `${at}.sweep`,
      value: `${named.length - MAX_NAMED_FAULTS} further faults like these`,
      expected: 'none',
    },
  ];
}

function tooMany(path: string, points: number, seeds: number): InputFault {
  const runs = (points * seeds).toLocaleString('en-US');
  const product = `${points.toLocaleString('en-US')} points × ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`;
  return {
    path,
    value: `${product} = ${runs} runs`,
    expected: `at most ${MAX_SWEPT_RUNS.toLocaleString('en-US')} runs`,
  };
}

/** Runs of all arms together, where one of them sweeps. */
export function runCountFaults(study: Study): InputFault[] {
  const runs = runCount(study);
  if (runs <= MAX_SWEPT_RUNS || study.arms.every((arm) => arm.sweep === undefined)) return [];
  return [
    {
      path: 'arms',
      value: `${runs.toLocaleString('en-US')} runs in all`,
      expected: `at most ${MAX_SWEPT_RUNS.toLocaleString('en-US')} runs in a study with sweeps`,
    },
  ];
}

function axisFaults(arm: Arm, axis: SweepAxis, sweep: readonly SweepAxis[], at: string): InputFault[] {
  const fault = (path: string, value: unknown, expected: string): InputFault => ({
    path: `${at}.${path}`,
    value: printValue(value),
    expected,
  });
  if (axis.path === 'model.kind') {
    return [fault('path', axis.path, 'a setting of one model: another kind of model is an arm of its own')];
  }
  if (sweep.filter((other) => other.path === axis.path).length > 1) {
    return [fault('path', axis.path, 'a setting that no other axis of this sweep has')];
  }
  const keys = parsePath(axis.path);
  if (!canBeSet(arm, keys)) {
    return [fault('path', axis.path, `a setting that the arm "${arm.id}" has`)];
  }
  const texts = axis.values.map((value) => canonicalJson(value));
  return axis.values.flatMap((value, i) =>
    texts.indexOf(texts[i] as string) === i ? [] : [fault(`values[${i}]`, value, 'each value once')],
  );
}

/** A fault of the arm at a point, told where the user can mend it: at the value of the axis that makes it. */
function pointFault(
  point: SweepPoint,
  fault: InputFault,
  sweep: readonly SweepAxis[],
  at: string,
): InputFault {
  const own = sweep.findIndex((axis) => axis.path === fault.path);
  const axis = sweep.length === 1 ? 0 : own;
  if (axis < 0) {
    return { path: at, value: pointWords(point), expected: `points at which ${said(fault)}` };
  }
  const { path, values } = sweep[axis] as SweepAxis;
  const value = point[path] as SweepValue;
  return {
    path: `${at}[${axis}].values[${values.indexOf(value)}]`,
    value: printValue(value),
    expected: own >= 0 ? `for ${path} ${fault.expected}` : `a value of ${path} at which ${said(fault)}`,
  };
}

function said({ path, value, expected }: InputFault): string {
  return `${path} (${value}) is ${expected}`;
}

/** Whether a value can be put there without making up what holds it: a list has the place, an object may lack the key. */
function canBeSet(arm: Arm, keys: readonly Key[]): boolean {
  let holder: unknown = arm;
  for (const [depth, key] of keys.entries()) {
    if (!isContainer(holder) || Array.isArray(holder) !== (typeof key === 'number')) return false;
    if (!Object.hasOwn(holder, key)) return depth === keys.length - 1 && typeof key === 'string';
    holder = holder[key];
  }
  return true;
}
