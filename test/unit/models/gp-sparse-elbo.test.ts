import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainAlgebra } from '../../../main/linalg/algebra.ts';
import { inducingProblem } from '../../../main/models/gp-classifier.ts';
import { elboAndGradient, factorize, gpLayout, type GpProblem } from '../../../main/models/gp-elbo.ts';
import { sparseElbo, sparseElboAndGradient } from '../../../main/models/gp-sparse-elbo.ts';
import { createLearner } from '../../../main/training/registry.ts';
import { InputError } from '../../../shared/errors.ts';
import { Random } from '../../../shared/random.ts';
import { parseArm, type Arm } from '../../../shared/study.ts';
// Dense algebra of the definition in PyTorch, float64, differentiated by autograd: golden/gp_sparse.py.
import golden from './golden/gp_sparse.json';

const { n, dimensions, jitter, rows } = golden;
const train: GpProblem = {
  n,
  dimensions,
  jitter,
  inputs: Float64Array.from(golden.inputs),
  labels: Int32Array.from(golden.labels),
};

/** The training points with these row numbers. */
function chosen(from: GpProblem, at: readonly number[]): GpProblem {
  const inputs = at.flatMap((row) => [
    ...from.inputs.subarray(row * from.dimensions, (row + 1) * from.dimensions),
  ]);
  const labels = Int32Array.from(at, (row) => from.labels[row] as number);
  return { ...from, n: at.length, inputs: Float64Array.from(inputs), labels };
}

describe('the ELBO with inducing points', () => {
  test('its terms and gradient agree with the dense definition under autograd', async () => {
    const problem = { train, inducing: chosen(train, rows) };
    const parameters = Float64Array.from(golden.parameters);
    const gradient = new Float64Array(parameters.length);
    const { expectedLogLikelihood, kl } = await sparseElboAndGradient(
      problem,
      parameters,
      gradient,
      plainAlgebra,
    );
    expect(expectedLogLikelihood).toBeCloseTo(golden.expectedLogLikelihood, 10);
    expect(kl).toBeCloseTo(golden.kl, 9);
    gradient.forEach((value, i) => {
      expect(value).toBeCloseTo(golden.gradient[i] as number, 9);
    });
    const factors = await factorize(problem.inducing, parameters, plainAlgebra);
    const again = await sparseElbo(problem, parameters, factors, plainAlgebra);
    expect(again.expectedLogLikelihood).toBeCloseTo(expectedLogLikelihood, 11);
    expect(again.kl).toBe(kl);
  });

  test('with all training points and no jitter it is that of the full posterior', async () => {
    const exact = { ...chosen(train, [0, 1, 2, 3, 4, 5]), jitter: 0 };
    const layout = gpLayout(exact.n, dimensions);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0.2, max: 1.2, noNaN: true }), {
          minLength: layout.length,
          maxLength: layout.length,
        }),
        async (values) => {
          const parameters = Float64Array.from(values);
          const [full, sparse] = [new Float64Array(layout.length), new Float64Array(layout.length)];
          const expected = await elboAndGradient(exact, parameters, full, plainAlgebra);
          const problem = { train: exact, inducing: exact };
          const terms = await sparseElboAndGradient(problem, parameters, sparse, plainAlgebra);
          expect(terms.expectedLogLikelihood).toBeCloseTo(expected.expectedLogLikelihood, 8);
          expect(terms.kl).toBeCloseTo(expected.kl, 8);
          sparse.forEach((value, i) => {
            expect(value).toBeCloseTo(full[i] as number, 7);
          });
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('inducing points', () => {
  test('are distinct training inputs, the same for the same seed', () => {
    const one = inducingProblem(train, 4, Random.stream(7, 'inducing'));
    const points = Array.from({ length: 4 }, (_, i) => String(one.inputs.subarray(i * 3, i * 3 + 3)));
    const all = Array.from({ length: n }, (_, i) => String(train.inputs.subarray(i * 3, i * 3 + 3)));
    expect(new Set(points).size).toBe(4);
    for (const point of points) expect(all).toContain(point);
    expect(inducingProblem(train, 4, Random.stream(7, 'inducing'))).toEqual(one);
    expect(inducingProblem(train, 4, Random.stream(8, 'inducing')).inputs).not.toEqual(one.inputs);
  });

  const arm = (model: object): unknown => ({
    id: 'sparse',
    title: 'Sparse',
    dataset: { kind: 'zero-one', points: 200, trainSize: 60, testSize: 60 },
    model: {
      kind: 'gp-classifier',
      kernel: 'rbf',
      lengthScale: 0.1,
      outputScale: 0.7,
      jitter: 0.001,
      ...model,
    },
    trainer: {
      kind: 'adam',
      learningRate: 0.05,
      weightDecay: 0,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      warmupSteps: 0,
      batchSize: 'full',
    },
    budget: { maxEffort: 200 },
    thresholds: { metric: 'accuracy', train: 0.95, test: 0.95, sustain: 1 },
    record: { every: 50, perDecade: 5 },
    seeds: [0],
  });

  const faultOf = (model: object): string => {
    try {
      parseArm(arm(model));
    } catch (error) {
      if (error instanceof InputError) return error.message;
      throw error;
    }
    throw new Error('not refused');
  };

  test('more than the data, and beside Laplace’s approximation, are refused at their field', () => {
    expect(faultOf({ inducingPoints: 61 })).toContain(
      'model.inducingPoints: got 61; expected at most 60, the number of training examples, or left out for all of them',
    );
    expect(faultOf({ inducingPoints: 10, inference: 'laplace' })).toContain('model.inducingPoints');
    expect(() => parseArm(arm({ inducingPoints: 60 }))).not.toThrow();
  });

  test('a few of them learn the 0/1 task, with all columns of the full posterior', async () => {
    const [few, all] = await Promise.all(
      [{ inducingPoints: 8 }, {}].map((model) =>
        createLearner(parseArm(arm(model)) as Arm, 0, { threads: 1, device: null }),
      ),
    );
    if (few === undefined || all === undefined) throw new Error('no learners');
    expect(few.columns).toEqual(all.columns);
    while (few.effort < 200) await few.advance(200, Infinity);
    const values = await few.evaluate();
    const at = (name: string): number =>
      values[few.columns.findIndex((column) => column.name === name)] as number;
    expect(at('trainAccuracy')).toBeGreaterThan(0.9);
    expect(at('testAccuracy')).toBeGreaterThan(0.9);
    expect(at('elbo')).toBeCloseTo(at('expectedLogLikelihood') - at('kl'), 10);
    expect(few.save().arrays['parameters']?.length ?? 0).toBeLessThan(
      all.save().arrays['parameters']?.length ?? 0,
    );
    await few.dispose();
    await all.dispose();
  });
});
