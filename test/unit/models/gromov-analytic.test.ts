import { describe, expect, it } from 'vitest';
import { gromovSolution } from '../../../main/models/gromov-analytic.ts';
import { createLearner } from '../../../main/training/registry.ts';
import { startingArm } from '../../../shared/starting-arms.ts';
import { Random } from '../../../shared/random.ts';
import type { Arm } from '../../../shared/study.ts';

/** Gromov 2023, Figure 2: p = 97 and 500 hidden neurons; vanilla gradient descent on the squared error. */
const arm: Arm = {
  ...startingArm('mlp'),
  dataset: { kind: 'modular-addition', p: 97, trainFraction: 0.5 },
  model: {
    kind: 'mlp',
    hidden: [500],
    activation: 'quadratic',
    hiddenBiases: false,
    outputBias: false,
    init: 'gromov-analytic',
    initScale: 1,
    outputScale: 1 / (2 * 97 * 500),
  },
  trainer: { kind: 'sgd', learningRate: 1, weightDecay: 0, momentum: 0, batchSize: 'full', loss: 'mse' },
};

describe('the analytic weights', () => {
  it.each([0, 1, 2])('add all pairs mod 97 before any training, seed %i', async (seed) => {
    const learner = await createLearner(arm, seed, { threads: 1, device: null });
    try {
      const row = await learner.evaluate();
      const at = (name: string) => row[learner.columns.findIndex((one) => one.name === name)] as number;
      expect([at('trainAccuracy'), at('testAccuracy')]).toEqual([1, 1]);
      // An output that is 0 everywhere has the loss 1/97; what is left here is the noise of 500 random phases.
      expect(at('testLoss')).toBeLessThan(1 / 97);
    } finally {
      await learner.dispose();
    }
  });

  it('are what the formula says: the sum over all frequencies and four phases each is exact', () => {
    // Phases by hand instead of drawn: 0, a quarter, a half and three quarters of a turn in every combination make
    // everything but the wanted term cancel, so that the network gives 1 for the sum and 0 for all else.
    const [p, width] = [7, 7 * 16];
    const turns = Array.from({ length: width }, (_, k) => [
      ((Math.floor(k / p) % 4) * Math.PI) / 2,
      ((Math.floor(k / (4 * p)) % 4) * Math.PI) / 2,
    ]).flat();
    const random = Random.stream(0, 'init');
    random.permutation = (n) => Int32Array.from({ length: n }, (_, k) => k);
    random.uniformBetween = () => turns.shift() as number;
    const w = gromovSolution({ modulus: p, width, outputScale: 1 }, random);
    for (let n = 0; n < p; n++) {
      for (let m = 0; m < p; m++) {
        for (let q = 0; q < p; q++) {
          let sum = 0;
          for (let k = 0; k < width; k++) {
            const h = (w[n * width + k] as number) + (w[(p + m) * width + k] as number);
            sum += h ** 2 * (w[2 * p * width + k * p + q] as number);
          }
          expect(sum).toBeCloseTo((n + m) % p === q ? 1 : 0, 10);
        }
      }
    }
  });
});
