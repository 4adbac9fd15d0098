import { describe, expect, it } from 'vitest';
import {
  backendFacts,
  environmentFacts,
  measureFacts,
  recordFacts,
} from '../../../../renderer/components/run-facts.ts';
import type { MetricColumn } from '../../../../shared/run.ts';
import { runRecord } from '../records.ts';

const column = (name: string, quantity: string, unit = ''): MetricColumn => ({
  name,
  label: name,
  quantity,
  unit,
  split: null,
  direction: null,
});
const valueOf = (facts: { name: string; value: string }[] | null, name: string): string | undefined =>
  facts?.find((fact) => fact.name === name)?.value;

describe("a run's page", () => {
  it('says what is not known yet', () => {
    const run = runRecord('s1.x.s0');
    expect(backendFacts(run)).toBeNull();
    expect(valueOf(recordFacts(run), 'started')).toBe('not yet');
    expect(valueOf(recordFacts(run), 'last checkpoint')).toBe('none');
    expect(valueOf(environmentFacts(run), 'processor')).toBe('not known (2 cores)');
    expect(valueOf(environmentFacts(run), 'memory')).toBe('8 GB');
  });

  it('names the backend, with its lanes and fallback where there are', () => {
    const backend = {
      engine: 'onnxruntime-cpu',
      engineVersion: null,
      device: 'cpu',
      precision: 'float32',
      threads: 1,
      fallback: 'WebGPU was asked for: there is no adapter.',
      lanes: 4,
    } as const;
    const facts = backendFacts(runRecord('s1.x.s0', { backend }));
    expect(valueOf(facts, 'engine version')).toBe('not known');
    expect(valueOf(facts, 'runs in one program')).toBe('up to 4');
    expect(valueOf(facts, 'fallback')).toBe(backend.fallback);
    const alone = backendFacts(runRecord('s1.x.s0', { backend: { ...backend, fallback: null } }));
    expect(valueOf(alone, 'fallback')).toBeUndefined();
  });

  it('shows the newest measured value of every measure and where it was measured', () => {
    const columns = [column('testAccuracy', 'accuracy'), column('rank', 'rank'), column('nll', 'nll', 'nat')];
    const curve = {
      runId: 's1.x.s0',
      length: 3,
      columns: {
        effort: Float64Array.of(0, 10, 20),
        testAccuracy: Float64Array.of(0.1, 0.5, 0.9996),
        rank: Float64Array.of(7, 3, NaN),
        nll: Float64Array.of(NaN, NaN, NaN),
      },
    };
    const run = runRecord('s1.x.s0', { columns });
    expect(measureFacts(run, curve).map(({ value, effort }) => [value, effort])).toEqual([
      ['99.9 %', 20],
      ['3', 10],
      ['not measured', null],
    ]);
    expect(measureFacts(run, null).map(({ effort }) => effort)).toEqual([null, null, null]);
  });
});
