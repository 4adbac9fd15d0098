/** Fit and generalization steps as marks on a chart. */
import { axisValues, type AxisKind } from '../axis.ts';
import { thresholdColumns, type CrossingEvent } from '../delay.ts';
import { formatEvent } from '../format.ts';
import { endedStatuses } from '../run.ts';
import type { FigureMark, MarkSymbol, Origin } from './figure.ts';
import type { ArmEntry, ArmGroup } from './groups.ts';
import { lookOf } from './variants.ts';

export interface EventOptions {
  quantity: string;
  axis: AxisKind;
  train: boolean;
  test: boolean;
}

/** Row of an effort in strictly increasing efforts, or −1. */
export function rowOfEffort(efforts: Float64Array, effort: number): number {
  let low = 0;
  let high = efforts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = efforts[middle] as number;
    if (value === effort) return middle;
    if (value < effort) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Where an event lies: its row, its x on the chosen axis; null where the run has no place on that axis. */
export function placeEvent(
  entry: ArmEntry,
  event: CrossingEvent,
  axis: AxisKind,
): { row: number; x: number; xUnit: string } | null {
  const { run, curve } = entry;
  if (event.kind === 'unknown') return null;
  const values = axisValues(run, curve, axis, entry.row.result);
  const efforts = curve.columns['effort'];
  if (!('x' in values) || efforts === undefined) return null;
  const row = rowOfEffort(efforts, event.kind === 'observed' ? event.effort : event.at);
  return row < 0 ? null : { row, x: values.x[row] as number, xUnit: values.label };
}

/** An event that has not happened counts as censored once its run has ended, not while it goes on. */
export function isDrawn(entry: ArmEntry, event: CrossingEvent): boolean {
  if (event.kind === 'unknown') return false;
  return event.kind === 'observed' || endedStatuses.includes(entry.run.status);
}

/** Marks on the curves of the thresholds' metric; none where another quantity is shown. */
export function eventMarks(group: ArmGroup, options: EventOptions): FigureMark[] {
  return group.entries.flatMap((entry) => {
    const { thresholds } = entry.run.arm;
    const names = thresholdColumns(thresholds);
    const { fit, generalization } = entry.row.result;
    const marks: FigureMark[] = [];
    const add = (name: string, event: CrossingEvent, observed: MarkSymbol, word: string): void => {
      const column = entry.run.columns.find((one) => one.name === name);
      if (column?.quantity !== options.quantity || !isDrawn(entry, event)) return;
      const place = placeEvent(entry, event, options.axis);
      if (place === null) return;
      const origin: Origin = {
        arm: group.label,
        seed: entry.run.seed,
        column: name,
        statistic: event.kind === 'observed' ? word : `${word}, censored`,
        xUnit: place.xUnit,
      };
      marks.push({
        key: `${entry.run.id} ${word}`,
        label: `${group.label}, seed ${entry.run.seed}: ${word} ${formatEvent(event)}`,
        origin,
        ...lookOf(group),
        symbol: event.kind === 'observed' ? observed : 'censored',
        x: place.x,
        y: entry.curve.columns[name]?.[place.row] ?? NaN,
      });
    };
    if (options.train) add(names.train, fit, 'fit', 'fit step');
    if (options.test) add(names.test, generalization, 'generalization', 'generalization step');
    const failed = failureMark(group, entry, options);
    return failed === null ? marks : [...marks, failed];
  });
}

/** A cross where a failed run ended. */
function failureMark(group: ArmGroup, entry: ArmEntry, options: EventOptions): FigureMark | null {
  if (entry.run.status !== 'failed' || entry.curve.length === 0) return null;
  const split = options.test ? 'test' : 'train';
  const column = entry.run.columns.find((one) => one.quantity === options.quantity && one.split === split);
  const last = { kind: 'censored', at: entry.curve.columns['effort']?.at(-1) ?? 0 } as const;
  const place = placeEvent(entry, last, options.axis);
  const values = column === undefined ? undefined : entry.curve.columns[column.name];
  if (column === undefined || values === undefined || place === null) return null;
  const row = values.findLastIndex(Number.isFinite);
  return {
    key: `${entry.run.id} failed`,
    label: `${group.label}, seed ${entry.run.seed}: failed. ${entry.run.error?.message ?? ''}`.trim(),
    origin: {
      arm: group.label,
      seed: entry.run.seed,
      column: column.name,
      statistic: 'failed',
      xUnit: place.xUnit,
    },
    ...lookOf(group),
    symbol: 'failed',
    x: place.x,
    y: row < 0 ? NaN : (values[row] as number),
  };
}
