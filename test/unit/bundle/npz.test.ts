import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exportBundle, readBundle, verifyBundle } from '../../../main/bundle/index.ts';
import { npzToSnapshots, NpzError, snapshotsToNpz } from '../../../main/bundle/npz.ts';
import { writeZip } from '../../../main/bundle/zip.ts';
import type { Panel, Snapshot } from '../../../shared/snapshot.ts';
import { inputOf, runOf } from './fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'latebloom-npz-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const typical: Snapshot[] = [
  {
    effort: 0,
    arrays: { 'posterior.x': Float64Array.of(-1, 0, 1), 'posterior.mean': Float64Array.of(0.1, NaN, -0) },
  },
  { effort: 10, arrays: { 'posterior.mean': Float64Array.of(Infinity, 5e-324, 1 / 3) } },
];
const panel: Panel = {
  kind: 'function',
  name: 'posterior',
  title: 'Posterior',
  description: 'The posterior over x.',
  xLabel: 'x',
  yLabel: 'f(x)',
  band: null,
};

describe('snapshots as a NumPy archive', () => {
  it('come back bit for bit', async () => {
    expect(await npzToSnapshots(await snapshotsToNpz(typical))).toEqual(typical);
    await fc.assert(
      fc.asyncProperty(fc.float64Array({ maxLength: 40 }), fc.nat(), async (values, effort) => {
        const snapshots = [{ effort, arrays: { 'p.z': values } }];
        expect(await npzToSnapshots(await snapshotsToNpz(snapshots))).toEqual(snapshots);
      }),
      { numRuns: 20 },
    );
  });

  const hasNumpy = spawnSync('/usr/bin/python3', ['-c', 'import numpy']).status === 0;
  it.skipIf(!hasNumpy)('are read by numpy.load', async () => {
    const file = join(folder, 's.npz');
    writeFileSync(file, await snapshotsToNpz(typical));
    const script =
      'import json, sys, numpy; a = numpy.load(sys.argv[1]); print(json.dumps({k: [repr(float(v)) for v in a[k]] for k in sorted(a.files)}))';
    const read: unknown = JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', script, file], { encoding: 'utf8' }),
    );
    expect(read).toEqual({
      'snapshots/0/posterior.mean': ['0.1', 'nan', '-0.0'],
      'snapshots/0/posterior.x': ['-1.0', '0.0', '1.0'],
      'snapshots/10/posterior.mean': ['inf', '5e-324', '0.3333333333333333'],
    });
  });

  it('are refused with what is wrong', async () => {
    await expect(npzToSnapshots(Uint8Array.of(1, 2, 3))).rejects.toThrow(NpzError);
    const zip = (name: string, content: Uint8Array) => writeZip(new Map([[name, content]]));
    await expect(npzToSnapshots(await zip('snapshots/x/a.npy', Uint8Array.of(1)))).rejects.toThrow(
      'no snapshot',
    );
    await expect(npzToSnapshots(await zip('snapshots/1/a.npy', Uint8Array.of(1)))).rejects.toThrow('float64');
    await expect(npzToSnapshots(await zip('other/1/a.npy', Uint8Array.of(1)))).rejects.toThrow('other');
  });
});

describe('a bundle with snapshots', () => {
  const withSnapshots = () => {
    const { run, curve } = runOf('mlp', 0);
    return inputOf([
      { run: { ...run, panels: [panel] }, curve: { ...curve, snapshots: typical } },
      runOf('linear', 0),
    ]);
  };

  it('gives them back, and only to the run that has them', async () => {
    const { bytes } = await exportBundle(withSnapshots());
    const { runs } = await readBundle(bytes);
    expect(runs.map(({ curve }) => curve.snapshots)).toEqual([typical, undefined]);
    expect(runs[0]?.run.panels).toEqual([panel]);
  });

  it('has no archive for a run whose measures draw nothing', async () => {
    const { run, curve } = runOf('mlp', 0);
    const [effort = 0] = curve.columns['effort'] ?? [];
    const snapshots = [{ effort, arrays: {} }];
    const { bytes } = await exportBundle(inputOf([{ run, curve: { ...curve, snapshots } }]));
    const { runs } = await readBundle(bytes);
    expect(runs[0]?.curve.snapshots).toBeUndefined();
  });

  it('is refused when a snapshot lies where the curve has no row', async () => {
    const input = withSnapshots();
    const [first] = input.runs;
    if (first?.curve.snapshots === undefined) throw new Error('no snapshots');
    first.curve.snapshots = [
      { effort: 7, arrays: {} },
      { effort: 7, arrays: { 'p.z': Float64Array.of(1) } },
    ];
    await expect(exportBundle(input)).rejects.toThrow('snapshot at effort 7');
    expect((await verifyBundle(Uint8Array.of())).ok).toBe(false);
  });
});
