/**
 * Timings of the window with many runs stored: `npx playwright test --config test/bench/bench.config.ts`. Prints medians and
 * asserts nothing on time. LATEBLOOM_BENCH_RUNS, _METRICS and _POINTS set their size. One of them: add its name.
 */
import { defineConfig } from 'playwright/test';
import tests from '../e2e/playwright.config.ts';

export default defineConfig({
  ...tests,
  testDir: '.',
  testMatch: ['comparison.ts', 'host.ts', 'replay.ts'],
  timeout: 60 * 60 * 1000,
  use: { ...tests.use, trace: 'off', screenshot: 'off' },
});
