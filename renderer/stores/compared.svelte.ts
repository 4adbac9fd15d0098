/* eslint-disable svelte/prefer-svelte-reactivity -- maps are replaced whole, which `$state.raw` sees; none is changed in sight. */
/**
 * The curves of a comparison: overviews of runs that have ended, whole curves of those that go on or where every point is
 * asked for. A run that ends while it is watched stays as it is drawn.
 */
import { untrack } from 'svelte';
import { overviewCurve, type Overview } from '../../shared/overview.ts';
import { endedStatuses, type RunCurve, type RunRecord } from '../../shared/run.ts';
import type { LatebloomError } from '../../shared/errors.ts';
import type { Entry } from '../../shared/charts/groups.ts';
import type { CurveStore, WatchedCurve } from './curves.svelte.ts';
import type { OverviewStore, WantedOverview } from './overviews.ts';
import { asLatebloomError } from './task.svelte.ts';

export interface Wanted {
  runs: readonly RunRecord[];
  /** The quantities that are drawn. */
  quantities: readonly string[];
  /** Whether every recorded point is wanted, of ended runs too. */
  everyPoint: boolean;
}

/** What is drawn of a run, by quantity. */
interface Held {
  watched: WatchedCurve | null;
  overviews: ReadonlyMap<string, { overview: Overview; curve: RunCurve }>;
  /** Of a run that ended before its first row: it has a place in every table. */
  empty: RunCurve | null;
}

/** Overviews that are read at once; stored ones come in milliseconds, others are made one by one. */
const READ_AT_ONCE = 24;
/** Milliseconds between two drawings of what has been read so far. */
const DRAW_EVERY = 700;

export class ComparedCurves {
  readonly #curves: CurveStore;
  readonly #overviews: OverviewStore;
  problem = $state.raw<LatebloomError | null>(null);
  /** Whether something that is wanted has not been read yet. */
  reading = $state(false);
  #held = $state.raw<ReadonlyMap<string, Held>>(new Map());
  #wanted = 0;

  constructor(curves: CurveStore, overviews: OverviewStore) {
    this.#curves = curves;
    this.#overviews = overviews;
  }

  /** Reads what is missing and lets go of what is not wanted any more. */
  async want({ runs, quantities, everyPoint }: Wanted): Promise<void> {
    const asked = ++this.#wanted;
    const before = untrack(() => this.#held);
    const ids = new Set(runs.map(({ id }) => id));
    for (const [id, { watched }] of before) if (!ids.has(id) && watched !== null) this.#curves.release(id);
    const held = new Map<string, Held>();
    const missing: WantedOverview[] = [];
    for (const run of runs) {
      const known = before.get(run.id);
      const whole = everyPoint || !endedStatuses.includes(run.status);
      if (known !== undefined && known.watched !== null) {
        held.set(run.id, known);
      } else if (whole) {
        held.set(run.id, { watched: this.#curves.watch(run.id), overviews: new Map(), empty: null });
      } else {
        const own = new Map(
          [...(known?.overviews ?? [])].filter(([, { overview }]) => overview.batches === run.batches),
        );
        const empty = run.batches > 0 ? null : (known?.empty ?? { runId: run.id, length: 0, columns: {} });
        held.set(run.id, { watched: null, overviews: own, empty });
        for (const quantity of quantitiesToRead(run, quantities)) {
          if (!own.has(quantity)) missing.push({ run, quantity });
        }
      }
    }
    this.#held = held;
    this.reading = missing.length > 0;
    let drawnAt = performance.now();
    try {
      for (let from = 0; from < missing.length; from += READ_AT_ONCE) {
        const read = await this.#read(missing.slice(from, from + READ_AT_ONCE));
        if (asked !== this.#wanted) return;
        for (const overview of read) {
          const known = held.get(overview.runId);
          if (known === undefined) continue;
          const one = { overview, curve: overviewCurve(overview) };
          const overviews = new Map([...known.overviews, [overview.quantity, one]]);
          held.set(overview.runId, { ...known, overviews });
        }
        const isLast = from + READ_AT_ONCE >= missing.length;
        if (!isLast && performance.now() - drawnAt < DRAW_EVERY) continue;
        this.#held = new Map(held);
        drawnAt = performance.now();
      }
      this.problem = null;
    } catch (error) {
      if (asked === this.#wanted) this.problem = asLatebloomError(error);
    }
    if (asked === this.#wanted) this.reading = false;
  }

  /** One reading per quantity: a run may be wanted for several. */
  async #read(wanted: readonly WantedOverview[]): Promise<Overview[]> {
    const quantities = [...new Set(wanted.map(({ quantity }) => quantity))];
    const read = quantities.map((quantity) =>
      this.#overviews.read(wanted.filter((one) => one.quantity === quantity)),
    );
    return (await Promise.all(read)).flat();
  }

  /** Lets go of everything. */
  release(): void {
    this.#wanted += 1;
    for (const [id, { watched }] of untrack(() => this.#held)) {
      if (watched !== null) this.#curves.release(id);
    }
    this.#held = new Map();
  }

  /** The runs whose curves have been read: those of one quantity where they are, else of another one. */
  entries(runs: readonly RunRecord[], quantity: string | null): Entry[] {
    return runs.flatMap((run): Entry[] => {
      const held = this.#held.get(run.id);
      if (held === undefined) return [];
      if (held.watched !== null) {
        const { curve } = held.watched;
        return curve === null ? [] : [{ run, curve }];
      }
      const one =
        (quantity === null ? undefined : held.overviews.get(quantity)) ?? [...held.overviews.values()][0];
      if (one !== undefined) {
        const { analysed, recorded } = one.overview;
        return [{ run, curve: one.curve, analysed, recorded }];
      }
      return held.empty !== null ? [{ run, curve: held.empty }] : [];
    });
  }

  /** Why a curve that is watched cannot be read; null while all can. */
  get curveProblem(): LatebloomError | null {
    for (const { watched } of this.#held.values()) {
      if (watched !== null && watched.problem !== null) return watched.problem;
    }
    return this.problem;
  }
}

/** The wanted quantities that the run records; where it records none of them, one that its table of delays comes with. */
export function quantitiesToRead({ columns, arm, batches }: RunRecord, wanted: readonly string[]): string[] {
  if (batches === 0) return [];
  const recorded = new Set(columns.map(({ quantity }) => quantity));
  const own = wanted.filter((quantity) => recorded.has(quantity));
  if (own.length > 0) return own;
  const { metric } = arm.thresholds;
  return recorded.has(metric) ? [metric] : [...recorded].slice(0, 1);
}
