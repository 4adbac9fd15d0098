/**
 * The curves of a comparison: overviews of runs that have ended, whole curves of those that go on or where every point is
 * asked for.
 */
import { untrack } from 'svelte';
import type { LatebloomError } from '../../shared/errors.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { Entry } from '../../shared/charts/groups.ts';
import type { CurveStore } from './curves.svelte.ts';
import {
  byQuantity,
  heldEntry,
  nothingHeld,
  planHeld,
  withOverviews,
  type HeldRuns,
  type Wanted,
} from './held.ts';
import type { OverviewStore } from './overviews.ts';
import { asLatebloomError } from './task.svelte.ts';

/** Overviews that are read at once; stored ones come in milliseconds, others are made one by one. */
const READ_AT_ONCE = 24;
/** Milliseconds between two drawings of what has been read so far. */
const DRAW_EVERY = 700;

export class ComparedCurves {
  readonly #curves: CurveStore;
  readonly #overviews: OverviewStore;
  /** Whether something that is wanted has not been read yet. */
  reading = $state(false);
  #problem = $state.raw<LatebloomError | null>(null);
  #held = $state.raw<HeldRuns>(nothingHeld);
  #wanted = 0;

  constructor(curves: CurveStore, overviews: OverviewStore) {
    this.#curves = curves;
    this.#overviews = overviews;
  }

  /** Reads what is missing and lets go of what is not wanted any more. */
  async want(wanted: Wanted): Promise<void> {
    const asked = ++this.#wanted;
    const before = untrack(() => this.#held);
    const plan = planHeld(before, wanted, (runId) => this.#curves.watch(runId));
    for (const runId of plan.gone) this.#curves.release(runId);
    const { missing } = plan;
    let { held } = plan;
    this.#held = held;
    this.reading = missing.length > 0;
    let drawnAt = performance.now();
    try {
      for (let from = 0; from < missing.length; from += READ_AT_ONCE) {
        const slices = byQuantity(missing.slice(from, from + READ_AT_ONCE));
        const read = await Promise.all(slices.map((slice) => this.#overviews.read(slice)));
        if (asked !== this.#wanted) return;
        held = withOverviews(held, read.flat());
        const isLast = from + READ_AT_ONCE >= missing.length;
        if (!isLast && performance.now() - drawnAt < DRAW_EVERY) continue;
        this.#held = held;
        drawnAt = performance.now();
      }
      this.#problem = null;
    } catch (error) {
      if (asked === this.#wanted) this.#problem = asLatebloomError(error);
    }
    if (asked === this.#wanted) this.reading = false;
  }

  /** Lets go of everything. */
  release(): void {
    this.#wanted += 1;
    for (const [id, { watched }] of untrack(() => this.#held)) {
      if (watched !== null) this.#curves.release(id);
    }
    this.#held = nothingHeld;
  }

  /** The runs whose curves have been read: those of one quantity where they are, else of another one. */
  entries(runs: readonly RunRecord[], quantity: string | null): Entry[] {
    return runs.flatMap((run) => heldEntry(this.#held.get(run.id), run, quantity) ?? []);
  }

  /** Why a curve cannot be read; null while all can. */
  get problem(): LatebloomError | null {
    for (const { watched } of this.#held.values()) {
      if (watched !== null && watched.problem !== null) return watched.problem;
    }
    return this.#problem;
  }
}
