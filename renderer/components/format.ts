/** How times, rates, shares and dates read in the window. Efforts and ratios: `shared/format.ts`. */
import { NO_VALUE } from '../../shared/format.ts';

/** A time span in two units: "45 s", "2 min 10 s", "3 h 05 min", "2 d 4 h"; "under 1 s" below one second. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return NO_VALUE;
  if (seconds < 1) return 'under 1 s';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return twoUnits(whole, 60, 'min', 1, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return twoUnits(minutes, 60, 'h', 1, 'min');
  return twoUnits(Math.round(seconds / 3600), 24, 'd', 1, 'h');
}

/** "about 2 min 10 s", "under 1 s": for what is not known exactly. */
export function formatAbout(seconds: number): string {
  return seconds < 1 ? formatSeconds(seconds) : `about ${formatSeconds(seconds)}`;
}

function twoUnits(value: number, perLarge: number, large: string, perSmall: number, small: string): string {
  const rest = Math.floor((value % perLarge) / perSmall);
  const head = `${Math.floor(value / perLarge)} ${large}`;
  return rest === 0 ? head : `${head} ${String(rest).padStart(2, '0')} ${small}`;
}

/** Efforts per second with three significant digits: "1,240", "0.352". */
export function formatRate(perSecond: number): string {
  return perSecond.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** A share in percent, cut (never rounded up to a value that was not reached): 0.9996 is "99.9 %". */
export function formatPercent(share: number): string {
  if (!Number.isFinite(share)) return NO_VALUE;
  // 0.29 · 1000 is 289.99…: without the small term it would be cut to 28.9.
  const tenths = Math.floor(share * 1000 + 1e-9) / 10;
  return `${tenths.toFixed(1)} %`;
}

/** A loss or other plain value with three significant digits: "0.0312", "1.2e-7". */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? 'infinite' : 'minus infinite';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1);
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** A moment in the reader's time zone: "2026-03-01 14:05". */
export function formatWhen(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return NO_VALUE;
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** "1 run", "3 runs". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
}

/** "1st", "2nd", "3rd", "4th", "11th", "21st". */
export function ordinal(n: number): string {
  const endings = ['th', 'st', 'nd', 'rd'];
  const teen = n % 100 >= 11 && n % 100 <= 13;
  return `${n.toLocaleString('en-US')}${teen ? 'th' : (endings[n % 10] ?? 'th')}`;
}
