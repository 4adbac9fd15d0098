import type { ModularArithmeticSpec } from '../../shared/dataset-spec.ts';
import { datasetSizes } from '../../shared/dataset-spec.ts';
import { leastSecondOperand, modularAnswer, modularPairs } from '../../shared/modular.ts';
import { Random } from '../../shared/random.ts';
import type { TokenDataset } from './dataset.ts';
import { pairSplits } from './pair-table.ts';

/**
 * x ∘ y mod p over all pairs. Power et al. 2022 (arXiv 2201.02177), §3 and appendix A.1.1; their code, openai/grok
 * `data.py`, also has the two operations that go by the parity of the first operand; x·y·x is from Miller et al. 2023
 * (arXiv 2310.17247, `ModuloMultiplicationDoubleXTask`). p² pairs, or p (p − 1) for division, which leaves out y = 0:
 * 9,409 and 9,312 for p = 97. Division needs a prime p. Lyu et al. 2023 train on 3,763 of 9,409 pairs (40 %).
 *
 * Taken over from Power et al.: the set of equations, and that the answer is predicted at "=". Tokens [n, 3] = (x, y,
 * "=") with "=" as the token p, vocabulary p + 1, as for `modular-addition`.
 *
 * Not taken over: their sequence is `<|eos|> x ∘ y = z <|eos|>` over one vocabulary for all tasks. The leading
 * `<|eos|>` and the operator are the same in every example and are left out; the answer is one class at the last
 * position, so that loss and accuracy do not count the trailing `<|eos|>` that theirs include. Their split is one for
 * all runs (NumPy's RandomState(0)) and rounds n · percentage to the nearest integer; here the stream `split` of each
 * run shuffles and the training size is rounded down.
 */
export function buildModularArithmetic(spec: ModularArithmeticSpec, seed: number): TokenDataset {
  const { operation, p } = spec;
  const answer = modularAnswer(operation, p);
  const least = leastSecondOperand(operation);
  const columns = p - least;
  const order = Random.stream(seed, 'split').permutation(modularPairs(operation, p));
  return pairSplits(order, datasetSizes(spec).train, p, (pair) => {
    const x = Math.floor(pair / columns);
    const y = least + (pair % columns);
    return [x, y, answer(x, y)];
  });
}
