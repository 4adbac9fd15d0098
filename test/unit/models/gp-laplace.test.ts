import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { plainAlgebra } from '../../../main/linalg/algebra.ts';
import { logNormalCdf } from '../../../main/linalg/normal.ts';
import { createOnnxAlgebra } from '../../../main/linalg/onnx-algebra.ts';
import { createGpClassifierLearner } from '../../../main/models/gp-classifier.ts';
import type { GpProblem } from '../../../main/models/gp-elbo.ts';
import { softplus } from '../../../main/models/gp-kernel.ts';
import {
  factorizeLaplace,
  laplaceAndGradient,
  laplaceAt,
  laplaceLayout,
  laplaceTerms,
} from '../../../main/models/gp-laplace.ts';
import type { Learner } from '../../../main/training/learner.ts';
import { parseStudy, type Arm } from '../../../shared/study.ts';
// 40-digit arithmetic with mpmath, by other formulas than ours: golden/gp_laplace.py.
import golden from './golden/gp_laplace.json';

const onnxAlgebra = await createOnnxAlgebra(1);
afterAll(() => onnxAlgebra.dispose());
const names = ['one', 'ard'] as const;
const runs = names.flatMap((name) => [
  { name, by: 'plain loops', algebra: plainAlgebra },
  { name, by: 'ONNX Runtime', algebra: onnxAlgebra },
]);

function problemOf(name: (typeof names)[number]): GpProblem {
  const { inputs, labels, dimensions, jitter } = golden[name];
  return {
    n: labels.length,
    dimensions,
    inputs: Float64Array.from(inputs),
    labels: Int32Array.from(labels),
    jitter,
  };
}

function parametersOf(name: (typeof names)[number]): Float64Array {
  const { lengthScales, outputScale, meanConstant } = golden[name];
  return Float64Array.of(...[...lengthScales, outputScale].map(softplus.raw), meanConstant);
}

const closeTo = (values: number[], digits: number) =>
  values.map((value) => expect.closeTo(value, digits) as number);

