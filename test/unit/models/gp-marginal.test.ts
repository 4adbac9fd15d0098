import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { plainAlgebra } from '../../../main/linalg/algebra.ts';
import { createOnnxAlgebra } from '../../../main/linalg/onnx-algebra.ts';
import { exponential, softplus } from '../../../main/models/gp-kernel.ts';
import { logSpaced, MarginalLandscape } from '../../../main/models/gp-landscape.ts';
import {
  factorizeRegression,
  marginalAndGradient,
  marginalTerms,
  noiseTransform,
  predictRegression,
  regressionLayout,
  type RegressionProblem,
} from '../../../main/models/gp-marginal.ts';
// scikit-learn's GaussianProcessRegressor: golden/gp_regression.py.
import golden from './golden/gp_regression.json';

const onnxAlgebra = await createOnnxAlgebra(1);
afterAll(() => onnxAlgebra.dispose());
const names = ['one', 'shortScale', 'ard', 'many'] as const;
const runs = names.flatMap((name) => [
  { name, by: 'plain loops', algebra: plainAlgebra },
  { name, by: 'ONNX Runtime', algebra: onnxAlgebra },
]);

function problemOf(name: (typeof names)[number], transform = exponential): RegressionProblem {
  const { inputs, targets, dimensions } = golden[name];
  return {
    n: targets.length,
    dimensions,
    inputs: Float64Array.from(inputs),
    targets: Float64Array.from(targets),
    jitter: 0,
    transform,
  };
}

function parametersOf(name: (typeof names)[number], transform = exponential): Float64Array {
  const { lengthScales, outputScale, noise, meanConstant } = golden[name];
  const raw = [...lengthScales, outputScale].map(transform.raw);
  return Float64Array.of(...raw, noiseTransform.raw(noise), meanConstant);
}

