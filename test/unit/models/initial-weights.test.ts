/** What the options of a network do to its initial parameters and outputs, against the formulas that they name. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { constant } from '../../../main/engine/trace.ts';
import { sizeOf } from '../../../main/engine/graph.ts';
import { centred } from '../../../main/models/centred.ts';
import { mlp } from '../../../main/models/mlp.ts';
import type { Network, Parameters } from '../../../main/models/network.ts';
import { transformer } from '../../../main/models/transformer.ts';
import { initialParameters } from '../../../main/training/neural-parts.ts';
import { startingModels } from '../../../shared/starting-arms.ts';
import type { MlpSpec, TransformerSpec } from '../../../shared/model-spec.ts';

const seed = 3;

function valuesOf(network: Network): Record<string, number[]> {
  const flat = initialParameters(network, 'float64', seed);
  let start = 0;
  return Object.fromEntries(
    network.parameters.map(({ name, shape }) => {
      const end = start + sizeOf(shape);
      const values = [...flat.subarray(start, end)];
      start = end;
      return [name, values];
    }),
  );
}

function weightsOf(network: Network): Parameters {
  const values = valuesOf(network);
  return Object.fromEntries(
    network.parameters.map(({ name, shape }) => [name, constant(values[name] ?? [], shape, 'float64')]),
  );
}

function variance(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
}

/** The largest difference between a scaled parameter and `scale` times the plain one. */
function worstDifference(
  plain: Record<string, number[]>,
  scaled: Record<string, number[]>,
  scale: number,
): number {
  const differences = Object.entries(plain).flatMap(([name, values]) =>
    values.map((value, i) => Math.abs((scaled[name]?.[i] ?? Number.NaN) - scale * value)),
  );
  if (differences.some(Number.isNaN)) return Number.NaN;
  return differences.reduce((worst, one) => Math.max(worst, one), 0);
}

const vectors = (model: Partial<MlpSpec>): Network =>
  mlp({ ...startingModels.mlp, ...model } as MlpSpec, { kind: 'vectors', dimensions: 300 }, 3);
const tokens = (model: Partial<TransformerSpec>): Network =>
  transformer({ ...startingModels.transformer, ...model } as TransformerSpec, 12, 3);

describe('of an MLP', () => {
  it.each([
    // Uniform on ±b has the variance b²/3.
    ['xavier-uniform', 2 / (300 + 200)],
    ['torch-default', 1 / 300 / 3],
    ['he-normal', 2 / 300],
    ['standard-normal', 1],
  ] as const)('%s weights have its variance', (init, expected) => {
    const { 'W.0': weights = [] } = valuesOf(vectors({ init }));
    // 60,000 values: a relative standard error below 0.6 %.
    expect(Math.abs(variance(weights) / expected - 1)).toBeLessThan(0.03);
  });

  it('initScale multiplies every parameter, biases too', () => {
    const [plain, scaled] = [valuesOf(vectors({})), valuesOf(vectors({ initScale: 8 }))];
    expect(worstDifference(plain, scaled, 8)).toBeLessThan(1e-12);
  });

  it('a readout of zeros gives 0 for every class, whatever the scale', () => {
    const network = vectors({ zeroReadout: true, outputBias: false, initScale: 100 });
    const inputs = constant(
      Array.from({ length: 600 }, (_, i) => Math.sin(i)),
      [2, 300],
      'float64',
    );
    const [logits] = evaluate([network.logits(weightsOf(network), inputs)]);
    expect([...(logits ?? [])]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('of a transformer', () => {
  it('initScale multiplies every parameter, gains too', () => {
    const options = { layerNorm: 'pre', biases: 'all', init: 'torch-multihead' } as const;
    const [plain, scaled] = [valuesOf(tokens(options)), valuesOf(tokens({ ...options, initScale: 0.5 }))];
    expect(worstDifference(plain, scaled, 0.5)).toBeLessThan(1e-12);
    expect(new Set(plain['gain_end'])).toEqual(new Set([1]));
  });

  it("PyTorch's layers: bounds of 1/√fanIn, attention by Glorot's bound, biases of the attention 0", () => {
    const d = startingModels.transformer.dModel;
    const most = (values: readonly number[] = []): number => Math.max(...values.map(Math.abs));
    const linear = valuesOf(tokens({ biases: 'none', init: 'torch-linear' }));
    const multihead = valuesOf(tokens({ biases: 'all', init: 'torch-multihead' }));
    const dMlp = startingModels.transformer.dMlp;
    for (const [values, bound] of [
      [linear['W_Q.0'], 1 / Math.sqrt(d)],
      [multihead['W_Q.0'], Math.sqrt(6 / (4 * d))],
      [multihead['W_O.0'], 1 / Math.sqrt(d)],
      [multihead['W_out.0'], 1 / Math.sqrt(dMlp)],
      [multihead['b_out.0'], 1 / Math.sqrt(dMlp)],
    ] as const) {
      expect(most(values)).toBeLessThanOrEqual(bound);
      expect(most(values)).toBeGreaterThan(0.8 * bound);
    }
    expect(most(multihead['b_Q.0'])).toBe(0);
  });

  it('outputScale multiplies the logits, and a centred network starts at 0', () => {
    const [network, scaled] = [tokens({}), tokens({ outputScale: 0.15 })];
    const inputs = constant([1, 2, 11, 3, 5, 11], [2, 3], 'int32');
    const of = (one: Network): number[] => [...(evaluate([one.logits(weightsOf(one), inputs)])[0] ?? [])];
    const plain = of(network);
    of(scaled).forEach((value, i) => expect(value).toBeCloseTo(0.15 * (plain[i] as number), 12));
    const start = initialParameters(scaled, 'float64', seed);
    for (const value of of(centred(scaled, start, 'float64'))) expect(value).toBe(0);
  });
});
