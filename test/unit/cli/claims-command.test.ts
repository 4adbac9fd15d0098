import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportBundle } from '../../../main/bundle/index.ts';
import { runCli } from '../../../main/cli.ts';
import { claimsText } from '../../../main/cli/claims-command.ts';
import { countVerdicts, evaluateClaims, type ClaimVerdict } from '../../../shared/claims.ts';
import type { Claim } from '../../../shared/claim-spec.ts';
import { delayTable } from '../../../shared/delay-table.ts';
import type { Study } from '../../../shared/study.ts';
import { contentIdOf } from '../../../main/content-id.ts';
import { studyHashOf } from '../../../main/start-study.ts';
import { inputOf, runOf, study } from '../bundle/fixtures.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latebloom-claims-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const [delayed] = study.claims as [Claim];
const check = (op: Claim['check']['op'], right: number): Claim => ({
  ...delayed,
  id: `delay-${right}`,
  check: { ...delayed.check, op, right },
});

/** A bundle of the fixture's runs with other claims. */
async function bundle(name: string, claims: Claim[]): Promise<string> {
  const changed: Study = { ...study, claims };
  const studyHash = studyHashOf(changed);
  const runs = [0, 1].map((seed) => {
    const { run, curve } = runOf('mlp', seed);
    const own = { ...run, studyHash };
    return { run: { ...own, contentId: contentIdOf(own, curve) }, curve };
  });
  const input = inputOf(runs);
  const { bytes } = await exportBundle({ ...input, study: { ...input.study, study: changed, studyHash } });
  const path = join(folder, `${name}.study.zip`);
  writeFileSync(path, bytes);
  return path;
}

async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const status = await runCli(args, {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    isTty: false,
    columns: 80,
  });
  return { status, ...written };
}

describe('latebloom claims', () => {
  it('prints each verdict with its reason, and succeeds when none fails', async () => {
    const path = await bundle('holds', [check('>', 0), check('<', 1000)]);
    const { status, out, err } = await run('claims', path);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain(
      '  holds: The MLP generalizes late. (Figure 1)\n    The median delay of mlp: 10 (2 seeds); claimed: > 0.\n',
    );
    expect(out.endsWith('\nOf 2: 2 holds.\n')).toBe(true);
  });

  it('ends with 1 when one fails', async () => {
    const path = await bundle('fails', [check('>', 0), check('>', 10)]);
    const { status, out } = await run('claims', path);
    expect(status).toBe(1);
    expect(out).toContain('  fails: The MLP generalizes late.');
    expect(out.endsWith('\nOf 2: 1 holds, 1 fails.\n')).toBe(true);
  });

  it('is one JSON document with --json', async () => {
    const path = await bundle('json', [check('>', 10)]);
    const { status, out } = await run('claims', path, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      studyId: 'two-families-1',
      counts: { holds: 0, fails: 1, 'not-enough-data': 0 },
      claims: [{ verdict: 'fails', left: { value: 10, n: 2 }, claim: { id: 'delay-10' } }],
    });
  });

  it('says where a claim comes from and how that is known, with its quote', async () => {
    const quote = 'The MLP is late.';
    const read: Claim = { ...check('>', 0), quote, provenance: 'paper' };
    const recalled: Claim = { ...check('>', 1), quote, provenance: 'recalled' };
    const { out } = await run('claims', await bundle('sources', [read, recalled]));
    expect(out).toContain('(Figure 1; read in the paper)');
    expect(out).toContain('    “The MLP is late.”\n');
    expect(out).toContain('(after Figure 1; from memory, not checked against the paper)');
    expect(out).toContain('    As recalled or reported, not as published: The MLP is late.\n');
  });

  it('shows the runs that a claim was decided from, as text and in the document', async () => {
    const path = await bundle('evidence', [check('>', 0)]);
    const { out } = await run('claims', path, '--evidence');
    expect(out).toContain('      the median delay of mlp\n        mlp seed 0 (finished): 10; fit step ');
    const json = await run('claims', path, '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      claims: [{ evidence: [{ quantity: 'delay', missing: 0, rows: [{ value: '10' }, { value: '10' }] }] }],
    });
  });

  it('ends with 2 for what is not there', async () => {
    expect((await run('claims', join(folder, 'none.study.zip'))).status).toBe(2);
  });
});

describe('claimsText', () => {
  const report = (claims: readonly ClaimVerdict[]) => ({
    studyId: 'two-families-1',
    study,
    runs: [],
    table: delayTable([]),
    claims,
  });

  it('counts what cannot be decided', () => {
    const claims = evaluateClaims(study, []);
    expect(countVerdicts(claims)).toEqual({ holds: 0, fails: 0, 'not-enough-data': 1 });
    expect(claimsText(report(claims))).toContain('Of 1: 1 not decidable with these runs.');
  });

  it('says so where there is nothing to check', () => {
    expect(claimsText(report([]))).toBe(
      'two-families-1  Two families & "one" <question>\n\nThis study makes no checkable claim.\n',
    );
  });
});
