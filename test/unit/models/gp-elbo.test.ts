import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import {
  elbo,
  elboAndGradient,
  factorize,
  gpLayout,
  marginalsAt,
  trainMarginals,
  type GpProblem,
} from '../../../main/models/gp-elbo.ts';
import { plainAlgebra } from '../../../main/linalg/algebra.ts';
import { createOnnxAlgebra } from '../../../main/linalg/onnx-algebra.ts';
import { exponential, rbfGram, rbfKernel, softplus } from '../../../main/models/gp-kernel.ts';
// The KL divergence from its dense closed form in NumPy, checked there by Monte Carlo: golden/gaussian_kl.py.
import klGolden from './golden/gaussian_kl.json';
// GPyTorch 1.8.1 in float64, with torch autograd, and the kernel from scikit-learn: golden/gp_classifier.py.
import golden from './golden/gp_classifier.json';

const cases = { general: golden.general, zeroOne: golden.zeroOne };
const caseNames = ['general', 'zeroOne'] as const;

function problemOf(name: keyof typeof cases): GpProblem {
  const { inputs, labels, dimensions, jitter } = cases[name];
  return {
    n: labels.length,
    dimensions,
    inputs: Float64Array.from(inputs),
    labels: Int32Array.from(labels),
    jitter,
  };
}

/** Largest difference relative to the larger of 1 and the expected value. */
function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(
    ...Array.from(actual, (value, i) => {
      const wanted = expected[i] as number;
      return Math.abs(value - wanted) / Math.max(1, Math.abs(wanted));
    }),
  );
}

const onnxAlgebra = await createOnnxAlgebra(1);
afterAll(() => onnxAlgebra.dispose());
/** Both implementations, each on both cases. */
const runs = caseNames.flatMap((name) => [
  { name, by: 'plain loops', algebra: plainAlgebra },
  { name, by: 'ONNX Runtime', algebra: onnxAlgebra },
]);

describe('RBF kernel', () => {
  test.each(caseNames)('agrees with scikit-learn’s RBF times the output scale (%s)', (name) => {
    const { lengthScales, outputScale, kernelBySklearn } = cases[name];
    const { inputs } = problemOf(name);
    const hyper = { lengthScales: Float64Array.from(lengthScales), outputScale };
    expect(largestError(rbfKernel(hyper, inputs, inputs), kernelBySklearn)).toBeLessThan(1e-14);
    expect(largestError(rbfGram(hyper, inputs), kernelBySklearn)).toBeLessThan(1e-14);
  });

  test('sums over any number of inputs', () => {
    for (const d of [1, 3, 4, 5, 9]) {
      const x = Float64Array.from({ length: 2 * d }, (_, i) => Math.sin(7 * i));
      let distance = 0;
      for (let k = 0; k < d; k++) distance += (((x[k] as number) - (x[d + k] as number)) / (1 + k)) ** 2;
      const lengthScales = Float64Array.from({ length: d }, (_, k) => 1 + k);
      const kernel = rbfGram({ lengthScales, outputScale: 2 }, x);
      expect(kernel[2]).toBeCloseTo(2 * Math.exp(-distance / 2), 14);
      expect(kernel[1]).toBe(kernel[2]);
    }
  });
});

describe('numbers that stay positive', () => {
  test.each([
    ['softplus', softplus],
    ['exponential', exponential],
  ])(
    '%s and its inverse undo each other over twelve decades; its derivative is a difference quotient',
    (_, transform) => {
      for (let exponent = -6; exponent <= 6; exponent += 0.25) {
        const value = 10 ** exponent;
        const raw = transform.raw(value);
        expect(transform.value(raw) / value).toBeCloseTo(1, 10);
        const h = 1e-6 * Math.max(1, Math.abs(raw));
        const quotient = (transform.value(raw + h) - transform.value(raw - h)) / (2 * h);
        expect(transform.derivative(raw) / quotient).toBeCloseTo(1, 5);
      }
    },
  );

  test('softplus(0) is ln 2', () => {
    expect(softplus.value(0)).toBeCloseTo(Math.LN2, 15);
  });
});

