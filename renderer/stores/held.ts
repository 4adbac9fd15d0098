/** What a comparison holds of each run, and what it has to read for it. */
import { overviewCurve, type Overview } from '../../shared/overview.ts';
import { endedStatuses, type RunCurve, type RunRecord } from '../../shared/run.ts';
import type { Entry } from '../../shared/charts/groups.ts';
import type { WatchedCurve } from './curves.svelte.ts';
import type { WantedOverview } from './overviews.ts';

export interface Wanted {
  runs: readonly RunRecord[];
  /** The quantities that are drawn. */
  quantities: readonly string[];
  /** Whether every recorded point is wanted, of ended runs too. */
  everyPoint: boolean;
}

/** What is drawn of a run: its whole curve, or overviews by quantity. */
export interface Held {
  watched: WatchedCurve | null;
  overviews: ReadonlyMap<string, { overview: Overview; curve: RunCurve }>;
  /** Of a run that ended before its first row: it has a place in every table. */
  empty: RunCurve | null;
}

export type HeldRuns = ReadonlyMap<string, Held>;

export const nothingHeld: HeldRuns = new Map();

export interface HeldPlan {
  held: HeldRuns;
  /** Overviews that are not held yet. */
  missing: WantedOverview[];
  /** Runs whose curves were watched and are not wanted any more. */
  gone: string[];
}

/**
 * What is held from now on. A run that goes on is watched; one that ends while it is watched stays as it is drawn, and an
 * overview that was made of another number of batches is read again.
 */
export function planHeld(
  before: HeldRuns,
  { runs, quantities, everyPoint }: Wanted,
  watch: (runId: string) => WatchedCurve,
): HeldPlan {
  const held = new Map<string, Held>();
  const missing: WantedOverview[] = [];
  for (const run of runs) {
    const known = before.get(run.id);
    if (known !== undefined && known.watched !== null) {
      held.set(run.id, known);
    } else if (everyPoint || !endedStatuses.includes(run.status)) {
      held.set(run.id, { watched: watch(run.id), overviews: new Map(), empty: null });
    } else {
      const own = [...(known?.overviews ?? [])].filter(
        ([, { overview }]) => overview.batches === run.batches,
      );
      const empty = run.batches > 0 ? null : (known?.empty ?? { runId: run.id, length: 0, columns: {} });
      held.set(run.id, { watched: null, overviews: new Map(own), empty });
      for (const quantity of quantitiesToRead(run, quantities)) {
        if (!own.some(([name]) => name === quantity)) missing.push({ run, quantity });
      }
    }
  }
  const gone = [...before].flatMap(([id, { watched }]) => (watched === null || held.has(id) ? [] : [id]));
  return { held, missing, gone };
}

/** With overviews that have been read; those of runs that are not held are left out. */
export function withOverviews(held: HeldRuns, read: readonly Overview[]): HeldRuns {
  const next = new Map(held);
  for (const overview of read) {
    const known = next.get(overview.runId);
    if (known === undefined) continue;
    const one = { overview, curve: overviewCurve(overview) };
    next.set(overview.runId, {
      ...known,
      overviews: new Map([...known.overviews, [overview.quantity, one]]),
    });
  }
  return next;
}

/** One list per quantity: a run may be wanted for several, and a reading is of one each. */
export function byQuantity(wanted: readonly WantedOverview[]): WantedOverview[][] {
  const lists = new Map<string, WantedOverview[]>();
  for (const one of wanted) {
    const known = lists.get(one.quantity);
    if (known === undefined) lists.set(one.quantity, [one]);
    else known.push(one);
  }
  return [...lists.values()];
}

/** The run as charts take it: its curve of one quantity where that is held, else of another one; null where none is. */
export function heldEntry(held: Held | undefined, run: RunRecord, quantity: string | null): Entry | null {
  if (held === undefined) return null;
  if (held.watched !== null) return held.watched.curve === null ? null : { run, curve: held.watched.curve };
  const asked = quantity === null ? undefined : held.overviews.get(quantity);
  const one = asked ?? [...held.overviews.values()][0];
  if (one !== undefined) {
    const { analysed, recorded } = one.overview;
    return { run, curve: one.curve, analysed, recorded };
  }
  return held.empty === null ? null : { run, curve: held.empty };
}

/** The wanted quantities that the run records; where it records none of them, one that its table of delays comes with. */
export function quantitiesToRead({ columns, arm, batches }: RunRecord, wanted: readonly string[]): string[] {
  if (batches === 0) return [];
  const recorded = columns.map(({ quantity }) => quantity);
  const own = wanted.filter((quantity) => recorded.includes(quantity));
  if (own.length > 0) return own;
  const { metric } = arm.thresholds;
  return recorded.includes(metric) ? [metric] : recorded.slice(0, 1);
}
