/**
 * `{{figure curves quantity=accuracy arms=mlp,gp}}` in notes: which figure is drawn there, from the runs as they are stored
 * when the notes are read.
 */
import { axisKinds, type AxisKind } from '../axis.ts';
import { sweepQuantities, type SweepQuantity } from '../charts/sweep-quantities.ts';
import { gridQuantities, type GridQuantity } from '../charts/sweep-grid.ts';

export const figureKinds = {
  curves: 'curves of a metric',
  delays: 'table of delays',
  bars: 'fit to generalization, run by run',
  sweep: 'a delay over a swept setting',
  map: 'phase diagram over two swept settings',
  claims: 'table of the claims',
  view: 'a saved comparison',
} as const;
export type FigureKind = keyof typeof figureKinds;

export type FigureDirective =
  /** Null: the first metric that is recorded. `arms` is empty for all. */
  | { kind: 'curves'; quantity: string | null; axis: AxisKind; arms: string[] }
  | { kind: 'delays'; arms: string[] }
  | { kind: 'bars'; axis: AxisKind; arms: string[] }
  | { kind: 'sweep'; of: SweepQuantity; over: string | null; arms: string[] }
  | { kind: 'map'; of: GridQuantity; arm: string | null; x: string | null; y: string | null }
  /** `ids` is empty for all. */
  | { kind: 'claims'; ids: string[] }
  | { kind: 'view'; name: string };

/** Why a directive is no figure, in a sentence. */
export interface DirectiveFault {
  fault: string;
}

const parameters: Record<FigureKind, readonly string[]> = {
  curves: ['quantity', 'x', 'arms'],
  delays: ['arms'],
  bars: ['x', 'arms'],
  sweep: ['of', 'over', 'arms'],
  map: ['of', 'arm', 'x', 'y'],
  claims: ['ids'],
  view: ['name'],
};

const WORD = /\s*(?:([A-Za-z]+)=)?(?:"([^"]*)"|([^\s"]+))/y;

export function parseDirective(text: string): FigureDirective | DirectiveFault {
  const words = wordsOf(text);
  if (words === null) return { fault: `"${text}" has a quotation mark that does not end.` };
  const [first, ...rest] = words;
  const kind = keysOf(figureKinds).find((one) => one === first?.value && first.name === null);
  if (kind === undefined) {
    return {
      fault: `"${first?.value ?? ''}" is no kind of figure; there are ${keysOf(figureKinds).join(', ')}.`,
    };
  }
  const given = new Map<string, string>();
  for (const { name, value } of rest) {
    if (name === null || !parameters[kind].includes(name)) {
      const said = name === null ? `"${value}"` : `"${name}=${value}"`;
      return {
        fault: `${said} means nothing to a figure of ${kind}; it takes ${parameters[kind].join(', ')}.`,
      };
    }
    if (given.has(name)) return { fault: `${name} is given twice.` };
    given.set(name, value);
  }
  return directiveOf(kind, given);
}

function directiveOf(kind: FigureKind, given: ReadonlyMap<string, string>): FigureDirective | DirectiveFault {
  const list = (name: string): string[] =>
    (given.get(name) ?? '').split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
  const text = (name: string): string | null => given.get(name) ?? null;
  switch (kind) {
    case 'curves':
      return chosen(given, 'x', axisKinds, 'effort', (axis) => ({
        kind,
        quantity: text('quantity'),
        axis,
        arms: list('arms'),
      }));
    case 'bars':
      return chosen(given, 'x', axisKinds, 'effort', (axis) => ({ kind, axis, arms: list('arms') }));
    case 'delays':
      return { kind, arms: list('arms') };
    case 'sweep':
      return chosen(given, 'of', keysOf(sweepQuantities), 'delay', (of) => ({
        kind,
        of,
        over: text('over'),
        arms: list('arms'),
      }));
    case 'map':
      return chosen(given, 'of', keysOf(gridQuantities), 'phase', (of) => ({
        kind,
        of,
        arm: text('arm'),
        x: text('x'),
        y: text('y'),
      }));
    case 'claims':
      return { kind, ids: list('ids') };
    case 'view': {
      const name = text('name');
      return name === null ? { fault: 'A figure of a view needs name="…".' } : { kind, name };
    }
  }
}

function chosen<T extends string>(
  given: ReadonlyMap<string, string>,
  name: string,
  known: readonly T[],
  usual: T,
  made: (value: T) => FigureDirective,
): FigureDirective | DirectiveFault {
  const value = given.get(name);
  if (value === undefined) return made(usual);
  const found = known.find((one) => one === value);
  return found === undefined
    ? { fault: `${name}=${value} is not known; there are ${known.join(', ')}.` }
    : made(found);
}

/** The line that stands in the notes. */
export function printDirective(directive: FigureDirective): string {
  const words = (Object.entries(directive) as [string, string | string[] | null][]).flatMap(
    ([name, value]) => {
      const key = name === 'axis' ? 'x' : name;
      if (key === 'kind' || value === null || value.length === 0) return [];
      if (key === 'x' && value === 'effort') return [];
      return [`${key}=${quoted(Array.isArray(value) ? value.join(',') : value)}`];
    },
  );
  return `{{figure ${[directive.kind, ...words].join(' ')}}}`;
}

/** A directive holds no quotation mark and no brace. */
function quoted(text: string): string {
  const plain = text.replaceAll('"', "'").replaceAll('}}', '} }');
  return /\s/.test(plain) || plain === '' ? `"${plain}"` : plain;
}

function wordsOf(text: string): { name: string | null; value: string }[] | null {
  const words: { name: string | null; value: string }[] = [];
  const trimmed = text.trim();
  WORD.lastIndex = 0;
  while (WORD.lastIndex < trimmed.length) {
    const match = WORD.exec(trimmed);
    if (match === null) return null;
    words.push({ name: match[1] ?? null, value: match[2] ?? match[3] ?? '' });
  }
  return words;
}

function keysOf<T extends string>(titles: Record<T, string>): T[] {
  return Object.keys(titles) as T[];
}
