/** Where an axis has ticks, and what stands at them. */
import type { Scale } from '../../shared/charts/figure.ts';

export interface Tick {
  value: number;
  label: string;
}

/**
 * @param range in Plotly's terms: exponents on a log axis
 * @param least the smallest step of a linear axis: 1 for what is counted
 */
export function ticksOf(range: readonly [number, number], scale: Scale, most: number, least = 0): Tick[] {
  return scale === 'log' ? logTicks(range, most) : linearTicks(range, most, least);
}

function linearTicks([low, high]: readonly [number, number], most: number, least: number): Tick[] {
  if (!(low < high)) return [{ value: low, label: numberLabel(low, 1) }];
  const step = Math.max(least, niceStep((high - low) / Math.max(1, most)));
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => {
    const value = (first + i) * step;
    return { value, label: numberLabel(value, step) };
  });
}

/** 1, 2 or 5 times a power of ten, at least `step`. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9)) ?? 10);
}

function logTicks([low, high]: readonly [number, number], most: number): Tick[] {
  const first = Math.ceil(low - 1e-9);
  const decades = Math.floor(high + 1e-9) - first + 1;
  if (decades < 2) {
    const within: Tick[] = [];
    for (let exponent = Math.floor(low); exponent <= high; exponent++) {
      for (const digit of [1, 2, 5]) {
        const value = digit * 10 ** exponent;
        if (value >= 10 ** low && value <= 10 ** high)
          within.push({ value, label: numberLabel(value, 10 ** exponent) });
      }
    }
    return within;
  }
  const every = Math.ceil(decades / Math.max(1, most));
  return Array.from({ length: Math.ceil(decades / every) }, (_, i) => {
    const exponent = first + i * every;
    return { value: 10 ** exponent, label: powerLabel(exponent) };
  });
}

const raised = '⁰¹²³⁴⁵⁶⁷⁸⁹';

function power(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => raised[Number(digit)]).join('');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}

/** "0.01", "1", "100"; "10⁴" beyond. */
function powerLabel(exponent: number): string {
  return exponent >= -2 && exponent <= 3 ? numberLabel(10 ** exponent, 10 ** exponent) : power(exponent);
}

/** As many decimals as the step has; very small and very large numbers with a power of ten. */
export function numberLabel(value: number, step: number): string {
  if (Math.abs(value) < step * 1e-9) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) {
    const exponent = Math.floor(Math.log10(size) + 1e-12);
    const lead = Number((value / 10 ** exponent).toPrecision(3));
    return `${String(lead).replace('-', '−')}·${power(exponent)}`;
  }
  const decimals = Math.min(8, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return value
    .toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    .replace('-', '−');
}
