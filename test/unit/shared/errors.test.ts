import { describe, expect, it } from 'vitest';
import {
  BundleError,
  DivergedError,
  fromErrorReport,
  InputError,
  LatebloomError,
  printValue,
  toErrorReport,
} from '../../../shared/errors.ts';

describe('error reports', () => {
  it('carry faults across a boundary and back', () => {
    const error = new InputError('The study', [
      { path: 'a.b', value: '1', expected: 'an integer from 2 to 3' },
    ]);
    expect(error.message).toBe('The study is not valid:\n  a.b: got 1; expected an integer from 2 to 3.');
    const report = JSON.parse(JSON.stringify(toErrorReport(error))) as ReturnType<typeof toErrorReport>;
    const back = fromErrorReport(report);
    expect(back).toBeInstanceOf(InputError);
    expect(toErrorReport(back)).toEqual(report);
  });

  it('carry code, message, next step and name of any error of ours', () => {
    for (const error of [
      new BundleError('data/a.json', 'wrong checksum'),
      new LatebloomError('conflict', 'No.'),
    ]) {
      const report = toErrorReport(error);
      expect(report).toMatchObject({ name: error.name, code: error.code, message: error.message });
      expect(toErrorReport(fromErrorReport(report))).toEqual(report);
    }
  });

  it('name the step at which a run diverged', () => {
    const report = toErrorReport(new DivergedError(120, 'the training loss', NaN));
    expect(report.effort).toBe(120);
    expect(report.message).toBe('The run diverged at effort 120: the training loss is NaN.');
  });

  it('call what is not ours internal', () => {
    expect(toErrorReport(new RangeError('bad'))).toMatchObject({ name: 'RangeError', code: 'internal' });
    expect(toErrorReport('text')).toMatchObject({ code: 'internal', message: 'text' });
  });
});

describe('printValue', () => {
  it('prints any value, at most 80 characters of it', () => {
    expect(printValue(undefined)).toBe('nothing');
    expect(printValue('a"b')).toBe('"a\\"b"');
    expect(printValue(NaN)).toBe('NaN');
    expect(printValue(-Infinity)).toBe('-Infinity');
    expect(printValue(10n)).toBe('10');
    expect(printValue({ a: [1] })).toBe('{"a":[1]}');
    expect(printValue('x'.repeat(200))).toHaveLength(80);
  });
});
