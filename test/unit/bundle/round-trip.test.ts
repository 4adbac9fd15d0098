import { build } from 'esbuild';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { exportBundle, readBundle, verifyBundle } from '../../../main/bundle/index.ts';
import { csvToCurve, curveToCsv, CsvError } from '../../../main/bundle/csv.ts';
import { InputError } from '../../../shared/errors.ts';
import { curveOf, inputOf, runOf, typicalInput } from './fixtures.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'latebloom-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bits = (values: Float64Array): string => Buffer.from(values.buffer).toString('hex');
const finite = fc.double({ noNaN: true });
const anyValue = fc.oneof(
  fc.double(),
  fc.constantFrom(NaN, -0, 1e-300, Infinity, -Infinity, Number.MIN_VALUE, 2 ** 53),
);

describe('curve to CSV and back', () => {
  it('keeps every float64 bit for bit', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 50 }), (values) => {
        const curve = { runId: 'r', length: values.length, columns: { 'a,"b"': Float64Array.from(values) } };
        const back = csvToCurve('r', curveToCsv(curve, ['a,"b"']), ['a,"b"']);
        expect(back.length).toBe(values.length);
        expect([...(back.columns['a,"b"'] as Float64Array)]).toEqual(values);
      }),
    );
  });

  it.each([
    ['a,b\n1\n', 'line 2 has 1 fields instead of 2'],
    ['a,b\n1,\n', 'line 2 has a field that is not a number, ""'],
    ['a,b\n1,0x10\n', 'line 2 has a field that is not a number, "0x10"'],
    ['a,b\n1,2', 'last line is incomplete'],
    ['a,c\n1,2\n', 'header differs from the columns of run.json, a,b'],
  ])('refuses %j', (text, message) => {
    expect(() => csvToCurve('r', text, ['a', 'b'])).toThrow(new CsvError(message));
  });
});

describe('exportBundle, readBundle', () => {
  it('gives back the study, the runs and the curves', async () => {
    const input = typicalInput();
    const { bytes, manifestHash } = await exportBundle(input);
    const content = await readBundle(bytes);
    expect(content.study).toEqual(input.study);
    expect(content.runs).toEqual(input.runs);
    expect(content.environment).toEqual(input.environment);
    expect(content.manifestHash).toBe(manifestHash);
  });

  it('gives back any curve exactly, in every status', async () => {
    const row = fc.tuple(
      fc.double({ min: 0, max: 1 }),
      fc.double({ min: 0, max: 1 }),
      finite,
      anyValue,
      anyValue,
    );
    const status = fc.constantFrom(
      'queued',
      'running',
      'paused',
      'interrupted',
      'stopped',
      'failed',
      'finished',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), status, async (rows, one) => {
        // A run is finished at the end of its budget, which is the third row, or a later one of an extended budget.
        fc.pre(one !== 'finished' || rows.length >= 3);
        const input = inputOf([runOf('mlp', 1, one, rows)]);
        const content = await readBundle((await exportBundle(input)).bytes);
        expect(content.runs).toEqual(input.runs);
        expect(content.runs[0]?.curve.columns).toEqual(curveOf('', rows).columns);
      }),
      { numRuns: 25 },
    );
  });

  it('keeps the sign of zero and does not care which NaN it was', async () => {
    const [one] = (await readBundle((await exportBundle(typicalInput())).bytes)).runs;
    expect(bits((one?.curve.columns['weight:sin(100x)'] as Float64Array).slice(1, 2))).toBe(
      '0000000000000080',
    );
    expect(one?.curve.columns['weight:sin(100x)']?.[2]).toBeNaN();
  });

  it('exports a study whose runs have not started', async () => {
    const queued = runOf('linear', 0, 'queued', []);
    const input = inputOf([
      { run: { ...queued.run, columns: [] }, curve: { runId: queued.run.id, length: 0, columns: {} } },
    ]);
    const content = await readBundle((await exportBundle(input)).bytes);
    expect(content.runs[0]?.run.status).toBe('queued');
    expect(content.runs[0]?.curve.length).toBe(0);
  });

  it.each([
    ['licence', ''],
    ['licence', 'CC-BY-4'],
    ['author', '  '],
  ])('asks for the %s (%j)', async (field, value) => {
    const attempt = exportBundle({ ...typicalInput(), [field]: value });
    await expect(attempt).rejects.toThrow(InputError);
    await expect(attempt).rejects.toMatchObject({ faults: [{ path: field }] });
  });

  it('takes an SPDX id in any case, and the address of another licence', async () => {
    const licenceOf = async (licence: string): Promise<unknown> => {
      const { bytes } = await exportBundle({ ...typicalInput(), licence });
      expect((await verifyBundle(bytes)).ok).toBe(true);
      const text = unzip(bytes, 'data/ro-crate-metadata.json');
      const graph = (JSON.parse(text) as { '@graph': Record<string, unknown>[] })['@graph'];
      return graph.find((entity) => entity['@id'] === './')?.['license'];
    };
    expect(await licenceOf('cc-by-4.0')).toEqual({ '@id': 'https://spdx.org/licenses/CC-BY-4.0' });
    expect(await licenceOf('https://example.org/terms')).toEqual({ '@id': 'https://example.org/terms' });
  });

  it('refuses to hand out a bundle whose records contradict each other', async () => {
    const input = typicalInput();
    const [first] = input.runs;
    if (first === undefined) throw new Error('no run');
    const wrong = {
      ...input,
      runs: [{ ...first, run: { ...first.run, contentId: 'a'.repeat(64) } }, ...input.runs.slice(1)],
    };
    await expect(exportBundle(wrong)).rejects.toThrow(/run\.json: its content id does not match its curve/);
  });

  it('needs every run of the study', async () => {
    const input = typicalInput();
    await expect(exportBundle({ ...input, runs: input.runs.slice(1) })).rejects.toThrow(
      /was not given to the export/,
    );
  });
});

