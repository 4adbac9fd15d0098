/** Counts of classes in a sentence: all of them where they are few or alike, else their range. */

const maxListed = 12;

/** "0: 50, 1: 50", "10 of each", "23 to 41 of each, 3 have none". */
export function countWords(counts: readonly number[], names: readonly string[] | null): string {
  const least = Math.min(...counts);
  const most = Math.max(...counts);
  if (least === most) return `${least.toLocaleString('en-US')} of each of ${counts.length}`;
  if (counts.length <= maxListed) {
    return counts.map((n, i) => `${names?.[i] ?? i}: ${n.toLocaleString('en-US')}`).join('; ');
  }
  const present = counts.filter((n) => n > 0);
  const none = counts.length - present.length;
  const [low, high] = [Math.min(...present), Math.max(...present)];
  const range = low === high ? `${low}` : `${low.toLocaleString('en-US')} to ${high.toLocaleString('en-US')}`;
  return `${range} of each of ${present.length}${none === 0 ? '' : `; ${none} have none`}`;
}
