/** Where the program's own files are, from the sources (tests), from dist/ and from inside a packaged app. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`No package.json above ${fileURLToPath(import.meta.url)}.`);
    folder = parent;
  }
  return folder;
}

export const projectRoot = findRoot();
export const studiesFolder = join(projectRoot, 'studies');
export const rendererFolder = join(projectRoot, 'dist', 'renderer');
export const trainerEntry = join(projectRoot, 'dist', 'main', 'trainer.js');
export const preloadFile = join(projectRoot, 'dist', 'main', 'preload.cjs');
export const electronEntry = join(projectRoot, 'dist', 'main', 'index.js');
