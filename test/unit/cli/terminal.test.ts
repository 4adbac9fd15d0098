import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Arm } from '../../../shared/study.ts';
import { study } from '../bundle/fixtures.ts';

const latebloom = fileURLToPath(new URL('../../../main/build/latebloom.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'latebloom-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const [network, linear] = study.arms;
if (network === undefined || linear === undefined) throw new Error('the fixture has two arms');

function studyFile(name: string, arm: Arm): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify({ ...study, id: name, arms: [{ ...arm, seeds: [0, 1] }], claims: [] }));
  return path;
}

/** Done in no time. */
const small = { ...linear, budget: { maxEffort: 2000 }, record: { every: 1000, perDecade: 10 } };
/** Hours, if nobody stopped it. */
const endless = {
  ...network,
  budget: { maxEffort: 100_000_000 },
  record: { every: 100_000_000, perDecade: 50 },
};

interface Ending {
  status: number | null;
  out: string;
  err: string;
}

function run(home: string, ...args: string[]): Promise<Ending> {
  return new Promise((resolve) => {
    const env = { ...process.env, LATEBLOOM_HOME: join(folder, home) };
    const child = execFile(process.execPath, [latebloom, ...args], { env }, (_, out, err) => {
      resolve({ status: child.exitCode, out, err });
    });
  });
}