describe('exact marginal likelihood', () => {
  test.each(runs)('value and gradient agree with scikit-learn’s ($name, $by)', async ({ name, algebra }) => {
    const expected = golden[name];
    const problem = problemOf(name);
    const parameters = parametersOf(name);
    const gradient = new Float64Array(parameters.length);
    const terms = await marginalAndGradient(problem, parameters, gradient, algebra);
    expect(terms.jitter).toBe(0);
    expect(terms.logMarginalLikelihood).toBeCloseTo(expected.logMarginalLikelihood, 9);
    const constant = (problem.n / 2) * Math.log(2 * Math.PI);
    expect(terms.fit - terms.complexity - constant).toBeCloseTo(expected.logMarginalLikelihood, 9);
    const { rawOutputScale, rawNoise, meanConstant } = regressionLayout(problem.dimensions);
    // With exp, the derivative by a raw value is scikit-learn's by a logarithm; the loss is −log p(y) / n.
    const byLog = Array.from(gradient, (value) => -value * problem.n);
    expect(byLog.slice(0, problem.dimensions)).toEqual(
      expected.byLogLengthScales.map((value) => expect.closeTo(value, 8)),
    );
    expect(byLog[rawOutputScale]).toBeCloseTo(expected.byLogOutputScale, 8);
    const byNoise = noiseTransform.derivative(parameters[rawNoise] as number) / expected.noise;
    expect(byLog[rawNoise]).toBeCloseTo(expected.byLogNoise * byNoise, 8);
    expect(byLog[meanConstant]).toBeCloseTo(expected.byMean, 8);
  });

  test.each(runs)('predictions agree with scikit-learn’s ($name, $by)', async ({ name, algebra }) => {
    const { testInputs, mean, variance } = golden[name];
    const problem = problemOf(name);
    const factors = await factorizeRegression(problem, parametersOf(name), algebra);
    const predicted = await predictRegression(problem, factors, Float64Array.from(testInputs), algebra);
    expect([...predicted.mean]).toEqual(mean.map((value) => expect.closeTo(value, 10)));
    expect([...predicted.variance]).toEqual(variance.map((value) => expect.closeTo(value, 10)));
  });

  test.each([
    ['softplus', softplus],
    ['exp', exponential],
  ])('its gradient agrees with central differences (%s)', async (_, transform) => {
    const number = fc.double({ min: -1.5, max: 1.5, noNaN: true });
    const list = (length: number) => fc.array(number, { minLength: length, maxLength: length });
    const anyCase = fc
      .record({ n: fc.integer({ min: 1, max: 6 }), dimensions: fc.constantFrom(1, 2, 9) })
      .chain(({ n, dimensions }) =>
        fc.record({
          n: fc.constant(n),
          dimensions: fc.constant(dimensions),
          inputs: list(n * dimensions),
          targets: list(n),
          parameters: list(regressionLayout(dimensions).length),
        }),
      );
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ n, dimensions, inputs, targets, parameters }) => {
        const problem: RegressionProblem = {
          n,
          dimensions,
          inputs: Float64Array.from(inputs),
          targets: Float64Array.from(targets),
          jitter: 0.01,
          transform,
        };
        const at = Float64Array.from(parameters);
        const gradient = new Float64Array(at.length);
        await marginalAndGradient(problem, at, gradient, plainAlgebra);
        const lossAt = async (index: number, shift: number): Promise<number> => {
          const shifted = at.slice();
          shifted[index] = (shifted[index] as number) + shift;
          const factors = await factorizeRegression(problem, shifted, plainAlgebra);
          return -marginalTerms(factors).logMarginalLikelihood / n;
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

  test('repeated inputs with almost no noise get jitter, which is said without the noise', async () => {
    const problem: RegressionProblem = {
      n: 3,
      dimensions: 1,
      inputs: Float64Array.of(0.5, 0.5, 0.5),
      targets: Float64Array.of(1, 1, 1),
      jitter: 0,
      transform: exponential,
    };
    // 10⁻⁴ of noise is rounding beside an output scale of 10¹³.
    const parameters = Float64Array.of(0, Math.log(1e13), -40, 0);
    const { prior, hyper } = await factorizeRegression(problem, parameters, plainAlgebra);
    expect(hyper.noise).toBeCloseTo(1e-4, 12);
    expect(prior.jitter / 1e13).toBeCloseTo(1e-8, 15);
  });
});

describe('landscape', () => {
  test('agrees with the direct computation everywhere on its grid', async () => {
    const problem = problemOf('one');
    const lengthScales = logSpaced(0.01, 20, 7);
    const landscape = new MarginalLandscape(problem.inputs, problem.targets, lengthScales);
    for (const [i, lengthScale] of lengthScales.entries()) {
      for (const outputScale of [0.02, 1.3, 50]) {
        for (const noise of [1e-3, 0.02, 4]) {
          const raw = [lengthScale, outputScale].map(exponential.raw);
          const parameters = Float64Array.of(...raw, noiseTransform.raw(noise), 0.2);
          const direct = marginalTerms(await factorizeRegression(problem, parameters, plainAlgebra));
          const { logMarginalLikelihood, fit, complexity } = landscape.at(i, outputScale, noise, 0.2);
          const tolerance = 1e-8 * Math.max(1, Math.abs(direct.logMarginalLikelihood));
          expect(Math.abs(logMarginalLikelihood - direct.logMarginalLikelihood)).toBeLessThan(tolerance);
          expect(Math.abs(fit - direct.fit)).toBeLessThan(tolerance);
          expect(Math.abs(complexity - direct.complexity)).toBeLessThan(tolerance);
        }
      }
    }
  });

  test('contains scikit-learn’s value', () => {
    const { inputs, targets, lengthScales, outputScale, noise, meanConstant, logMarginalLikelihood } =
      golden.one;
    const landscape = new MarginalLandscape(
      Float64Array.from(inputs),
      Float64Array.from(targets),
      Float64Array.from(lengthScales),
    );
    expect(landscape.at(0, outputScale, noise, meanConstant).logMarginalLikelihood).toBeCloseTo(
      logMarginalLikelihood,
      9,
    );
  });

  test('log-spaced values have equal ratios and both ends', () => {
    expect([...logSpaced(0.01, 100, 5)]).toEqual(
      [0.01, 0.1, 1, 10, 100].map((value) => expect.closeTo(value, 12)),
    );
  });
});
