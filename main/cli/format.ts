/** Text for the terminal: aligned tables and durations. */

/** "0.4 s", "42 s", "3 min 20 s", "2 h 05 min", "3 d 4 h". */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return 'unknown';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${pad(whole % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${pad(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** Rates with three significant digits, whole from 100 on: "0.532", "12.3", "1,234". */
export function formatRate(value: number): string {
  const digits = value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
  return value.toLocaleString('en-US', digits);
}

export interface TableColumn {
  header: string;
  align?: 'right';
}

/** Rows under their headers, two spaces between columns, no trailing blanks. Every line ends with a newline. */
export function formatTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map((column) => column.header), ...rows];
  const widths = columns.map((_, i) => Math.max(...lines.map((cells) => width(cells[i] ?? ''))));
  const print = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => {
        const cell = cells[i] ?? '';
        const blanks = ' '.repeat((widths[i] as number) - width(cell));
        return align === 'right' ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd();
  const [header, ...body] = lines.map(print);
  const rule = widths
    .map((size) => '─'.repeat(size))
    .join('  ')
    .trimEnd();
  return [header, rule, ...body].map((line) => `${line}\n`).join('');
}

function width(text: string): number {
  return [...text].length;
}

/** The text cut to a width, with an ellipsis where something is missing. */
export function cut(text: string, columns: number): string {
  const characters = [...text];
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`;
}

/** "1 run", "3 runs". */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;
}
