/** What stands over the scrubber. */
import { axisFraction } from '../charts/cursor.ts';
import { logSafe } from '../../shared/axis.ts';
import { familyColors } from '../../shared/charts/palette.ts';
import type { FilmRun } from './film-run.ts';
import type { MeasureEvent } from './measure-events.ts';
import type { Timeline } from './timeline.ts';

export interface Mark {
  key: string;
  /** From 0 to 1. */
  place: number;
  kind: 'fit' | 'generalization' | 'measure' | 'snapshot';
  color: string;
  /** Number of the run. */
  run: number;
}

/** @param units efforts in one unit of the timeline, per run */
export function marksOf(
  films: readonly FilmRun[],
  events: readonly (readonly MeasureEvent[])[],
  timeline: Timeline,
  units: readonly number[],
): Mark[] {
  const placeOf = placer(timeline);
  return films.flatMap((film, run) => {
    const color = familyColors[film.run.family];
    const mark = (kind: Mark['kind'], name: string, effort: number): Mark => ({
      key: `${run} ${kind} ${name}`,
      place: placeOf(effort / (units[run] ?? 1)),
      kind,
      color,
      run,
    });
    const { fit, generalization } = film.delay;
    const snapshots = film.films[0]?.efforts ?? new Float64Array();
    return [
      ...Array.from(snapshots, (effort) => mark('snapshot', String(effort), effort)),
      ...(events[run] ?? []).map(({ key, effort }) => mark('measure', key, effort)),
      ...(fit.kind === 'observed' ? [mark('fit', '', fit.effort)] : []),
      ...(generalization.kind === 'observed' ? [mark('generalization', '', generalization.effort)] : []),
    ];
  });
}

/** Places of values as the timeline has them, 0 included. */
function placer({ values }: Timeline): (value: number) => number {
  const { x } = logSafe(values);
  const range: [number, number] = [Math.log10(x[0] ?? 1), Math.log10(x.at(-1) ?? 1)];
  if (range[0] === range[1]) return () => 0;
  return (value) => (value <= 0 ? 0 : axisFraction(value, range, 'log'));
}
