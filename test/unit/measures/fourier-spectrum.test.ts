import { describe, expect, it } from 'vitest';
import golden from './golden/progress-measures.json' with { type: 'json' };
import { cyclicTask } from '../../../shared/cyclic-task.ts';
import { measureMisfit } from '../../../shared/measure-spec.ts';
import type { MlpSpec, TransformerSpec } from '../../../shared/model-spec.ts';
import { buildDataset } from '../../../main/datasets/index.ts';
import { createFourierSpectrum, keyFrequencies } from '../../../main/measures/fourier-spectrum.ts';
import { contextOf, measured } from './support.ts';

const { p } = golden;

const transformer = {
  kind: 'transformer',
  layers: 1,
  dModel: 8,
  heads: 2,
  dMlp: 16,
  activation: 'relu',
} satisfies TransformerSpec;

const mlp = {
  kind: 'mlp',
  hidden: [4],
  activation: 'quadratic',
  outputBias: false,
  init: 'torch-default',
  initScale: 1,
} satisfies MlpSpec;

describe('the Fourier spectrum', () => {
  it('of a transformer is that of the progress measures’ golden data (NumPy)', async () => {
    const spec = { kind: 'modular-addition', p, trainFraction: 0.5 } as const;
    const context = await contextOf({ model: transformer, dataset: buildDataset(spec, 0), spec });
    const parameters = Float64Array.from(
      { length: golden.parameters },
      (_, i) => 0.6 * Math.sin(1.7 * i + 0.1 * (i % 13)),
    );
    const [result] = await measured(createFourierSpectrum, context, parameters);
    expect(result?.columns['spectrumGini:embedding']).toBeCloseTo(golden.giniEmbedding, 10);
    expect(result?.columns['spectrumGini:output']).toBeCloseTo(golden.giniNeuronLogit, 10);
    for (const [name, expected] of [
      ['spectrum-embedding.values', golden.embeddingNorms.slice(1)],
      ['spectrum-logits.values', golden.logitNorms],
    ] as const) {
      expect(result?.arrays[name]).toHaveLength(expected.length);
      result?.arrays[name]?.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 10));
    }
  });

  /**
   * First layer: neuron h reads cos of w_k times the number of x, and of y with the opposite phase for a difference;
   * output: neuron h writes cos of w_m times the number of the answer.
   */
  const waves = (elements: readonly number[], residues: number, k: number, m: number): Float64Array => {
    const n = elements.length;
    const first = new Float64Array(2 * residues * 4);
    const last = new Float64Array(4 * residues);
    elements.forEach((residue, i) => {
      for (let h = 0; h < 4; h++) {
        first[residue * 4 + h] = Math.cos((2 * Math.PI * k * i) / n + h);
        first[(residues + residue) * 4 + h] = Math.cos((2 * Math.PI * k * i) / n - h);
        last[h * residues + residue] = Math.cos((2 * Math.PI * m * i) / n + 2 * h);
      }
    });
    return Float64Array.of(...first, 0, 0, 0, 0, ...last);
  };

  it.each([
    ['modular-arithmetic', 'x-y', 7],
    ['modular-arithmetic', 'x*y', 11],
    ['modular-one-hot', 'x/y', 7],
    ['modular-one-hot', 'x+y', 8],
  ] as const)(
    'of an MLP on %s (%s mod %i) finds the one frequency of each layer',
    async (kind, operation, modulus) => {
      const spec =
        kind === 'modular-arithmetic'
          ? { kind, operation, p: modulus, trainFraction: 0.5 }
          : { kind, operation, p: modulus, trainSize: 9, testSize: 9 };
      const task = cyclicTask(spec);
      if (task === null) throw new Error('unreachable');
      const context = await contextOf({ model: mlp, dataset: buildDataset(spec, 0), spec });
      const [result] = await measured(createFourierSpectrum, context, waves(task.elements, modulus, 2, 3));
      const shown = (name: string): number[] =>
        [...(result?.arrays[name] ?? [])].flatMap((value, i) => (value > 1e-9 ? [i + 1] : []));
      expect(shown('spectrum-embedding.values')).toEqual([2]);
      expect(shown('spectrum-output.values')).toEqual([3]);
      expect(result?.columns['spectrumKeyFrequencies']).toBe(1);
      // Squares of waves of frequency 2 in x and y have their part in i ± j at frequency 2 (their product) alone.
      expect(shown('spectrum-logits.values')).toEqual([2]);
    },
  );
});

describe('key frequencies', () => {
  it('are the fewest that hold 90 % of the power, the constant left out', () => {
    expect(keyFrequencies([9, 3, 0, 1])).toBe(1);
    expect(keyFrequencies([9, 1, 1, 1, 1])).toBe(4);
    expect(keyFrequencies([9, 0, 0])).toBe(0);
  });
});

describe('cyclic tasks', () => {
  it('have the residues in the order of a generator', () => {
    expect(cyclicTask({ kind: 'modular-arithmetic', operation: 'x*y', p: 7, trainFraction: 0.5 })).toEqual({
      elements: [1, 3, 2, 6, 4, 5],
      sign: 1,
    });
    expect(cyclicTask({ kind: 'modular-addition', p: 4, trainFraction: 0.5 })).toEqual({
      elements: [0, 1, 2, 3],
      sign: 1,
    });
  });

  it('are none other', () => {
    const power = { kind: 'modular-arithmetic', operation: 'x^2+y^2', p: 7, trainFraction: 0.5 } as const;
    expect(measureMisfit('fourier-spectrum', mlp, power)).toContain('x + y');
    expect(measureMisfit('fourier-spectrum', mlp, { ...power, operation: 'x*y', p: 9 })).toContain('prime');
    expect(measureMisfit('fourier-spectrum', transformer, { ...power, operation: 'x/y' })).toBeNull();
  });
});
