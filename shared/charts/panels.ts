/** Small multiples: which groups share a chart. */
import type { Family } from '../model-spec.ts';
import { axisName, pointWords } from '../sweep.ts';
import type { Figure } from './figure.ts';
import { xExtent } from './figure.ts';
import type { ArmGroup } from './groups.ts';
import { familyTitles } from './palette.ts';
import type { PanelsBy } from './view.ts';

export interface PanelGroups {
  key: string;
  /** Null for the one chart that holds all. */
  title: string | null;
  groups: ArmGroup[];
}

/** Settings that some arm sweeps, and that therefore can part its groups. */
export function sweptPaths(groups: readonly ArmGroup[]): string[] {
  const values = new Map<string, Set<string | number>>();
  for (const { point } of groups) {
    for (const [path, value] of Object.entries(point)) {
      values.set(path, (values.get(path) ?? new Set()).add(value));
    }
  }
  return [...values].flatMap(([path, known]) => (known.size > 1 ? [path] : []));
}

/** Groups that one chart can hold and still be read. */
const MOST_TOGETHER = 5;
const MOST_PANELS = 12;

/** What is parted where nobody said: too many bands for one chart are parted by a swept setting, by family, or by arm. */
export function usualPanels(groups: readonly ArmGroup[]): PanelsBy {
  if (groups.length <= MOST_TOGETHER) return 'together';
  const offers: PanelsBy[] = [
    ...sweptPaths(groups).map((path): PanelsBy => `sweep:${path}`),
    'family',
    'arm',
  ];
  const sizes = offers.map((by) => {
    const panels = panelsOf(groups, by);
    return { by, panels: panels.length, most: Math.max(...panels.map((panel) => panel.groups.length)) };
  });
  const fit = sizes.filter(({ panels }) => panels > 1 && panels <= MOST_PANELS);
  // The fewest panels of which each can be read; else those whose fullest holds least.
  const readable = fit.filter(({ most }) => most <= MOST_TOGETHER).toSorted((a, b) => a.panels - b.panels);
  const found = readable[0] ?? fit.toSorted((a, b) => a.most - b.most)[0];
  return found?.by ?? 'together';
}

/** Groups in panels, in their own order; swept values by size. */
export function panelsOf(groups: readonly ArmGroup[], by: PanelsBy): PanelGroups[] {
  if (by === 'together') return [{ key: 'all', title: null, groups: [...groups] }];
  const panels = new Map<string, PanelGroups>();
  for (const group of groups) {
    const { key, title } = panelOf(group, by);
    const known = panels.get(key);
    if (known === undefined) panels.set(key, { key, title, groups: [group] });
    else known.groups.push(group);
  }
  const found = [...panels.values()];
  if (!by.startsWith('sweep:')) return found;
  const path = by.slice('sweep:'.length);
  const place = ({ groups: [first] }: PanelGroups): number => {
    const value = first?.point[path];
    return typeof value === 'number' ? value : value === undefined ? Infinity : -Infinity;
  };
  return found.toSorted((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0));
}

function panelOf(group: ArmGroup, by: Exclude<PanelsBy, 'together'>): { key: string; title: string } {
  if (by === 'arm') return { key: group.armKey, title: group.lead === '' ? group.armTitle : group.lead };
  if (by === 'family') return { key: group.family, title: capitalFamily(group.family) };
  const path = by.slice('sweep:'.length);
  const value = group.point[path];
  const name = axisName(path);
  return value === undefined
    ? { key: 'none', title: `without ${name}` }
    : { key: `${typeof value} ${value}`, title: `${name} = ${value}` };
}

/** What a group is called in its panel, whose title says the rest. */
export function nameInPanel(group: ArmGroup, by: PanelsBy): string {
  if (by === 'arm') return pointWords(group.point) || group.short;
  if (!by.startsWith('sweep:')) return group.short;
  const path = by.slice('sweep:'.length);
  const rest = Object.fromEntries(Object.entries(group.point).filter(([one]) => one !== path));
  const words = pointWords(rest);
  return [group.lead, words].filter((one) => one !== '').join(', ') || group.short;
}

function capitalFamily(family: Family): string {
  const title = familyTitles[family];
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/** The figures with one x range and one y range, so that they can be compared at a glance. */
export function withSharedAxes(figures: readonly Figure[]): Figure[] {
  const xs = figures.flatMap((figure) => figure.xRange ?? xExtent(figure) ?? []);
  const ys = figures.flatMap((figure) => figure.yRange ?? yExtent(figure) ?? []);
  if (xs.length === 0) return [...figures];
  const xRange: [number, number] = [Math.min(...xs), Math.max(...xs)];
  const yRange: [number, number] | null = ys.length === 0 ? null : [Math.min(...ys), Math.max(...ys)];
  return figures.map((figure) => ({ ...figure, xRange, yRange }));
}

/** Smallest and largest finite y of the lines and the bands drawn; null without any. */
function yExtent({ lines }: Figure): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const { y, spread } of lines) {
    const drawn = spread?.drawn === true ? [y, spread.low, spread.high] : [y];
    for (const values of drawn) {
      for (const value of values) {
        if (!Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  return low <= high ? [low, high] : null;
}