describe('the file itself', () => {
  it('is the same bytes for the same input, in any time zone', async () => {
    const { bytes } = await exportBundle(typicalInput());
    expect(sha256((await exportBundle(typicalInput())).bytes)).toBe(sha256(bytes));
    const exporter = await buildExporter();
    for (const TZ of ['Asia/Tokyo', 'America/Los_Angeles', 'UTC']) {
      const env = { ...process.env, TZ };
      expect(execFileSync(process.execPath, [exporter], { env, encoding: 'utf8' })).toBe(sha256(bytes));
    }
  });

  it('is the same bytes when what was read from it is exported again, whatever the order of keys', async () => {
    const input = typicalInput();
    const { bytes, manifestHash } = await exportBundle(input);
    const { study, runs } = await readBundle(bytes);
    const reversed = <T extends object>(value: T): T =>
      Object.fromEntries(Object.entries(value).reverse()) as T;
    const again = await exportBundle({
      ...input,
      study: reversed(study),
      runs: runs.map(({ run, curve }) => ({
        run: { ...reversed(run), columns: run.columns.map(reversed) },
        curve,
      })),
    });
    expect(again.manifestHash).toBe(manifestHash);
    expect(sha256(again.bytes)).toBe(sha256(bytes));
  });

  it("passes sha512sum -c after Debian's unzip", async () => {
    const { bytes, fileName } = await exportBundle(typicalInput());
    const file = join(folder, fileName);
    writeFileSync(file, bytes);
    execFileSync('unzip', ['-q', file, '-d', folder]);
    const bag = join(folder, fileName.replace('.study.zip', ''));
    for (const manifest of ['manifest-sha512.txt', 'tagmanifest-sha512.txt']) {
      const output = execFileSync('sha512sum', ['-c', '--strict', manifest], { cwd: bag, encoding: 'utf8' });
      expect(
        output
          .trim()
          .split('\n')
          .every((line) => line.endsWith(': OK')),
      ).toBe(true);
    }
    expect(readFileSync(join(bag, 'bagit.txt'), 'utf8')).toMatch(/^BagIt-Version: 1\.0\n/);
    expect(readFileSync(join(bag, 'data/ro-crate-preview.html'), 'utf8')).not.toMatch(/<script|<question>/);
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function unzip(bytes: Uint8Array, path: string): string {
  const file = join(folder, 'one.zip');
  writeFileSync(file, bytes);
  return execFileSync('unzip', ['-p', file, `*/${path}`], { encoding: 'utf8' });
}

/** A program that prints the SHA-256 of the same export. */
async function buildExporter(): Promise<string> {
  const outfile = join(folder, 'exporter.cjs');
  const contents = `
    import { createHash } from 'node:crypto';
    import { exportBundle } from './main/bundle/index.ts';
    import { typicalInput } from './test/unit/bundle/fixtures.ts';
    exportBundle(typicalInput()).then(({ bytes }) => {
      process.stdout.write(createHash('sha256').update(bytes).digest('hex'));
    });`;
  const stdin = { contents, loader: 'ts', resolveDir: root } as const;
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs' });
  return outfile;
}
