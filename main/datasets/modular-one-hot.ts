import type { ModularOneHotSpec } from '../../shared/dataset-spec.ts';
import { leastSecondOperand, modularAnswer } from '../../shared/modular.ts';
import { Random } from '../../shared/random.ts';
import type { VectorDataset, VectorSplit } from './dataset.ts';

/**
 * x ∘ y mod p with x and y as concatenated one-hot vectors: inputs [n, 2p], drawn **with replacement**. Miller et al.
 * 2023 (arXiv 2310.17247, `src/dataset.py` of their code), concealment: p = 7, 600 training and 200 test examples of x
 * + y, x − y, x / y, x² + xy + y², x² + xy + y² + x and x·y·x, which `concealment` gives l = 0, 10, … 40 random inputs
 * more.
 *
 * With p = 7 there are 49 pairs (42 for division): without random inputs nearly every test input is also a training
 * input. This is the authors' design.
 *
 * Different here: the stream `data` gives x and y of the training examples, `test` those of the test examples; the
 * authors draw 800 examples from Python's generator and split them at random.
 */
export function buildModularOneHot(spec: ModularOneHotSpec, seed: number): VectorDataset {
  const { operation, p, trainSize, testSize } = spec;
  const answer = modularAnswer(operation, p);
  const least = leastSecondOperand(operation);
  const draw = (n: number, random: Random): VectorSplit => {
    const inputs = new Float64Array(n * 2 * p);
    const labels = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      const x = random.integer(p);
      const y = least + random.integer(p - least);
      inputs[i * 2 * p + x] = 1;
      inputs[i * 2 * p + p + y] = 1;
      labels[i] = answer(x, y);
    }
    return { n, inputs, labels };
  };
  return {
    kind: 'vectors',
    dimensions: 2 * p,
    classes: p,
    train: draw(trainSize, Random.stream(seed, 'data')),
    test: draw(testSize, Random.stream(seed, 'test')),
  };
}
