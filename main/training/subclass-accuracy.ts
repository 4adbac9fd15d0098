/**
 * Test accuracy of parts of the test set, where a dataset says which subclass each example belongs to: the delay lives
 * in the subclasses that are rare in training (Carvalho et al. 2025), or differs between tasks (Li et al. 2025). Subclasses
 * without a test example have none.
 */
import type { MetricColumn } from '../../shared/run.ts';
import type { Dataset } from '../datasets/dataset.ts';

export interface SubclassGroup {
  column: MetricColumn;
  /** Rows of the test set. */
  rows: Int32Array;
}

/** Up to this many subclasses have a column each; more are put together by how often they occur in training. */
const MOST_COLUMNS = 10;

export function subclassGroups(dataset: Dataset): SubclassGroup[] {
  if (dataset.kind === 'regression' || dataset.subclassNames === undefined) return [];
  const { subclassNames: names, train, test } = dataset;
  const [trained, tested] = [train.subclasses, test.subclasses];
  if (trained === undefined || tested === undefined) return [];
  const counts = names.map((_, s) => trained.reduce((sum, one) => sum + (one === s ? 1 : 0), 0));
  if (names.length <= MOST_COLUMNS) {
    return names
      .map((name, s) =>
        group(`subclass:${s}`, `${name} (${inTraining(counts[s] as number)})`, tested, (one) => one === s),
      )
      .filter(({ rows }) => rows.length > 0);
  }
  const levels = [...new Set(counts)].sort((a, b) => a - b);
  const merged = levels.length <= MOST_COLUMNS ? levels : [levels[0] as number, levels.at(-1) as number];
  return merged.map((level) => {
    const size = counts.filter((count) => count === level).length;
    const label = `${size} ${size === 1 ? 'subclass' : 'subclasses'} of ${names.length} (${inTraining(level)}${level === 0 ? '' : ' each'})`;
    return group(`subclasses:${level}`, label, tested, (one) => counts[one] === level);
  });
}

function inTraining(count: number): string {
  return count === 0 ? 'not in training' : `${count} in training`;
}

function group(
  name: string,
  of: string,
  tested: Int32Array,
  belongs: (subclass: number) => boolean,
): SubclassGroup {
  const rows = Int32Array.from(tested.keys()).filter((row) => belongs(tested[row] as number));
  const label = `test accuracy on ${of}`;
  return {
    column: { name, label, quantity: 'subclass accuracy', unit: '', split: 'test', direction: 'higher' },
    rows,
  };
}

/** Share of hits among these rows. @param offset where the test set starts among `hits` */
export function accuracyOn({ rows }: SubclassGroup, hits: ArrayLike<number>, offset: number): number {
  return rows.reduce((sum, row) => sum + (hits[offset + row] as number), 0) / rows.length;
}