/** Starts a command and hands it over once its stderr says `words`. */
async function start(
  home: string,
  args: string[],
  words: RegExp,
): Promise<{ interrupt: () => Promise<Ending> }> {
  const env = { ...process.env, LATEBLOOM_HOME: join(folder, home) };
  const child = spawn(process.execPath, [latebloom, ...args], { env });
  const ending: Ending = { status: null, out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (ending.out += chunk.toString()));
  const ended = new Promise<Ending>((resolve) => {
    child.on('close', (status) => {
      resolve({ ...ending, status });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      ending.err += chunk.toString();
      if (words.test(ending.err)) resolve();
    });
    child.on('close', () => {
      reject(new Error(`It ended early: ${ending.err}`));
    });
  });
  return {
    interrupt: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

interface RunDocument {
  studyId: string;
  runs: { id: string; arm: string; seed: number; status: string; effort: number; fitStep: number | null }[];
}

describe('the command line as a user meets it', { timeout: 90_000 }, () => {
  it('runs a study, exports it, verifies it, and imports it elsewhere, once', async () => {
    const ran = await run('a', 'run', studyFile('small', small), '--json', '--out', join(folder, 'out'));
    expect(ran.status, ran.err).toBe(0);
    const { studyId, runs } = JSON.parse(ran.out) as RunDocument;
    expect(runs.map(({ arm, seed, status, effort }) => ({ arm, seed, status, effort }))).toEqual(
      [0, 1].map((seed) => ({ arm: 'linear', seed, status: 'finished', effort: 2000 })),
    );
    expect(readdirSync(join(folder, 'out', studyId)).sort()).toEqual(['delays.csv', 'runs', 'study.json']);
    expect(readdirSync(join(folder, 'out', studyId, 'runs'))).toHaveLength(2);

    const file = join(folder, 'small.study.zip');
    const exportArgs = [studyId, '-o', file, '--licence', 'CC0-1.0', '--author', 'Ada Lovelace', '--json'];
    const exported = await run('a', 'export', ...exportArgs);
    expect(exported.status, exported.err).toBe(0);
    const { manifestHash } = JSON.parse(exported.out) as { manifestHash: string };
    expect((await run('a', 'verify', file)).status).toBe(0);

    const imported = await run('b', 'import', file, '--json');
    expect(JSON.parse(imported.out)).toMatchObject({
      studyId,
      manifestHash,
      added: runs.map(({ id }) => id),
      alreadyHere: [],
    });
    const again = await run('b', 'import', file, '--json');
    expect(JSON.parse(again.out)).toMatchObject({ added: [], alreadyHere: runs.map(({ id }) => id) });

    // The same study, wherever it is: same numbers, same identity.
    const [here, there, packed] = await Promise.all([
      run('a', 'delays', studyId, '--json'),
      run('b', 'delays', studyId, '--json'),
      run('c', 'delays', file, '--json'),
    ]);
    expect(there.out).toBe(here.out);
    expect(packed.out).toBe(here.out);
    expect(existsSync(join(folder, 'c'))).toBe(false);
    const reexported = await run('b', 'export', ...exportArgs.with(2, join(folder, 'again.zip')));
    expect(JSON.parse(reexported.out)).toMatchObject({ manifestHash });
    expect(readFileSync(join(folder, 'again.zip')).equals(readFileSync(file))).toBe(true);
  });

  it('exports without a licence or an author, and says so', async () => {
    const ran = await run('f', 'run', studyFile('unsigned', small), '--json');
    const { studyId } = JSON.parse(ran.out) as RunDocument;
    const bundle = join(folder, 'unsigned.zip');
    const exported = await run('f', 'export', studyId, '-o', bundle);
    expect(exported.err).toContain('states no licence');
    expect(exported.status).toBe(0);
    const verified = await run('f', 'verify', bundle);
    expect(verified.status, verified.out).toBe(0);
  });

  it('gives the disk of last checkpoints back; extended afterwards, a run is computed again', async () => {
    const ran = await run('g', 'run', studyFile('kept', small), '--json');
    const [{ id }] = (JSON.parse(ran.out) as RunDocument).runs as [RunDocument['runs'][number]];
    const dropped = await run('g', 'runs', '--drop-checkpoints');
    expect(dropped.err).toMatch(
      /^Deleted the last checkpoints of 2 finished runs and 0 stopped runs: [\d.]+ k?B\.\n$/,
    );
    expect(dropped.out).toMatch(/finished .* 2,000/);
    const again = await run('g', 'runs', '--drop-checkpoints', '--json');
    expect(again.err).toBe('No ended run keeps a checkpoint: nothing was deleted.\n');
    expect(JSON.parse(again.out)).toMatchObject({
      runs: [{ checkpointEffort: null }, { checkpointEffort: null }],
    });
    const refused = await run('g', 'extend', id, '--max-effort', '3000');
    expect(refused.status).toBe(1);
    expect(refused.err).toContain(`The last checkpoint of ${id} was not kept`);
    const extended = await run('g', 'extend', id, '--max-effort', '3000', '--recompute');
    expect(extended.status, extended.err).toBe(0);
  });

  it('names the damaged file, imports nothing, and ends with status 1', async () => {
    const file = join(folder, 'damaged.study.zip');
    const bytes = readFileSync(join(folder, 'small.study.zip'));
    const name = bytes.indexOf('metrics.csv');
    bytes[name + 100] = (bytes[name + 100] as number) ^ 1;
    writeFileSync(file, bytes);
    const verified = await run('d', 'verify', file);
    expect(verified.status).toBe(1);
    expect(verified.out).toMatch(/^\S*metrics\.csv: (damaged archive entry|checksum differs)/m);
    const imported = await run('d', 'import', file);
    expect(imported.status).toBe(1);
    expect(imported.err).toMatch(/metrics\.csv: .*\nNothing was imported\./);
    expect(JSON.parse((await run('d', 'runs', '--json')).out)).toEqual({ studies: [], runs: [] });
  });

  it('stops cleanly on Ctrl-C, keeps what was computed, and resumes', async () => {
    const first = await start('e', ['run', studyFile('endless', endless), '--json'], /% .*left/);
    const second = await run('e', 'runs');
    expect(second.status).toBe(1);
    expect(second.err).toMatch(/is in use by process \d+/);
    const stopped = await first.interrupt();
    expect(stopped.status).toBe(1);
    const { studyId, runs } = JSON.parse(stopped.out) as RunDocument;
    expect(stopped.err).toContain(`latebloom run --resume ${studyId}`);
    expect(runs.map((one) => one.status)).toEqual(['stopped', 'stopped']);
    expect(runs[0]?.effort).toBeGreaterThan(0);

    const resumed = await start('e', ['run', '--resume', studyId, '--json'], /% .*left/);
    const after = JSON.parse((await resumed.interrupt()).out) as RunDocument;
    after.runs.forEach((one, i) => expect(one.effort).toBeGreaterThan(runs[i]?.effort ?? Infinity));
  });
});
