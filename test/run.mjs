/**
 * `npm test`: builds, then unit and fidelity tests (Vitest), then end-to-end tests in a real browser (Playwright).
 * Ends with one line of totals over both runners.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../main/build/build.mjs';
import { ensureChromium } from './setup/chromium.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'latebloom-test-'));

function runTool(script, args, env = {}) {
  return spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  }).status;
}

function readReport(name) {
  return JSON.parse(readFileSync(join(reports, name), 'utf8'));
}

const totals = { passed: 0, failed: 0, skipped: 0 };
let brokenRunner = false;

function add(passed, failed, skipped, status, runner) {
  totals.passed += passed;
  totals.failed += failed;
  totals.skipped += skipped;
  if (status !== 0 && failed === 0) {
    console.error(`${runner} ended with status ${status} although no test failed: see its output above.`);
    brokenRunner = true;
  }
}

try {
  await ensureBuilt();
  const chromium = ensureChromium();

  const unitStatus = runTool('vitest/vitest.mjs', [
    'run',
    '--config=test/vitest.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(reports, 'unit.json')}`,
  ]);
  const unit = readReport('unit.json');
  add(
    unit.numPassedTests,
    unit.numFailedTests,
    unit.numPendingTests + unit.numTodoTests,
    unitStatus,
    'Vitest',
  );

  const e2eStatus = runTool(
    'playwright/cli.js',
    ['test', '--config=test/e2e/playwright.config.ts', '--reporter=list,json'],
    { LATEBLOOM_CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'e2e.json') },
  );
  const { stats } = readReport('e2e.json');
  add(stats.expected + stats.flaky, stats.unexpected, stats.skipped, e2eStatus, 'Playwright');
} finally {
  rmSync(reports, { recursive: true, force: true });
}

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed > 0 || brokenRunner ? 1 : 0;
