import type { MultiTaskSpec } from '../../shared/sequence-spec.ts';
import { leastSecondOperand, modularAnswer, modularPairs } from '../../shared/modular.ts';
import { Random } from '../../shared/random.ts';
import type { TokenDataset, TokenSplit } from './dataset.ts';

/**
 * Several operations mod p at once, named by a task token: sequences (task, x, y, "=") over one vocabulary, 0 … p − 1, the
 * tasks, and "=" last. The subclass of an example is its task, so that each task has a test accuracy of its own: "local
 * grokking", in which groups of data generalize at different times after one loss has converged (Li et al. 2025, arXiv
 * 2506.21551, on the domains of a language model's corpus; this is an analogue).
 *
 * With `memorized` there is a task of random answers besides, symmetric in x and y, all p² of whose examples train and
 * none tests: beside it a model has to be large enough to generalize at all (Huang et al. 2024, arXiv 2402.15175, §5, who
 * mix modular addition with pure memorization).
 *
 * Streams: `split` shuffles the pairs of one task after the other, and then the training examples of all; `labels` gives
 * the random answers.
 */
export function buildMultiTask(spec: MultiTaskSpec, seed: number): TokenDataset {
  const { operations, p, trainFraction, memorized = false } = spec;
  const names = [...operations, ...(memorized ? [randomTask] : [])];
  const random = Random.stream(seed, 'split');
  const train: Example[] = [];
  const test: Example[] = [];
  operations.forEach((operation, task) => {
    const answer = modularAnswer(operation, p);
    const least = leastSecondOperand(operation);
    const columns = p - least;
    const pairs = modularPairs(operation, p);
    const trained = Math.floor(trainFraction * pairs);
    random.permutation(pairs).forEach((pair, i) => {
      const x = Math.floor(pair / columns);
      const y = least + (pair % columns);
      (i < trained ? train : test).push({ task, x, y, answer: answer(x, y) });
    });
  });
  if (memorized) {
    const labels = Random.stream(seed, 'labels');
    const table = Int32Array.from({ length: p * p }, () => labels.integer(p));
    for (let x = 0; x < p; x++) {
      for (let y = 0; y < p; y++) {
        const answer = table[Math.min(x, y) * p + Math.max(x, y)] as number;
        train.push({ task: operations.length, x, y, answer });
      }
    }
  }
  const vocabulary = p + names.length + 1;
  const split = (examples: readonly Example[]): TokenSplit => ({
    n: examples.length,
    tokens: Int32Array.from(examples.flatMap(({ task, x, y }) => [p + task, x, y, vocabulary - 1])),
    labels: Int32Array.from(examples, ({ answer }) => answer),
    subclasses: Int32Array.from(examples, ({ task }) => task),
  });
  const order = random.permutation(train.length);
  return {
    kind: 'tokens',
    vocabulary,
    length: 4,
    classes: p,
    tokenNames: [...Array.from({ length: p }, (_, i) => String(i)), ...names, '='],
    subclassNames: names,
    train: split(Array.from(order, (i) => train[i] as Example)),
    test: split(test),
  };
}

const randomTask = 'random answers';

interface Example {
  task: number;
  x: number;
  y: number;
  answer: number;
}