describe('Laplace approximation', () => {
  test.each(runs)(
    'mode, value and gradient agree with 40-digit arithmetic ($name, $by)',
    async ({ name, algebra }) => {
      const expected = golden[name];
      const problem = problemOf(name);
      const parameters = parametersOf(name);
      const factors = await factorizeLaplace(problem, parameters, algebra);
      expect([...factors.mode]).toEqual(closeTo(expected.mode, 8));
      const gradient = new Float64Array(parameters.length);
      const terms = await laplaceAndGradient(problem, parameters, gradient, algebra);
      expect(terms).toEqual(laplaceTerms(factors));
      expect(terms.logMarginalLikelihood).toBeCloseTo(expected.logMarginalLikelihood, 11);
      expect(terms.fit).toBeCloseTo(expected.fit, 8);
      expect(terms.fit - terms.complexity).toBeCloseTo(terms.logMarginalLikelihood, 12);
      const chain = parameters.map((raw, i) => (i === problem.dimensions + 1 ? 1 : softplus.derivative(raw)));
      const byHyper = Array.from(gradient, (value, i) => (-value * problem.n) / (chain[i] as number));
      expect(byHyper).toEqual(closeTo(expected.gradient, 7));
    },
  );

  test.each(runs)('predictions agree with 40-digit arithmetic ($name, $by)', async ({ name, algebra }) => {
    const { testInputs, test: expected } = golden[name];
    const problem = problemOf(name);
    const factors = await factorizeLaplace(problem, parametersOf(name), algebra);
    const { mean, variance } = await laplaceAt(problem, factors, Float64Array.from(testInputs), algebra);
    expect([...mean]).toEqual(closeTo(expected.mean, 8));
    expect([...variance]).toEqual(closeTo(expected.variance, 8));
    // The probability there is an integral of Φ over the latent function's normal distribution.
    const probability = Array.from(mean, (m, i) =>
      Math.exp(logNormalCdf(m / Math.sqrt(1 + (variance[i] as number)))),
    );
    expect(probability).toEqual(closeTo(expected.probability, 8));
  });

  test('its gradient agrees with central differences', async () => {
    const number = fc.double({ min: -1.5, max: 1.5, noNaN: true });
    const list = (length: number) => fc.array(number, { minLength: length, maxLength: length });
    const anyCase = fc
      .record({ n: fc.integer({ min: 1, max: 6 }), dimensions: fc.constantFrom(1, 2, 9) })
      .chain(({ n, dimensions }) =>
        fc.record({
          n: fc.constant(n),
          dimensions: fc.constant(dimensions),
          inputs: list(n * dimensions),
          labels: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: n, maxLength: n }),
          parameters: list(laplaceLayout(dimensions).length),
        }),
      );
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ n, dimensions, inputs, labels, parameters }) => {
        const problem: GpProblem = {
          n,
          dimensions,
          inputs: Float64Array.from(inputs),
          labels: Int32Array.from(labels),
          jitter: 1e-3,
        };
        const at = Float64Array.from(parameters);
        const gradient = new Float64Array(at.length);
        await laplaceAndGradient(problem, at, gradient, plainAlgebra);
        const lossAt = async (index: number, shift: number): Promise<number> => {
          const shifted = at.slice();
          shifted[index] = (shifted[index] as number) + shift;
          const factors = await factorizeLaplace(problem, shifted, plainAlgebra);
          return -laplaceTerms(factors).logMarginalLikelihood / n;
        };
        const h = 1e-4;
        for (const [i, value] of gradient.entries()) {
          const difference = ((await lossAt(i, h)) - (await lossAt(i, -h))) / (2 * h);
          expect(Math.abs(value - difference)).toBeLessThan(1e-5 * (1 + Math.abs(difference)));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('is near the exact log marginal likelihood of two examples', async () => {
    // p(y) is an orthant probability of N(0, K + I): ¼ + asin(s₁s₂ρ)/2π (Sheppard 1899).
    const problem: GpProblem = {
      n: 2,
      dimensions: 1,
      inputs: Float64Array.of(0, 0.4),
      labels: Int32Array.of(1, 1),
      jitter: 0,
    };
    const [lengthScale, outputScale] = [0.7, 1.5];
    const parameters = Float64Array.of(softplus.raw(lengthScale), softplus.raw(outputScale), 0);
    const factors = await factorizeLaplace(problem, parameters, plainAlgebra);
    const correlation = (outputScale * Math.exp(-0.5 * (0.4 / lengthScale) ** 2)) / (outputScale + 1);
    const exact = Math.log(0.25 + Math.asin(correlation) / (2 * Math.PI));
    expect(Math.abs(laplaceTerms(factors).logMarginalLikelihood - exact)).toBeLessThan(0.05);
  });

  test('finds the mode also where a full Newton step overshoots, and at repeated inputs without jitter', async () => {
    const n = 30;
    const problem: GpProblem = {
      n,
      dimensions: 1,
      inputs: Float64Array.from({ length: n }, (_, i) => Math.floor(i / 2)),
      labels: Int32Array.from({ length: n }, (_, i) => i % 2),
      jitter: 0,
    };
    const parameters = Float64Array.of(softplus.raw(5), softplus.raw(1e4), 20);
    const { mode, at, prior, hyper } = await factorizeLaplace(problem, parameters, plainAlgebra);
    // At the mode f = c + K ∇ log p(y | f); K multiplies rounding by 10⁴.
    for (let i = 0; i < n; i++) {
      let shift = hyper.meanConstant;
      for (let k = 0; k < n; k++) shift += (prior[i * n + k] as number) * (at.first[k] as number);
      expect(Math.abs(shift - (mode[i] as number)) / 1e4).toBeLessThan(1e-6);
    }
  });
});

