/**
 * The memory that a large study takes on its way out and in: `node test/bench/large-study.mjs [megabytes of journals] [seeds of
 * each of 4 arms]`, 1000 and 25 when absent. A study of synthetic runs is written through the real journal; then `latebloom export`, `verify`, `report` and
 * `import` each run in a process of their own, and their peak resident memory is printed. Nothing is asserted.
 */
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [megabytes = '1000', seeds = '25'] = process.argv.slice(2);
const folder = mkdtempSync(join(process.env['LATEBLOOM_BENCH_TMP'] ?? tmpdir(), 'latebloom-large-'));
const writer = join(root, 'node_modules/.cache/latebloom-bench/write-large-study.mjs');

/** Runs Node to its end; returns its output, its peak memory in bytes, and its seconds. */
function measured(home, ...args) {
  const peak = join(folder, 'peak');
  const start = performance.now();
  const output = execFileSync(
    process.execPath,
    ['--import', join(root, 'test/bench/peak-memory.mjs'), ...args],
    { env: { ...process.env, LATEBLOOM_HOME: home, LATEBLOOM_PEAK: peak }, encoding: 'utf8' },
  );
  return { output, bytes: Number(readFileSync(peak, 'utf8')), seconds: (performance.now() - start) / 1000 };
}

function say(what, { bytes, seconds }) {
  process.stdout.write(
    `${what.padEnd(8)} peak ${(bytes / 1e6).toFixed(0).padStart(5)} MB  ${seconds.toFixed(1)} s\n`,
  );
}

try {
  execFileSync(process.execPath, [join(root, 'main/build/build.mjs')]);
  await build({
    entryPoints: [join(root, 'test/bench/write-large-study.ts')],
    outfile: writer,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  const program = join(root, 'main/build/latebloom.mjs');
  const [here, there] = [join(folder, 'here'), join(folder, 'there')];
  const written = measured(here, writer, here, megabytes, seeds);
  const { studyId, runs, rows, metrics } = JSON.parse(written.output);
  process.stdout.write(`${megabytes} MB of journals: ${runs} runs × ${rows} rows × ${metrics} metrics\n`);
  const bundle = join(folder, 'large.study.zip');
  const credits = ['--licence', 'CC0-1.0', '--author', 'A benchmark'];
  say('export', measured(here, program, 'export', studyId, '-o', bundle, ...credits));
  process.stdout.write(`         ${(statSync(bundle).size / 1e6).toFixed(0)} MB bundle\n`);
  say('verify', measured(here, program, 'verify', bundle));
  say('report', measured(here, program, 'report', bundle, '--out', join(folder, 'report.html')));
  say('import', measured(there, program, 'import', bundle));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
