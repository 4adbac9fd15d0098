#!/usr/bin/env node
/** The `latebloom` command: brings dist/ up to date where the sources are at hand, then runs the command line. */
import { existsSync } from 'node:fs';

if (existsSync(new URL('../cli.ts', import.meta.url))) {
  const { ensureBuilt } = await import('./build.mjs');
  await ensureBuilt();
}
const { runCli } = await import(new URL('../../dist/main/cli.js', import.meta.url).href);
process.exitCode = await runCli(process.argv.slice(2));
