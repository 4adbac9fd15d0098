import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  armVariant,
  contrast,
  familyColors,
  lightness,
  mix,
  onRamp,
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

  it('measures lightness as CIE 1976 does', () => {
    expect(lightness('#000000')).toBe(0);
    expect(lightness('#ffffff')).toBeCloseTo(100, 10);
    // sRGB grey 119 is the one of L* 50.
    expect(lightness('#777777')).toBeCloseTo(50, 0);
  });

  it('ramps every family in steps that look equal, from 3:1 on, on both backgrounds', () => {
    for (const background of ['#ffffff', '#191d21']) {
      for (const family of Object.values(familyColors)) {
        const ramp = Array.from({ length: 7 }, (_, i) => onRamp(family, i / 6, background));
        for (const color of ramp) expect(contrast(color, background)).toBeGreaterThanOrEqual(3);
        const steps = ramp
          .slice(1)
          .map((color, i) => Math.abs(lightness(color) - lightness(ramp[i] as string)));
        // Seven points of a sweep: a just noticeable difference is about 1 to 2.
        for (const step of steps) expect(step).toBeGreaterThan(6);
        expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(1.5);
        const contrasts = ramp.map((color) => contrast(color, background));
        expect(contrasts).toEqual(contrasts.toSorted((a, b) => a - b));
      }
    }
  });

  it('keeps the hue of a family along its ramp', () => {
    // The channel that leads a family's colour leads it everywhere, and the one that is least is least.
    for (const family of Object.values(familyColors)) {
      const channels = parseColor(family);
      const [most, least] = [
        channels.indexOf(Math.max(...channels)),
        channels.indexOf(Math.min(...channels)),
      ];
      for (const background of ['#ffffff', '#191d21']) {
        for (const tone of [0, 0.5, 1]) {
          const shade = parseColor(onRamp(family, tone, background));
          expect(shade[most]).toBe(Math.max(...shade));
          expect(shade[least]).toBe(Math.min(...shade));
          expect(Math.max(...shade) - Math.min(...shade)).toBeGreaterThan(25);
        }
      }
    }
  });

  it('gives every arm of a family its own look for its first seven arms', () => {
    const looks = Array.from({ length: 7 }, (_, i) => JSON.stringify(armVariant(i)));
    expect(new Set(looks).size).toBe(7);
    expect(armVariant(0)).toEqual({ shade: 0, symbol: null });
  });
});
