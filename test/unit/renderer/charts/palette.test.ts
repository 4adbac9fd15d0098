import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  armVariant,
  contrast,
  familyColors,
  mix,
  parseColor,
  readable,
  withAlpha,
} from '../../../../shared/charts/palette.ts';

const channel = fc.integer({ min: 0, max: 255 });
const color = fc.tuple(channel, channel, channel).map(([r, g, b]) => `rgb(${r}, ${g}, ${b})`);

describe('colours', () => {
  it('reads every notation that computed styles and style sheets use', () => {
    expect(parseColor('#0072b2')).toEqual([0, 114, 178]);
    expect(parseColor('#0AF')).toEqual([0, 170, 255]);
    expect(parseColor('rgb(1, 2, 3)')).toEqual([1, 2, 3]);
    expect(parseColor('rgba(1, 2, 3, 0.5)')).toEqual([1, 2, 3]);
    expect(() => parseColor('tomato')).toThrow(RangeError);
  });

  it('mixes from the first colour to the second', () => {
    expect(mix('#000000', '#ffffff', 0)).toBe('#000000');
    expect(mix('#000000', '#ffffff', 1)).toBe('#ffffff');
    expect(mix('#000000', '#ff8040', 0.5)).toBe('#804020');
    expect(withAlpha('#010203', 0.2)).toBe('rgba(1, 2, 3, 0.2)');
  });

  it('measures contrast as WCAG does', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 10);
    // The grey that WebAIM gives as the lightest that passes 4.5:1 on white.
    expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
  });

  it('keeps the families apart from both backgrounds by 3:1 as they are', () => {
    for (const family of Object.values(familyColors)) {
      expect(contrast(family, '#ffffff')).toBeGreaterThanOrEqual(3);
      expect(contrast(family, '#191d21')).toBeGreaterThanOrEqual(3);
    }
  });

  it('makes any colour readable where the text itself is', () => {
    fc.assert(
      fc.property(
        color,
        fc.constantFrom(['#ffffff', '#1a1a1a'], ['#191d21', '#e6e9ec']),
        (any, [background, text]) => {
          expect(
            contrast(readable(any, background as string, text as string), background as string),
          ).toBeGreaterThanOrEqual(3);
        },
      ),
    );
  });

  it('gives every arm of a family its own look for its first seven arms', () => {
    const looks = Array.from({ length: 7 }, (_, i) => JSON.stringify(armVariant(i)));
    expect(new Set(looks).size).toBe(7);
    expect(armVariant(0)).toEqual({ shade: 0, symbol: null });
  });
});
