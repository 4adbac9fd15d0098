/**
 * How groups of one family, and so of one colour, are told apart. The points of a sweep lie on a ramp of the colour, in the
 * order of their values, and carry symbols; arms without one differ in their shade and their symbol.
 */
import type { Family } from '../model-spec.ts';
import { axisName, pointKey, type SweepPoint, type SweepValue } from '../sweep.ts';
import { armVariant, familyColors, measureSymbol, type Look, type Variant } from './palette.ts';

/** What a group's look depends on. */
interface Told {
  family: Family;
  armKey: string;
  point: SweepPoint;
}

/** A setting that an arm's groups differ in, and its values: numbers by size, others as they come. */
interface Ramp {
  path: string;
  values: SweepValue[];
}

/** A variant per group. Groups of one arm that differ in the setting of its ramp alone make a row, which has one symbol. */
export function variantsOf(groups: readonly Told[]): Variant[] {
  const ramps = new Map<string, Ramp | null>();
  const rows = new Map<Family, string[]>();
  for (const { family, armKey, point } of groups) {
    if (!ramps.has(armKey)) ramps.set(armKey, rampOf(groups.filter((other) => other.armKey === armKey)));
    const known = rows.get(family) ?? [];
    const row = rowKey(armKey, point, ramps.get(armKey) ?? null);
    if (!known.includes(row)) known.push(row);
    rows.set(family, known);
  }
  return groups.map(({ family, armKey, point }) => {
    const ramp = ramps.get(armKey) ?? null;
    const known = rows.get(family) ?? [];
    const row = known.indexOf(rowKey(armKey, point, ramp));
    if (ramp === null) return armVariant(row);
    const rank = ramp.values.indexOf(point[ramp.path] as SweepValue);
    return {
      shade: 0,
      ramp: { tone: rank / (ramp.values.length - 1), path: ramp.path },
      // Where nothing else needs the symbols, they tell the values apart a second time.
      symbol: measureSymbol(known.length === 1 ? rank : row),
    };
  });
}

/** The numeric setting with the most values, else any with the most; null where the groups differ in nothing. */
function rampOf(groups: readonly Told[]): Ramp | null {
  const paths = Object.keys(groups[0]?.point ?? {}).toSorted();
  const ramps = paths.map((path): Ramp => ({ path, values: valuesOf(groups, path) }));
  const isEverywhere = ({ path }: Ramp): boolean => groups.every(({ point }) => path in point);
  const varied = ramps.filter((ramp) => ramp.values.length > 1 && isEverywhere(ramp));
  const numeric = varied.filter(({ values }) => areNumbers(values));
  const offers = numeric.length > 0 ? numeric : varied;
  return offers.toSorted((a, b) => b.values.length - a.values.length)[0] ?? null;
}

function valuesOf(groups: readonly Told[], path: string): SweepValue[] {
  const values = [...new Set(groups.flatMap(({ point }) => point[path] ?? []))];
  return areNumbers(values) ? values.toSorted((a, b) => a - b) : values;
}

function areNumbers(values: readonly SweepValue[]): values is number[] {
  return values.every((value) => typeof value === 'number');
}

function rowKey(armKey: string, point: SweepPoint, ramp: { path: string } | null): string {
  const rest = Object.entries(point).filter(([path]) => path !== ramp?.path);
  return `${armKey} ${pointKey(Object.fromEntries(rest))}`;
}

/** A group's colour on any theme. */
export function lookOf({ family, variant }: { family: Family; variant: Variant }): Look {
  const { shade, ramp } = variant;
  return { color: familyColors[family], shade, ...(ramp === undefined ? {} : { tone: ramp.tone }) };
}

/** Groups of one row differ by their tone alone. */
export function rowOf({ armKey, point, variant }: Told & { variant: Variant }): string {
  return rowKey(armKey, point, variant.ramp ?? null);
}

/**
 * Groups as a legend lists them: those that differ by their tone alone together, by their tone.
 * @param within what comes before the tone among those
 */
export function inLegendOrder<T extends Told & { variant: Variant }>(
  groups: readonly T[],
  within: (a: T, b: T) => number = () => 0,
): T[] {
  const keys = new Map(groups.map((group) => [group, rowOf(group)]));
  const rows = [...new Set(keys.values())];
  const placeOf = (group: T): number => rows.indexOf(keys.get(group) as string);
  const toneOf = ({ variant }: T): number => variant.ramp?.tone ?? 0;
  return groups.toSorted((a, b) => placeOf(a) - placeOf(b) || within(a, b) || toneOf(a) - toneOf(b));
}

/** "Contrast rises with learningRate: 0.001, 0.002, 0.004." for each setting by which the groups are toned. */
export function rampWords(groups: readonly (Told & { variant: Variant })[]): string[] {
  const paths = new Set(groups.flatMap(({ variant }) => variant.ramp?.path ?? []));
  return [...paths].flatMap((path) => {
    const toned = groups.filter(({ variant }) => variant.ramp?.path === path);
    const values = valuesOf(toned, path);
    if (values.length < 2) return [];
    const verb = areNumbers(values) ? 'rises with' : 'tells apart';
    return [`Contrast ${verb} ${axisName(path)}: ${values.join(', ')}.`];
  });
}
