import type { TokenDataset, TokenSplit } from './dataset.ts';

/**
 * Pairs of operands with their answers as tokens (x, y, "="), "=" being the token `elements`: the first `trainSize`
 * pairs of `order` train, the rest test.
 * @param equation pair number → x, y and x ∘ y, each from 0 to elements − 1
 */
export function pairSplits(
  order: Int32Array,
  trainSize: number,
  elements: number,
  equation: (pair: number) => readonly [number, number, number],
): TokenDataset {
  const split = (pairs: Int32Array): TokenSplit => {
    const n = pairs.length;
    const tokens = new Int32Array(n * 3);
    const labels = new Int32Array(n);
    pairs.forEach((pair, i) => {
      const [x, y, answer] = equation(pair);
      tokens[3 * i] = x;
      tokens[3 * i + 1] = y;
      tokens[3 * i + 2] = elements;
      labels[i] = answer;
    });
    return { n, tokens, labels };
  };
  return {
    kind: 'tokens',
    vocabulary: elements + 1,
    length: 3,
    classes: elements,
    train: split(order.subarray(0, trainSize)),
    test: split(order.subarray(trainSize)),
  };
}
