/** What computed a run: the program, the machine, the libraries. Unknowns are null, not guessed. */
import { existsSync, readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { EnvironmentRecord } from '../shared/run.ts';
import { projectRoot } from './paths.ts';

/** Libraries whose version can change a number. */
const computingLibraries = [
  'onnxruntime-node',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-node-gpu',
  'pure-rand',
];

interface PackageFile {
  name: string;
  version: string;
}

function readPackage(folder: string): PackageFile | null {
  const file = join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as PackageFile) : null;
}

export function appVersion(): string {
  return readPackage(projectRoot)?.version ?? 'unknown';
}

export function environmentRecord(): EnvironmentRecord {
  const libraries = computingLibraries
    .map((name) => [name, readPackage(join(projectRoot, 'node_modules', name))?.version])
    .filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    app: 'latebloom',
    appVersion: appVersion(),
    node: process.versions.node,
    electron: process.versions['electron'] ?? null,
    os: platform(),
    osRelease: release(),
    arch: arch(),
    cpu: cpus()[0]?.model.trim() ?? null,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    gpu: null,
    libraries: Object.fromEntries(libraries),
  };
}

/** Where two environments differ: "node: 22.1.0 there, 20.20.2 here". */
export function environmentDifferences(there: EnvironmentRecord, here: EnvironmentRecord): string[] {
  const flat = ({ libraries, ...rest }: EnvironmentRecord): Map<string, string> =>
    new Map(
      [...Object.entries(rest), ...Object.entries(libraries)].map(([key, value]) => [
        key,
        String(value ?? 'none'),
      ]),
    );
  const [a, b] = [flat(there), flat(here)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => a.get(key) !== b.get(key))
    .map((key) => `${key}: ${a.get(key) ?? 'none'} there, ${b.get(key) ?? 'none'} here`);
}
