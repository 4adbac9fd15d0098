/**
 * `latebloom devices --fetch-cuda`: ONNX Runtime's CUDA provider, which npm does not carry. Its package's own install
 * script fetches it; this says before what comes from where, how large it is and where it goes.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { arch, platform } from 'node:os';
import { LatebloomError } from '../../shared/errors.ts';
import type { Terminal } from './terminal.ts';

const PLATFORM = 'linux/x64';
const ANSWER_LIMIT = 20_000;

/** What this part asks of the world outside. */
export interface FetchCudaParts {
  platform: string;
  /** Size in bytes of what lies at an address; null where the server does not say. @throws Error when there is no answer */
  size: (address: string) => Promise<number | null>;
  /** Runs the install script; resolves to its exit status and its last words. */
  install: (script: string) => Promise<{ status: number | null; words: string }>;
}

export const outside: FetchCudaParts = {
  platform: `${platform()}/${arch()}`,
  size: async (address) => {
    const response = await fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_LIMIT) });
    if (!response.ok) throw new Error(`it answers with HTTP status ${response.status}`);
    const length = response.headers.get('content-length');
    return length === null ? null : Number(length);
  },
  install: (script) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [script], {
        stdio: ['ignore', 'inherit', 'pipe'],
        // The install of Latebloom skips it by the project's .npmrc; the variable wins over that.
        env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'true' },
      });
      let words = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        words = (words + text).slice(-2000);
      });
      child.on('error', reject);
      child.on('close', (status) => {
        resolve({ status, words });
      });
    }),
};

interface Metadata {
  manifests: Record<string, Record<string, { package: string }> | undefined>;
  packages: Record<string, { name: string; versions: { version: string }[] } | undefined>;
}

/** What the install script would fetch: a package of NuGet, and the files it takes out of it. */
function plan(): {
  name: string;
  version: string;
  address: string;
  files: string[];
  folder: string;
  script: string;
} {
  const require = createRequire(import.meta.url);
  const root = dirname(require.resolve('onnxruntime-node/package.json'));
  const { manifests, packages } = require(join(root, 'script', 'install-metadata.js')) as Metadata;
  const manifest = manifests[`${PLATFORM}:cuda12`] ?? {};
  const [source] = Object.values(manifest);
  const found = packages[source?.package ?? ''];
  const version = found?.versions[0]?.version;
  if (found === undefined || version === undefined)
    throw new LatebloomError('internal', 'The installed onnxruntime-node has no CUDA provider to fetch.');
  const name = found.name.toLowerCase();
  return {
    name: found.name,
    version,
    address: `https://api.nuget.org/v3-flatcontainer/${name}/${version}/${name}.${version}.nupkg`,
    files: Object.keys(manifest).map((file) => file.replace('./', '')),
    folder: join(root, 'bin', 'napi-v6', ...PLATFORM.split('/')),
    script: join(root, 'script', 'install.js'),
  };
}

/** @throws LatebloomError 'device-unavailable' on another system, offline, or when the script fails */
export async function fetchCuda(terminal: Terminal, parts: FetchCudaParts = outside): Promise<void> {
  if (parts.platform !== PLATFORM) {
    throw new LatebloomError(
      'device-unavailable',
      `ONNX Runtime has CUDA on Linux x64 only; this is ${parts.platform}.`,
      'WebGPU (onnxruntime-webgpu) reaches NVIDIA cards on other systems.',
    );
  }
  const { name, version, address, files, folder, script } = plan();
  const bytes = await parts.size(address).catch((error: unknown) => {
    throw new LatebloomError(
      'device-unavailable',
      `The CUDA provider could not be fetched: ${new URL(address).host} cannot be reached (${innerWords(error)}).`,
      'Try again with a connection to the internet. Nothing was changed.',
      { cause: error },
    );
  });
  const size = bytes === null ? 'of a size that the server does not say' : `of ${Math.round(bytes / 1e6)} MB`;
  terminal.err(
    `Fetching ${name} ${version}, a package ${size}, from ${address}\n` +
      `and taking out of it, into ${folder}: ${files.join(', ')}.\n` +
      'They need CUDA 12 and cuDNN 9, which are installed apart.\n',
  );
  const { status, words } = await parts.install(script);
  if (status === 0) return;
  const error = /^\w*Error: .*$/m.exec(words)?.[0] ?? words.trim().split('\n').at(-1) ?? '';
  throw new LatebloomError(
    'device-unavailable',
    `The CUDA provider could not be fetched: ONNX Runtime's install script ended with status ${status}: ${error}`,
    'Try again.',
  );
}

/** `fetch` says "fetch failed" and keeps why in the cause. */
function innerWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
