import { describe, expect, it } from 'vitest';
import { asAskedFor, float64Backend } from '../../../main/models/float64-backend.ts';

describe('the backend of a family with one implementation', () => {
  it('says so where a device was asked for, and nothing where none was', () => {
    expect(asAskedFor(float64Backend, null)).toBe(float64Backend);
    expect(asAskedFor(float64Backend, 'tfjs-cpu').fallback).toBe(
      'tfjs-cpu was asked for; javascript-float64 is used: this family computes in float64 on the CPU only.',
    );
  });

  it('leaves what an engine says of its own choice', () => {
    const engine = { ...float64Backend, engine: 'onnxruntime-cpu', fallback: 'because' };
    expect(asAskedFor(engine, 'tfjs-cpu')).toBe(engine);
  });
});