describe('ELBO', () => {
  test.each(runs)(
    'its terms and gradient agree with GPyTorch’s along a run ($name, $by)',
    async ({ name, algebra }) => {
      const problem = problemOf(name);
      for (const step of cases[name].steps) {
        const parameters = Float64Array.from(step.parameters);
        const gradient = new Float64Array(parameters.length);
        const { jitter, ...terms } = await elboAndGradient(problem, parameters, gradient, algebra);
        expect(jitter).toBe(problem.jitter);
        expect(terms.expectedLogLikelihood).toBeCloseTo(step.expectedLogLikelihood, 10);
        expect(terms.kl).toBeCloseTo(step.kl, 9);
        expect((terms.kl - terms.expectedLogLikelihood) / problem.n).toBeCloseTo(step.loss, 10);
        expect(largestError(gradient, step.gradient)).toBeLessThan(1e-9);
        const factors = await factorize(problem, parameters, algebra);
        expect(elbo(problem, parameters, factors)).toEqual(terms);
      }
    },
  );

  test('the KL divergence agrees with the dense closed form', async () => {
    const { inputs, jitter, lengthScale, outputScale, meanConstant, mean, factor, kl } = klGolden;
    const problem: GpProblem = {
      n: mean.length,
      dimensions: 1,
      inputs: Float64Array.from(inputs),
      labels: new Int32Array(mean.length),
      jitter,
    };
    const hyper = [softplus.raw(lengthScale), softplus.raw(outputScale), meanConstant];
    const parameters = Float64Array.from([...mean, ...factor, ...hyper]);
    const factors = await factorize(problem, parameters, plainAlgebra);
    expect(elbo(problem, parameters, factors).kl / kl).toBeCloseTo(1, 11);
  });

  /** Random problems with several inputs; L's diagonal has both signs and keeps away from 0. */
  const randomCase = fc
    .record({ n: fc.integer({ min: 1, max: 6 }), dimensions: fc.constantFrom(1, 2, 3, 9) })
    .chain(({ n, dimensions }) => {
      const number = fc.double({ min: -1.5, max: 1.5, noNaN: true });
      const layout = gpLayout(n, dimensions);
      return fc.record({
        n: fc.constant(n),
        dimensions: fc.constant(dimensions),
        inputs: fc.array(number, { minLength: n * dimensions, maxLength: n * dimensions }),
        labels: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: n, maxLength: n }),
        parameters: fc.array(number, { minLength: layout.length, maxLength: layout.length }).map((values) => {
          const parameters = Float64Array.from(values);
          for (let i = 0; i < n; i++) {
            const at = layout.factor + (i * (i + 1)) / 2 + i;
            const diagonal = parameters[at] as number;
            parameters[at] = diagonal < 0 ? diagonal - 0.3 : diagonal + 0.3;
          }
          return parameters;
        }),
      });
    });

  test('its gradient agrees with central differences', async () => {
    await fc.assert(
      fc.asyncProperty(randomCase, async ({ n, dimensions, inputs, labels, parameters }) => {
        const problem: GpProblem = {
          n,
          dimensions,
          inputs: Float64Array.from(inputs),
          labels: Int32Array.from(labels),
          jitter: 0.05,
        };
        const gradient = new Float64Array(parameters.length);
        await elboAndGradient(problem, parameters, gradient, plainAlgebra);
        const lossAt = async (index: number, shift: number): Promise<number> => {
          const shifted = parameters.slice();
          shifted[index] = (shifted[index] as number) + shift;
          const terms = elbo(problem, shifted, await factorize(problem, shifted, plainAlgebra));
          return (terms.kl - terms.expectedLogLikelihood) / n;
        };
        const h = 1e-5;
        for (const [i, value] of gradient.entries()) {
          const difference = ((await lossAt(i, h)) - (await lossAt(i, -h))) / (2 * h);
          expect(Math.abs(value - difference)).toBeLessThan(1e-5 * (1 + Math.abs(difference)));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is a lower bound of the exact log marginal likelihood, and close to it at its best (n = 2)', async () => {
    // p(y) is an orthant probability of N(0, K + I): ¼ + asin(s₁s₂ρ)/2π (Sheppard 1899).
    const distance = 0.4;
    const problem: GpProblem = {
      n: 2,
      dimensions: 1,
      inputs: Float64Array.of(0, distance),
      labels: Int32Array.of(1, 0),
      jitter: 1e-3,
    };
    const [lengthScale, outputScale] = [0.7, 1.5];
    const hyper = [softplus.raw(lengthScale), softplus.raw(outputScale), 0];
    const correlation =
      (outputScale * Math.exp(-0.5 * (distance / lengthScale) ** 2)) / (outputScale + problem.jitter + 1);
    const exact = Math.log(0.25 + Math.asin(-correlation) / (2 * Math.PI));
    const bound = async (q: number[]): Promise<number> => {
      const parameters = Float64Array.from([...q, ...hyper]);
      const terms = elbo(problem, parameters, await factorize(problem, parameters, plainAlgebra));
      return terms.expectedLogLikelihood - terms.kl;
    };
    const number = fc.double({ min: -2, max: 2, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(number, number, fc.double({ min: 0.05, max: 2, noNaN: true }), number, number),
        async (q) => {
          if (Math.abs(q[4]) < 0.05) return;
          expect(await bound(q)).toBeLessThan(exact);
        },
      ),
      { numRuns: 300 },
    );

    const q = Float64Array.of(0, 0, 1, 0, 1, ...hyper);
    const gradient = new Float64Array(q.length);
    for (let step = 0; step < 3000; step++) {
      await elboAndGradient(problem, q, gradient, plainAlgebra);
      for (let i = 0; i < 5; i++) q[i] = (q[i] as number) - 0.05 * (gradient[i] as number);
    }
    const best = await bound([...q.subarray(0, 5)]);
    expect(best).toBeLessThan(exact);
    expect(best).toBeGreaterThan(exact - 0.05);
  });

  test('at repeated inputs without jitter, jitter is added and said', async () => {
    const problem: GpProblem = {
      n: 2,
      dimensions: 1,
      inputs: Float64Array.of(0.1, 0.1),
      labels: Int32Array.of(0, 1),
      jitter: 0,
    };
    // Output scale 1, so that the second pivot is exactly 1 − 1.
    const parameters = new Float64Array(gpLayout(2, 1).length).fill(softplus.raw(1));
    const { prior } = await factorize(problem, parameters, plainAlgebra);
    expect(prior.jitter).toBeCloseTo(1e-8, 20);
    const gradient = new Float64Array(parameters.length);
    const terms = await elboAndGradient(problem, parameters, gradient, plainAlgebra);
    expect(terms.jitter).toBe(prior.jitter);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });
});

describe('latent marginals', () => {
  test.each(runs)(
    'agree with GPyTorch’s at training and other inputs ($name, $by)',
    async ({ name, algebra }) => {
      const problem = problemOf(name);
      const { parameters, train, test: other, testInputs } = cases[name];
      const values = Float64Array.from(parameters);
      const onTrain = trainMarginals(problem, values);
      expect(largestError(onTrain.mean, train.mean)).toBeLessThan(1e-12);
      expect(largestError(onTrain.variance, train.variance)).toBeLessThan(1e-12);
      const factors = await factorize(problem, values, algebra);
      const elsewhere = await marginalsAt(problem, factors, Float64Array.from(testInputs), algebra);
      expect(largestError(elsewhere.mean, other.mean)).toBeLessThan(1e-11);
      expect(largestError(elsewhere.variance, other.variance)).toBeLessThan(1e-11);
    },
  );
});
