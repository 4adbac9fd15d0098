/** What a sweep is looked at for, and how a run or an arm says it. */
import type { Duration } from '../delay.ts';
import { eventDuration } from '../delay-table.ts';
import { formatEffort, formatRatio } from '../format.ts';
import type { ArmEntry } from './groups.ts';

export const sweepQuantities = {
  delay: 'delay',
  fitStep: 'fit step',
  generalizationStep: 'generalization step',
  delayRatio: 'delay ratio',
  sharpness: 'sharpness',
} as const;
export type SweepQuantity = keyof typeof sweepQuantities;

export function durationOf({ row: { result } }: Pick<ArmEntry, 'row'>, quantity: SweepQuantity): Duration {
  switch (quantity) {
    case 'delay':
      return result.delay;
    case 'delayRatio':
      return result.delayRatio;
    case 'sharpness':
      return result.sharpness;
    case 'fitStep':
      return eventDuration(result.fit);
    case 'generalizationStep':
      return eventDuration(result.generalization);
  }
}

export function printQuantity(quantity: SweepQuantity): (value: number) => string {
  return quantity === 'delayRatio' ? formatRatio : formatEffort;
}
