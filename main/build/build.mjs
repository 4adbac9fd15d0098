/**
 * Builds dist/ from main/, renderer/ and shared/: the host with esbuild, the renderer with Vite.
 * Does nothing when dist/ is newer than every source; `--force` builds anyway.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const stampFile = join(root, 'dist/build.stamp');
const sources = ['main', 'renderer', 'shared', 'package.json', 'package-lock.json', 'tsconfig.json'];

function newestChange(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce(
    (newest, name) => Math.max(newest, newestChange(join(path, name))),
    stat.mtimeMs,
  );
}

function isFresh() {
  if (!existsSync(stampFile)) return false;
  const builtAt = Number(readFileSync(stampFile, 'utf8'));
  return sources.every((name) => newestChange(join(root, name)) <= builtAt);
}

async function buildHost() {
  const { build } = await import('esbuild');
  const common = {
    bundle: true,
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    absWorkingDir: root,
    logLevel: 'warning',
  };
  const { metafile } = await build({
    ...common,
    metafile: true,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    outdir: 'dist/main',
    entryPoints: ['main/cli.ts', 'main/index.ts', 'main/trainer.ts'].filter((entry) =>
      existsSync(join(root, entry)),
    ),
  });
  dropStaleChunks(new Set(Object.keys(metafile.outputs)));
  // A sandboxed preload script is CommonJS and loads nothing: it is bundled whole.
  await build({
    ...common,
    packages: 'bundle',
    external: ['electron'],
    format: 'cjs',
    outfile: 'dist/main/preload.cjs',
    entryPoints: ['main/preload.ts'].filter((entry) => existsSync(join(root, entry))),
  });
}

/** What earlier builds left would be packaged with the app. @param current paths from the root */
function dropStaleChunks(current) {
  const folder = join(root, 'dist/main/chunks');
  for (const name of readdirSync(folder)) {
    if (!current.has(`dist/main/chunks/${name}`)) rmSync(join(folder, name));
  }
}

async function buildRenderer() {
  const { build } = await import('vite');
  await build({ configFile: join(root, 'renderer/vite.config.ts'), logLevel: 'warn' });
}

/** Builds when needed. Returns whether it built. */
export async function ensureBuilt({ force = false } = {}) {
  if (!force && isFresh()) return false;
  const startedAt = Date.now();
  await buildHost();
  await buildRenderer();
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stampFile, String(startedAt));
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureBuilt({ force: process.argv.includes('--force') });
}
