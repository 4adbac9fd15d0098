import { describe, expect, test } from 'vitest';
import { plainAlgebra } from '../../../main/linalg/algebra.ts';
import { NotPositiveDefiniteError } from '../../../main/linalg/cholesky.ts';
import {
  GpLearner,
  KernelNotPositiveDefiniteError,
  type GpObjective,
} from '../../../main/models/gp-learner.ts';
import { DivergedError } from '../../../shared/errors.ts';
import type { AdamSpec } from '../../../shared/trainer-spec.ts';

const adam: AdamSpec = {
  kind: 'adam',
  learningRate: 0.1,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  warmupSteps: 0,
  batchSize: 'full',
};

/** Σ x²/2 with the jitter that `jitterAt` says for the first coordinate. */
function parabola(jitterAt: (x: number) => number): GpObjective {
  return {
    name: 'the parabola',
    columns: [],
    panels: [],
    lossAndGradient: async (parameters, gradient) => {
      gradient.set(parameters);
      return {
        loss: parameters.reduce((sum, x) => sum + x * x, 0) / 2,
        jitter: jitterAt(parameters[0] as number),
      };
    },
    evaluate: async () => ({ values: [], jitter: 0 }),
    snapshot: async () => ({}),
  };
}

describe('GpLearner', () => {
  test('its jitter column is the largest that any update needed, also in updates that were not recorded', async () => {
    const learner = new GpLearner(
      parabola((x) => (x > 0.8 && x < 0.95 ? 0.5 : 0.1)),
      adam,
      Float64Array.of(1),
      plainAlgebra,
    );
    const jitter = async (): Promise<number | undefined> => (await learner.evaluate()).at(-1);
    expect(await jitter()).toBe(0);
    await learner.advance(1, Infinity);
    expect(await jitter()).toBe(0.1);
    await learner.advance(40, Infinity);
    expect(await jitter()).toBe(0.5);
    const other = new GpLearner(
      parabola(() => 0),
      adam,
      Float64Array.of(1),
      plainAlgebra,
    );
    other.restore(learner.save());
    expect((await other.evaluate()).at(-1)).toBe(0.5);
  });

  test('goes downhill, and no further than asked', async () => {
    const learner = new GpLearner(
      parabola(() => 0),
      adam,
      Float64Array.of(1, -2),
      plainAlgebra,
    );
    await learner.advance(100, Infinity);
    expect(learner.effort).toBe(100);
    const parameters = learner.save().arrays['parameters'] as Float64Array;
    expect(Math.abs(parameters[0] as number)).toBeLessThan(0.2);
  });

  test.each([
    [
      'a kernel matrix that no jitter mends',
      -3,
      KernelNotPositiveDefiniteError,
      /not even with 1 % of its diagonal added \(pivot 2 .* is -3\)/,
    ],
    [
      'a kernel matrix that is not finite',
      NaN,
      DivergedError,
      /^The run diverged at effort 0: the kernel matrix is NaN/,
    ],
  ])('%s ends the run in words', async (_, value, type, words) => {
    const objective: GpObjective = {
      ...parabola(() => 0),
      lossAndGradient: () => Promise.reject(new NotPositiveDefiniteError(2, value)),
    };
    const learner = new GpLearner(objective, adam, Float64Array.of(1), plainAlgebra);
    const failure: unknown = await learner.advance(1, Infinity).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(type);
    expect((failure as Error).message).toMatch(words);
  });

  test('a loss that is not finite ends the run with its name and effort', async () => {
    const objective: GpObjective = {
      ...parabola(() => 0),
      lossAndGradient: async () => ({ loss: Infinity, jitter: 0 }),
    };
    const learner = new GpLearner(objective, adam, Float64Array.of(1), plainAlgebra);
    await expect(learner.advance(1, Infinity)).rejects.toThrow(
      'The run diverged at effort 1: the parabola is Infinity.',
    );
  });
});
