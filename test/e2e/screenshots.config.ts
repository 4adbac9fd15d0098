/** Takes the README's pictures anew: `npx playwright test --config test/e2e/screenshots.config.ts`. */
import { defineConfig } from 'playwright/test';
import tests from './playwright.config.ts';

export default defineConfig({
  ...tests,
  testMatch: 'screenshots.ts',
  // Without a data folder of finished runs it trains them first.
  timeout: 2 * 60 * 60 * 1000,
  use: { ...tests.use, viewport: { width: 1280, height: 800 } },
});
