import { describe, expect, it } from 'vitest';
import { hjorthActivity } from '../../../shared/hjorth.ts';

describe('the Hjorth activity', () => {
  it('is the variance', () => {
    expect(hjorthActivity([1, 3, 5, 7])).toBe(5);
    expect(hjorthActivity([2, 2, 2])).toBe(0);
    expect(hjorthActivity([4])).toBe(0);
    expect(hjorthActivity([])).toBe(0);
  });

  it('is half the squared amplitude of a whole number of waves', () => {
    const wave = Float64Array.from(
      { length: 400 },
      (_, i) => 7 + 3 * Math.cos((2 * Math.PI * 5 * i) / 400 + 1),
    );
    expect(hjorthActivity(wave)).toBeCloseTo(4.5, 10);
  });

  it('is the energy of the spectrum without its constant', () => {
    const values = Float64Array.from({ length: 12 }, (_, i) => Math.exp(-i / 3) + Math.sin(i * i));
    let energy = 0;
    for (let k = 1; k < 12; k++) {
      let [re, im] = [0, 0];
      values.forEach((value, i) => {
        re += value * Math.cos((2 * Math.PI * k * i) / 12);
        im -= value * Math.sin((2 * Math.PI * k * i) / 12);
      });
      energy += (re ** 2 + im ** 2) / 144;
    }
    expect(hjorthActivity(values)).toBeCloseTo(energy, 12);
  });
});
