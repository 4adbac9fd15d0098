/** Sentences that stand in for a picture: what a screen reader says for a chart. */
import type { MedianResult } from '../aggregate.ts';
import { axisTitles, type AxisKind } from '../axis.ts';
import { formatEffort, formatMedian, formatRatio } from '../format.ts';
import { seedsInWords, type ArmGroup } from './groups.ts';

/** Arms that a description names one by one. */
const MOST_DESCRIBED = 8;

/** "Accuracy against optimizer steps. Net: 5 seeds; fits at 680 and generalizes at 41,200 …" */
export function describeCurves(
  groups: readonly ArmGroup[],
  shown: { quantity: string; axis: AxisKind; train: boolean; test: boolean },
): string {
  const splits = shown.train && shown.test ? 'train and test' : shown.train ? 'train' : 'test';
  const name = ['accuracy', 'loss'].includes(shown.quantity) ? `${splits} ${shown.quantity}` : shown.quantity;
  const against = shown.axis === 'effort' ? 'effort' : axisTitles[shown.axis];
  const rest = groups.length - MOST_DESCRIBED;
  return [
    `${capital(name)} against ${against}.`,
    ...groups.slice(0, MOST_DESCRIBED).map(describeArm),
    ...(rest > 0 ? [`${rest} more in the table of delays.`] : []),
  ].join(' ');
}

/** One arm's delays in a sentence. */
export function describeArm(group: ArmGroup): string {
  const { row } = group;
  const start = `${group.label}: ${seedsInWords(group)}`;
  if (row.n === 0) return `${start}, no rows recorded yet.`;
  const median = row.n > 1 ? ' (medians)' : '';
  const ratio =
    row.delayRatio.kind === 'no-data' ? '' : `, delay ratio ${formatMedian(row.delayRatio, formatRatio)}`;
  return (
    `${start}; fit step ${step(row.fitStep, row.n)}, generalization step ${step(row.generalizationStep, row.n)} ` +
    `${group.effortUnit}s${median}${ratio}; ${row.generalized} of ${row.n} generalized${unfinished(group)}.`
  );
}

function step(median: MedianResult, n: number): string {
  return median.kind === 'not-reached' && n === 1
    ? `not within ${formatEffort(median.atLeast)}`
    : formatMedian(median);
}

function unfinished({ row }: ArmGroup): string {
  const open = row.unfinished + row.waiting;
  return open === 0 ? '' : ` so far, ${open} not finished`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
