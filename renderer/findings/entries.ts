/** Runs as figures in notes take them: by the overviews that a report and a bundle draw, too, so that their points agree. */
import type { Entry } from '../../shared/charts/groups.ts';
import { overviewCurve, overviewOf } from '../../shared/overview.ts';
import type { RunCurve, RunRecord } from '../../shared/run.ts';

/** Overviews of curves that stand still are made once. */
const made = new WeakMap<RunCurve, Map<string, Pick<Entry, 'curve' | 'recorded' | 'analysed'>>>();

export function overviewEntries(
  entries: readonly { run: RunRecord; curve: RunCurve }[],
  quantity: string,
): Entry[] {
  return entries.map(({ run, curve }) => {
    const known = made.get(curve) ?? new Map<string, Pick<Entry, 'curve' | 'recorded' | 'analysed'>>();
    made.set(curve, known);
    const found = known.get(quantity) ?? overviewEntry(run, curve, quantity);
    known.set(quantity, found);
    return { run, ...found };
  });
}

function overviewEntry(
  run: RunRecord,
  curve: RunCurve,
  quantity: string,
): Pick<Entry, 'curve' | 'recorded' | 'analysed'> {
  const overview = overviewOf(run, curve, run.batches, quantity);
  return { curve: overviewCurve(overview), recorded: overview.recorded, analysed: overview.analysed };
}
