/**
 * Pathways of a mixture of experts: which experts an example goes through, layer after layer, and how smoothly. Li et al. 2025 (arXiv
 * 2506.21551, figure 3). Its texts give both quantities either sign; here the names say which way they point.
 */

/** The experts that a router gives a weight above 0, the heaviest first, ties by number; at most `most`. */
export function chosenExperts(weights: ArrayLike<number>, most: number): number[] {
  return Array.from(weights, (weight, expert) => ({ weight, expert }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || a.expert - b.expert)
    .slice(0, most)
    .map(({ expert }) => expert);
}

/**
 * Levenshtein 1966: the fewest insertions, deletions and replacements of one entry that turn one sequence into the other
 * (Wagner & Fischer 1974).
 */
export function editDistance(a: readonly number[], b: readonly number[]): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  a.forEach((entry, i) => {
    const row = [i + 1];
    b.forEach((other, j) => {
      const replaced = (above[j] as number) + (entry === other ? 0 : 1);
      row.push(Math.min(replaced, (above[j + 1] as number) + 1, (row[j] as number) + 1));
    });
    above = row;
  });
  return above[b.length] as number;
}

/**
 * Mean edit distance over all pairs of sequences, each divided by the length of the longer one: 0 where all are alike, 1 where no pair
 * has anything in common. NaN for fewer than two sequences.
 */
export function meanEditDistance(sequences: readonly (readonly number[])[]): number {
  let [sum, pairs] = [0, 0];
  sequences.forEach((a, i) => {
    for (const b of sequences.slice(0, i)) {
      const longest = Math.max(a.length, b.length);
      sum += longest === 0 ? 0 : editDistance(a, b) / longest;
      pairs++;
    }
  });
  return sum / pairs;
}

/**
 * Mean cosine of what subsequent layers give one example, e_l · e_{l+1} / (|e_l| |e_{l+1}|); the paper's complexity of a pathway is 1
 * minus this. NaN for fewer than two layers, or where one is zero.
 */
export function consistency(layers: readonly ArrayLike<number>[]): number {
  let sum = 0;
  for (let l = 0; l + 1 < layers.length; l++)
    sum += cosine(layers[l] as ArrayLike<number>, layers[l + 1] as ArrayLike<number>);
  return sum / (layers.length - 1);
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [product, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    product += x * y;
    aa += x * x;
    bb += y * y;
  }
  return product / Math.sqrt(aa * bb);
}
