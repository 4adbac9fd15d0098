/**
 * Fuzzy matching of a query against a title. Every word of the query has to be found: as a part of the title, as its
 * letters in order (each in the same word as the letter before, or at the start of a later word: "grm" finds
 * "Gromov", "nst" finds "New STudy"), or as a part of the further words. What is left of a query always matches, too.
 */

/** From and to (exclusive) in the title. */
export type Mark = readonly [number, number];

export interface Match {
  /** Higher is better. */
  score: number;
  /** What of the title the query stands for: in order, apart. */
  marks: Mark[];
}

/** @returns null where some word of the query is not found */
export function fuzzyMatch(query: string, title: string, words = ''): Match | null {
  const low = fold(title);
  const further = fold(words);
  let score = 0;
  const marks: Mark[] = [];
  for (const word of fold(query).split(/\s+/)) {
    if (word === '') continue;
    const found = inTitle(word, low) ?? inWords(word, further);
    if (found === null) return null;
    score += found.score;
    marks.push(...found.marks);
  }
  // Of two titles that match alike, the shorter one is meant.
  return { score: score - Math.min(9, title.length / 20), marks: joined(marks) };
}

/** Lower case without accents; as long as the text, so that places stay places. */
export function fold(text: string): string {
  // Most titles are: a thousand of them are folded with every key.
  if (/^[ -~]*$/.test(text)) return text.toLowerCase();
  return Array.from({ length: text.length }, (_, i) => {
    const letter = text[i] as string;
    const plain = letter.normalize('NFD')[0] as string;
    const low = plain.toLowerCase();
    return low.length === 1 ? low : letter;
  }).join('');
}

function inTitle(word: string, title: string): Match | null {
  const whole = partOf(word, title);
  if (whole !== null) {
    const score = whole === 0 ? 100 : isStart(title, whole) ? 80 : 50;
    return { score, marks: [[whole, whole + word.length]] };
  }
  const places = lettersOf(word, title);
  if (places === null) return null;
  const marks = joined(places.map((at): Mark => [at, at + 1]));
  return { score: Math.max(1, 40 - 4 * (marks.length - 1)), marks };
}

function inWords(word: string, words: string): Match | null {
  const at = partOf(word, words);
  return at === null ? null : { score: isStart(words, at) ? 30 : 15, marks: [] };
}

/** Where a word stands in a text, at the start of one of its words where it does. */
function partOf(word: string, text: string): number | null {
  const first = text.indexOf(word);
  for (let at = first; at >= 0; at = text.indexOf(word, at + 1)) if (isStart(text, at)) return at;
  return first < 0 ? null : first;
}

/** The places of a word's letters in order, as close together as the first fit allows. */
function lettersOf(word: string, text: string): number[] | null {
  let after = 0;
  for (const letter of word) {
    after = text.indexOf(letter, after) + 1;
    if (after === 0) return null;
  }
  // Every place that has failed for a letter fails again.
  const failed = new Set<number>();
  const fit = (letter: number, from: number): number[] | null => {
    if (letter === word.length) return [];
    const state = letter * (text.length + 1) + from;
    if (failed.has(state)) return null;
    let sameWord = letter > 0;
    for (let at = from; at < text.length; at++) {
      const starts = isStart(text, at);
      if (starts && at > from) sameWord = false;
      if (!isLetter(text[at] as string)) sameWord = false;
      if (text[at] !== word[letter] || !(sameWord || starts)) continue;
      const rest = fit(letter + 1, at + 1);
      if (rest !== null) return [at, ...rest];
    }
    failed.add(state);
    return null;
  };
  return fit(0, 0);
}

function isLetter(letter: string): boolean {
  if (letter <= '~') return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
  return /[\p{L}\p{N}]/u.test(letter);
}

/** Whether a word starts here. */
function isStart(text: string, at: number): boolean {
  return isLetter(text[at] as string) && (at === 0 || !isLetter(text[at - 1] as string));
}

function joined(marks: readonly Mark[]): Mark[] {
  const ordered = [...marks].sort((a, b) => a[0] - b[0]);
  const out: Mark[] = [];
  for (const [from, to] of ordered) {
    const last = out.at(-1);
    if (last !== undefined && from <= last[1]) out[out.length - 1] = [last[0], Math.max(last[1], to)];
    else out.push([from, to]);
  }
  return out;
}

/** A title in parts, those that the query stands for marked. */
export function markedParts(title: string, marks: readonly Mark[]): { text: string; marked: boolean }[] {
  const parts: { text: string; marked: boolean }[] = [];
  let at = 0;
  for (const [from, to] of marks) {
    if (from > at) parts.push({ text: title.slice(at, from), marked: false });
    parts.push({ text: title.slice(from, to), marked: true });
    at = to;
  }
  if (at < title.length) parts.push({ text: title.slice(at), marked: false });
  return parts;
}