describe('learner', () => {
  const arm: Arm = {
    id: 'gp',
    title: 'Gaussian process',
    dataset: { kind: 'zero-one', points: 100, trainSize: 20, testSize: 20 },
    model: {
      kind: 'gp-classifier',
      kernel: 'rbf',
      lengthScale: 0.005,
      outputScale: Math.LN2,
      jitter: 1e-3,
      inference: 'laplace',
    },
    trainer: {
      kind: 'adam',
      learningRate: 1e-2,
      weightDecay: 0,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      warmupSteps: 0,
      batchSize: 'full',
    },
    budget: { maxEffort: 1500 },
    thresholds: { metric: 'accuracy', train: 0.95, test: 0.95, sustain: 1 },
    record: { every: 100, perDecade: 10 },
    seeds: [42],
  };
  const create = (): Promise<Learner> => createGpClassifierLearner(arm, 42, { threads: 1, device: null });

  async function rowOf(learner: Learner): Promise<Record<string, number>> {
    const values = await learner.evaluate();
    expect(values.length).toBe(learner.columns.length);
    return Object.fromEntries(learner.columns.map(({ name }, i) => [name, values[i] as number]));
  }

  test('a study may say nothing of inference, and then means the variational one', () => {
    const study = (model: Arm['model']) => ({
      schemaVersion: 1,
      id: 's',
      title: 's',
      question: 's',
      paper: null,
      arms: [{ ...arm, model }],
      claims: [],
    });
    const { inference, ...silent } = arm.model as Extract<Arm['model'], { kind: 'gp-classifier' }>;
    expect(inference).toBe('laplace');
    expect(parseStudy(study(silent)).arms[0]?.model).toEqual(silent);
    expect(parseStudy(study(arm.model)).arms[0]?.model).toEqual(arm.model);
  });

  test('raises its marginal likelihood, and its test likelihood falls after it has fitted', async () => {
    const learner = await create();
    const before = await rowOf(learner);
    expect(before['trainAccuracy']).toBe(1);
    // A length scale of a fortieth of the distance between points: nearly ½ everywhere.
    expect(before['testLoss']).toBeGreaterThan(0.5);
    await learner.advance(400, Infinity);
    const after = await rowOf(learner);
    expect(after['logMarginalLikelihood']).toBeGreaterThan(before['logMarginalLikelihood'] as number);
    expect(after['testLoss']).toBeLessThan(0.3);
    expect(after['testAccuracy']).toBeGreaterThanOrEqual(0.9);
    expect(after['lengthScale']).toBeGreaterThan(0.05);
    expect(after['dataFit']).toBeCloseTo(
      (after['logMarginalLikelihood'] as number) + (after['complexity'] as number),
      12,
    );
  });

  test('a restored learner goes on bit for bit', async () => {
    const straight = await create();
    await straight.advance(30, Infinity);
    const first = await create();
    await first.advance(12, Infinity);
    await first.snapshot?.(true);
    const second = await create();
    second.restore(structuredClone(first.save()));
    await second.advance(30, Infinity);
    expect(second.save()).toEqual(straight.save());
  });

  test('its snapshot is a probability over x, with its band', async () => {
    const learner = await create();
    expect(learner.panels).toMatchObject([{ kind: 'function', name: 'posterior' }]);
    const arrays = (await learner.snapshot?.(true)) ?? {};
    expect(arrays['posterior.trainY']).toHaveLength(20);
    const mean = arrays['posterior.mean'] ?? new Float64Array();
    expect(mean.length).toBe(arrays['posterior.x']?.length);
    mean.forEach((p, i) => {
      expect(p).toBeGreaterThan(arrays['posterior.lower']?.[i] as number);
      expect(p).toBeLessThan(arrays['posterior.upper']?.[i] as number);
    });
    expect(Object.keys((await learner.snapshot?.(false)) ?? {}).sort()).toEqual([
      'posterior.lower',
      'posterior.mean',
      'posterior.upper',
    ]);
  });
});
