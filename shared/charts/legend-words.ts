/** What the labels of a legend have in common, to be said once instead of in every line. */

export interface LegendWords {
  /** Before and after each label's own words, with their separators; '' for nothing worth saying once. */
  head: string;
  tail: string;
  /** In the order of the labels, none empty. */
  own: string[];
}

const SEPARATOR = /, |: /g;
/** A shorter part is read faster where it stands. */
const LEAST = 12;

/** Parts end where one thing is said: at a comma or a colon. `head + own + tail` is the label. */
export function legendWords(labels: readonly string[]): LegendWords {
  const [first] = labels;
  if (first === undefined || labels.length < 2) return { head: '', tail: '', own: [...labels] };
  const shortest = Math.min(...labels.map((label) => label.length));
  let shared = 0;
  while (shared < shortest && labels.every((label) => label[shared] === first[shared])) shared++;
  const ends = [...first.slice(0, shared).matchAll(SEPARATOR)].map(({ index }) => index + 2);
  const head = worthIt(first.slice(0, ends.filter((end) => end < shortest).at(-1) ?? 0));
  const left = shortest - head.length - 1;
  let alike = 0;
  while (alike < left && labels.every((label) => label.at(-1 - alike) === first.at(-1 - alike))) alike++;
  const end = first.slice(first.length - alike);
  const starts = [...end.matchAll(SEPARATOR)].map(({ index }) => index);
  const tail = worthIt(starts[0] === undefined ? '' : end.slice(starts[0]));
  return { head, tail, own: labels.map((label) => label.slice(head.length, label.length - tail.length)) };
}

function worthIt(part: string): string {
  return part.length < LEAST ? '' : part;
}

/** "Network on six tasks; median and range (min–max), n = 3"; null where nothing is said once. */
export function commonWords({ head, tail }: LegendWords): string | null {
  const parts = [head.slice(0, -2), tail.slice(2)].filter((part) => part !== '');
  return parts.length === 0 ? null : parts.join('; ');
}

/** Neighbours in a legend, and what they have in common. */
export interface LegendPart<T> {
  key: string;
  common: string | null;
  entries: { entry: T; words: string }[];
}

/** A part for each series, which has an order of its own; entries without one are a part together. */
export function legendParts<T extends { key: string; label: string; series?: string }>(
  entries: readonly T[],
): LegendPart<T>[] {
  const runs: T[][] = [];
  for (const entry of entries) {
    const last = runs.at(-1);
    if (last !== undefined && last[0]?.series === entry.series) last.push(entry);
    else runs.push([entry]);
  }
  return runs.map((run) => {
    const words = legendWords(run.map(({ label }) => label));
    const common = commonWords(words);
    return {
      key: run[0]?.key ?? '',
      common: common === null || runs.length > 1 ? common : `All: ${common}`,
      entries: run.map((entry, i) => ({ entry, words: words.own[i] as string })),
    };
  });
}
