import { median } from '../../shared/aggregate.ts';

/** Prints the median of measured values, with their range. */
export function say(what: string, values: readonly number[], unit = 'ms'): void {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const round = (value: number): string => Math.round(value).toLocaleString('en-US');
  console.log(
    `${what}: median ${round(median(values))} ${unit} (${round(low)} to ${round(high)}, n = ${values.length})`,
  );
}
