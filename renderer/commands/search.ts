/** What the palette lists for a query: commands in named groups, the best group first, long groups cut and said so. */
import { groupTitles, commandGroups, type Command, type CommandGroup } from './command.ts';
import { fuzzyMatch, type Mark } from './fuzzy.ts';

export interface Found {
  command: Command;
  marks: Mark[];
}

export interface FoundGroup {
  key: CommandGroup | 'recent';
  title: string;
  found: Found[];
  /** All that match, of which `found` are the first. */
  of: number;
}

/** Groups that grow with a user's work. */
const growing: ReadonlySet<CommandGroup> = new Set(['presets', 'studies', 'runs', 'comparisons', 'drafts']);
/** Listed of each of these with a query, and without one. */
const MOST = 8;
const MOST_UNASKED = 4;
const MOST_RECENT = 5;

/**
 * Without a query: what was used last, then every group in its order, runs left out until they are asked for.
 * @param recent ids, the last used first
 */
export function searchCommands(
  commands: readonly Command[],
  query: string,
  recent: readonly string[],
): FoundGroup[] {
  const possible = commands.filter(({ enabled }) => enabled !== false);
  return query.trim() === '' ? unasked(possible, recent) : asked(possible, query, recent);
}

function unasked(commands: readonly Command[], recent: readonly string[]): FoundGroup[] {
  const byId = new Map(commands.map((command) => [command.id, command]));
  const last = recent.flatMap((id) => byId.get(id) ?? []).slice(0, MOST_RECENT);
  const rest = commands.filter((command) => !last.includes(command));
  const plain = (command: Command): Found => ({ command, marks: [] });
  const groups = commandGroups.flatMap((key): FoundGroup[] => {
    const own = rest.filter(({ group }) => group === key);
    if (own.length === 0 || key === 'runs') return [];
    const shown = growing.has(key) ? own.slice(0, MOST_UNASKED) : own;
    return [{ key, title: groupTitles[key], found: shown.map(plain), of: own.length }];
  });
  if (last.length === 0) return groups;
  return [{ key: 'recent', title: 'Recent', found: last.map(plain), of: last.length }, ...groups];
}

function asked(commands: readonly Command[], query: string, recent: readonly string[]): FoundGroup[] {
  const scored = commands.flatMap((command) => {
    const match = fuzzyMatch(query, command.title, `${command.words ?? ''} ${command.detail ?? ''}`);
    if (match === null) return [];
    const used = recent.indexOf(command.id);
    // Enough to decide between equals, too little to lift a poor match over a good one.
    const bonus = used < 0 ? 0 : 8 / (1 + used);
    return [{ command, marks: match.marks, score: match.score + bonus }];
  });
  scored.sort((a, b) => b.score - a.score);
  // A map keeps the order of first insertion: the group of the best match comes first.
  const groups = new Map<CommandGroup, Found[]>();
  for (const { command, marks } of scored) {
    const group = groups.get(command.group) ?? [];
    group.push({ command, marks });
    groups.set(command.group, group);
  }
  return [...groups].map(([key, found]) => ({
    key,
    title: groupTitles[key],
    found: growing.has(key) ? found.slice(0, MOST) : found,
    of: found.length,
  }));
}

/** "3 results", "no results"; how many of how many where some are not listed. */
export function resultWords(groups: readonly FoundGroup[]): string {
  const shown = groups.reduce((sum, { found }) => sum + found.length, 0);
  const all = groups.reduce((sum, { of }) => sum + of, 0);
  if (all === 0) return 'No results';
  const words = all === 1 ? '1 result' : `${all.toLocaleString('en-US')} results`;
  return shown === all ? words : `${words}, the first ${shown} listed`;
}
