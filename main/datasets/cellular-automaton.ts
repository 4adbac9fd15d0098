import type { CellularAutomatonSpec } from '../../shared/sequence-spec.ts';
import { Random } from '../../shared/random.ts';
import type { TokenDataset, VectorDataset } from './dataset.ts';

/**
 * A local rule: the middle cell of an elementary cellular automaton (Wolfram 1983, whose numbers rules have) on a ring
 * after `steps` steps. After Žunkovič & Ilievski 2022 (arXiv 2210.15435), who learn one step of rule 30 and find that
 * grokking comes from the locality of the rule.
 *
 * The smallest version of it: one cell is asked for instead of every cell, rings have one length instead of all, and the
 * states are different ones drawn at random, so that a learner has to find 2 · steps + 1 neighbours among all cells.
 * Their model is translation invariant (a tensor network in front of a perceptron), trains on all rings of three cells
 * and is tested on every length; none of that is here.
 *
 * Inputs [n, cells] are −1 and 1, or as tokens (cells, "=") with 0 and 1. The stream `split` draws the states.
 */
export function buildCellularAutomaton(
  spec: CellularAutomatonSpec,
  seed: number,
): TokenDataset | VectorDataset {
  const { rule, cells, steps, encoding, trainSize, testSize } = spec;
  const order = Random.stream(seed, 'split').permutation(2 ** cells);
  const label = (number: number): number => {
    let state = bitsOf(number, cells);
    for (let step = 0; step < steps; step++) state = next(state, rule);
    return state[Math.floor(cells / 2)] as number;
  };
  const chosen = {
    train: order.subarray(0, trainSize),
    test: order.subarray(trainSize, trainSize + testSize),
  };
  if (encoding === 'tokens') {
    const split = (numbers: Int32Array): TokenDataset['train'] => ({
      n: numbers.length,
      tokens: Int32Array.from([...numbers].flatMap((number) => [...bitsOf(number, cells), 2])),
      labels: numbers.map(label),
    });
    const { train, test } = { train: split(chosen.train), test: split(chosen.test) };
    return { kind: 'tokens', vocabulary: 3, length: cells + 1, classes: 2, train, test };
  }
  const split = (numbers: Int32Array): VectorDataset['train'] => ({
    n: numbers.length,
    inputs: Float64Array.from(
      [...numbers].flatMap((number) => bitsOf(number, cells).map((bit) => 2 * bit - 1)),
    ),
    labels: numbers.map(label),
  });
  const { train, test } = { train: split(chosen.train), test: split(chosen.test) };
  return { kind: 'vectors', dimensions: cells, classes: 2, train, test };
}

/** The most significant bit first. */
function bitsOf(number: number, cells: number): number[] {
  return Array.from({ length: cells }, (_, i) => (number >> (cells - 1 - i)) & 1);
}

/** Every cell becomes the bit of the rule's number that it and its two neighbours name, the left one first. */
function next(state: readonly number[], rule: number): number[] {
  const at = (i: number): number => state[(i + state.length) % state.length] as number;
  return state.map((cell, i) => (rule >> (4 * at(i - 1) + 2 * cell + at(i + 1))) & 1);
}
