import type { PermutationGroupSpec } from '../../shared/dataset-spec.ts';
import { datasetSizes } from '../../shared/dataset-spec.ts';
import { Random } from '../../shared/random.ts';
import type { TokenDataset } from './dataset.ts';
import { pairSplits } from './pair-table.ts';

/**
 * x ∘ y over all pairs of permutations of `symbols` symbols. Power et al. 2022 (arXiv 2201.02177): S5 with 120² =
 * 14,400 equations; openai/grok `data.py` calls `xy` s5, `xyx^-1` s5conj and `xyx` s5aba. S3 and S4 (36 and 576
 * equations) are the same task at the size of a small machine.
 *
 * Conventions as in that code: a permutation a is the list (a[0], a[1], …), and products go from left to right,
 * (x·y)[i] = y[x[i]]. The code has this as `b[a]` in NumPy for s5 and as SymPy's product for the others; the two agree.
 * Permutations are numbered in lexicographic order, which is the order of `itertools.permutations`.
 *
 * Tokens, and what is taken over from Power et al. and what is not: as for `modular-arithmetic`.
 */
export function buildPermutationGroup(spec: PermutationGroupSpec, seed: number): TokenDataset {
  const elements = permutations(spec.symbols);
  const numbers = new Map(elements.map((element, number) => [element.join(), number]));
  const number = (permutation: number[]): number => numbers.get(permutation.join()) as number;
  const size = elements.length;
  const order = Random.stream(seed, 'split').permutation(size * size);
  return pairSplits(order, datasetSizes(spec).train, size, (pair) => {
    const x = elements[Math.floor(pair / size)] as number[];
    const y = elements[pair % size] as number[];
    const xy = product(x, y);
    const answer = spec.operation === 'xy' ? xy : product(xy, spec.operation === 'xyx' ? x : inverse(x));
    return [number(x), number(y), number(answer)];
  });
}

/** All permutations of 0 … n − 1 in lexicographic order. */
export function permutations(n: number): number[][] {
  const extend = (prefix: number[]): number[][] =>
    prefix.length === n
      ? [prefix]
      : Array.from({ length: n }, (_, next) => next)
          .filter((next) => !prefix.includes(next))
          .flatMap((next) => extend([...prefix, next]));
  return extend([]);
}

/** x, then y. */
function product(x: readonly number[], y: readonly number[]): number[] {
  return x.map((image) => y[image] as number);
}

function inverse(x: readonly number[]): number[] {
  const result = new Array<number>(x.length);
  x.forEach((image, i) => (result[image] = i));
  return result;
}
