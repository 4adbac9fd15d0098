/** How numbers, events and durations read in tables: the same words in the terminal, the window and a bundle. */
import type { MedianResult } from './aggregate.ts';
import type { CrossingEvent, Duration } from './delay.ts';

/** Stands for a value that does not exist. */
export const NO_VALUE = '—';

// Made once: `toLocaleString` with options makes one anew for every number, and a comparison prints hundreds.
const efforts = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const ratios = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

/** An effort or a difference of efforts: "1,500". Efforts are whole; medians of them may end in .5. */
export function formatEffort(value: number): string {
  return efforts.format(value);
}

/** A ratio with three significant digits: "27.4". */
export function formatRatio(value: number): string {
  return ratios.format(value);
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in decimal units: "3.2 MB". */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString('en-US', { maximumSignificantDigits: 3 })} ${byteUnits[power] as string}`;
}

/** "680"; "not within 1,500" where the event was not seen; "unknown" where the run does not record the metric. */
export function formatEvent(event: CrossingEvent): string {
  switch (event.kind) {
    case 'observed':
      return formatEffort(event.effort);
    case 'censored':
      return `not within ${formatEffort(event.at)}`;
    case 'unknown':
      return 'unknown';
  }
}

/** "820"; "> 820" for a censored duration; "—" for one that does not exist. */
export function formatDuration(duration: Duration, print: (value: number) => string = formatEffort): string {
  switch (duration.kind) {
    case 'observed':
      return print(duration.value);
    case 'censored':
      return `> ${print(duration.atLeast)}`;
    case 'undefined':
      return NO_VALUE;
  }
}

/** "680"; "≥ 1,500" for a median that the censored runs leave open; "—" without data. */
export function formatMedian(median: MedianResult, print: (value: number) => string = formatEffort): string {
  switch (median.kind) {
    case 'observed':
      return print(median.value);
    case 'not-reached':
      return `≥ ${print(median.atLeast)}`;
    case 'no-data':
      return NO_VALUE;
  }
}

/**
 * "95 % interval 640 to 710", an open side said. Where the method gives neither side, as it does when the runs tie,
 * that is said; empty where there is no median, or one of a single run.
 */
export function formatInterval(
  median: MedianResult,
  print: (value: number) => string = formatEffort,
): string {
  if (median.kind !== 'observed' || median.n === 1) return '';
  if (median.low === null && median.high === null) {
    return median.censored === 0 ? 'no 95 % interval: the runs tie' : 'no 95 % interval: too few events';
  }
  const low = median.low === null ? 'open' : print(median.low);
  const high = median.high === null ? 'open' : print(median.high);
  return `95 % interval ${low} to ${high}`;
}

/** What a reader has to know about an event beside its number; empty when there is nothing. */
export function eventNotes(event: CrossingEvent): string[] {
  if (event.kind === 'censored') return [];
  if (event.kind === 'unknown') return [event.reason];
  const notes: string[] = [];
  if (event.after === null) notes.push('already past the threshold at the first recorded effort');
  if (!event.sustained) notes.push('the run ended before the threshold was held for its sustain window');
  if (event.relapses > 0) {
    notes.push(
      `fell back below the threshold ${event.relapses === 1 ? 'once' : `${event.relapses} times`} later`,
    );
  }
  return notes;
}

/**
 * Values of one axis, with the fewest significant digits, three at least, that keep them apart: 10^(−11/3) is "0.000215"
 * beside 0.0001. What is no number is printed as it is.
 */
export function formatAxisValues(values: readonly (number | string | boolean)[]): string[] {
  const exact = values.map(String);
  const different = new Set(exact).size;
  for (let digits = 3; digits < 17; digits++) {
    const words = values.map((value, i) =>
      typeof value === 'number' ? String(Number(value.toPrecision(digits))) : (exact[i] as string),
    );
    if (new Set(words).size === different) return words;
  }
  return exact;
}
