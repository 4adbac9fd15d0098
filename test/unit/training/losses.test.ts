/** Losses and their gradients, against PyTorch (golden/losses.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { gradients } from '../../../main/engine/gradients.ts';
import { constant, input, reduceMean, type Tensor } from '../../../main/engine/trace.ts';
import { exampleLosses } from '../../../main/training/losses.ts';
import type { LossKind } from '../../../shared/trainer-spec.ts';

interface Golden {
  logits: number[];
  labels: number[];
  classes: number;
  losses: Record<LossKind, { values: number[]; gradient: number[] }>;
}

const golden = JSON.parse(readFileSync(new URL('golden/losses.json', import.meta.url), 'utf8')) as Golden;
const { labels, classes } = golden;

function lossAndGradient(kind: LossKind, logits: number[]): { values: number[]; gradient: number[] } {
  const n = logits.length / classes;
  const x = input('logits', [n, classes], 'float64');
  const losses = exampleLosses(kind, x, constant(labels.slice(0, n), [n], 'int32'));
  const [slope] = gradients(reduceMean(losses, [0], false), [x]) as [Tensor];
  const [values, gradient] = evaluate([losses, slope], { logits }) as [Float64Array, Float64Array];
  return { values: [...values], gradient: [...gradient] };
}

describe('the loss of every example, and its gradient', () => {
  it.each(Object.keys(golden.losses) as LossKind[])('of %s is that of PyTorch', (kind) => {
    const expected = golden.losses[kind];
    const found = lossAndGradient(kind, golden.logits);
    found.values.forEach((value, i) => expect(value).toBeCloseTo(expected.values[i] as number, 12));
    found.gradient.forEach((value, i) => expect(value).toBeCloseTo(expected.gradient[i] as number, 12));
  });

  it('of StableMax is finite, and its slope continuous, where s changes its form', () => {
    const at = (x: number): number => lossAndGradient('stablemax', [x, 0.5, -1, 2, 1]).gradient[0] as number;
    // s(0) = 1 and s'(0) = 1 from both sides: d loss / dx₀ = s'(0)/Σs − 1 for the label's own logit.
    const total = 1 + 1.5 + 1 / 2 + 3 + 2;
    for (const x of [-1e-12, 0, 1e-12]) expect(at(x)).toBeCloseTo(1 / total - 1, 10);
    expect(at(1)).toBeCloseTo(1 / (total + 1) - 1 / 2, 12);
  });

  it('of the hinge is that of Merrill et al. 2023 where there are two classes: max(0, 1 − f·s)', () => {
    for (const f of [-3, -0.5, 0, 0.4, 0.999, 1.001, 5]) {
      for (const [label, sign] of [
        [0, -1],
        [1, 1],
      ] as const) {
        const x = input('x', [1, 2], 'float64');
        const losses = exampleLosses('hinge', x, constant([label], [1], 'int32'));
        const [slope] = gradients(reduceMean(losses, [0], false), [x]) as [Tensor];
        const [[loss], [by0, by1]] = evaluate([losses, slope], { x: [0.3, 0.3 + f] }) as unknown as [
          number[],
          number[],
        ];
        const expected = Math.max(0, 1 - f * sign);
        expect(loss).toBeCloseTo(expected, 12);
        expect(by1).toBe(expected > 0 ? -sign : 0);
        expect(by0).toBe(expected > 0 ? sign : 0);
      }
    }
  });

  it('of StableMax does not saturate where softmax does: its gradient is not rounded away', () => {
    const sure = [100, 0, 0, 0, 0];
    expect(Math.abs(lossAndGradient('cross-entropy', sure).gradient[0] as number)).toBeLessThan(1e-40);
    expect(Math.abs(lossAndGradient('stablemax', sure).gradient[0] as number)).toBeGreaterThan(1e-4);
  });
});
