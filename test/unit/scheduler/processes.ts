/** Bundles the test programs that run as processes of their own, and waits for what hosts do. */
import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HostEvent, WorkbenchApi } from '../../../shared/api.ts';
import type { RunRecord } from '../../../shared/run.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
export const root = join(here, '../../..');

/** Beside the installed packages, which the bundles import. */
const outputFolder = join(root, 'node_modules/.cache/latebloom-test');

/** Bundles `<name>.ts` of a folder, this one if not said; returns the program's path. See `removePrograms`. */
export async function buildProgram(name: string, folder: string = here): Promise<string> {
  const outfile = join(outputFolder, `${process.pid}`, `${name}.mjs`);
  await build({
    entryPoints: [join(folder, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  return outfile;
}

export function removePrograms(): void {
  rmSync(join(outputFolder, `${process.pid}`), { recursive: true, force: true });
}

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'latebloom-host-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Resolves at the first event that fits. */
export function waitFor<E extends HostEvent>(
  api: WorkbenchApi,
  fits: (event: HostEvent) => event is E,
): Promise<E> {
  return new Promise((resolve) => {
    const unsubscribe = api.subscribe((event) => {
      if (!fits(event)) return;
      unsubscribe();
      resolve(event);
    });
  });
}

/** Resolves when the run has this status, with its record. */
export async function waitForStatus(
  api: WorkbenchApi,
  runId: string,
  ...statuses: RunRecord['status'][]
): Promise<RunRecord> {
  const reached = waitFor(
    api,
    (event): event is Extract<HostEvent, { type: 'run' }> =>
      event.type === 'run' && event.run.id === runId && statuses.includes(event.run.status),
  );
  const now = (await api.call('runs', null)).find((run) => run.id === runId);
  if (now !== undefined && statuses.includes(now.status)) return now;
  return (await reached).run;
}
