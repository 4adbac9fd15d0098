/** Brings up TensorFlow.js with one of its backends. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import util from 'node:util';
import type * as tfjs from '@tensorflow/tfjs-core';
import { LatebloomError } from '../../shared/errors.ts';

export type Tfjs = typeof tfjs;
export type TfjsEngine = 'tfjs-node-gpu' | 'tfjs-node' | 'tfjs-wasm' | 'tfjs-cpu';

/** The npm package that brings the engine, and what it calls its backend. */
const packages: Record<TfjsEngine, { name: string; backend: string }> = {
  'tfjs-node-gpu': { name: '@tensorflow/tfjs-node-gpu', backend: 'tensorflow' },
  'tfjs-node': { name: '@tensorflow/tfjs-node', backend: 'tensorflow' },
  'tfjs-wasm': { name: '@tensorflow/tfjs-backend-wasm', backend: 'wasm' },
  'tfjs-cpu': { name: '@tensorflow/tfjs-backend-cpu', backend: 'cpu' },
};

const require = createRequire(import.meta.url);

/** The engine whose native TensorFlow library this process has loaded: it cannot load another beside it. */
let native: TfjsEngine | null = null;

/**
 * TensorFlow.js with the asked backend active.
 * @param threads For the native libraries, which read it when they are loaded; the other backends have one thread.
 * @throws LatebloomError 'device-unavailable' with the reason.
 */
export async function loadTfjs(engine: TfjsEngine, threads = 1): Promise<Tfjs> {
  const { name, backend } = packages[engine];
  try {
    const tf = require('@tensorflow/tfjs-core') as Tfjs;
    // Before the backend is loaded: it silences what two packages say that register the same kernels.
    tf.enableProdMode();
    if (backend === 'tensorflow') loadNative(engine, name, threads);
    else if (engine === 'tfjs-wasm') {
      const wasm = require(name) as { setWasmPaths: (folder: string) => void };
      wasm.setWasmPaths(`${dirname(require.resolve(name))}/`);
    } else require(name);
    if (!(await tf.setBackend(backend))) throw new Error(`the "${backend}" backend did not start`);
    return tf;
  } catch (error) {
    const reason = reasonOf(error, name);
    throw new LatebloomError('device-unavailable', `${engine} is not available: ${reason}.`, '', {
      cause: error,
    });
  }
}

function reasonOf(error: unknown, name: string): string {
  if (!(error instanceof Error)) return String(error);
  const line = (error.message.split('\n')[0] as string).replace(/[.\s]+$/, '');
  return line === `Cannot find module '${name}'`
    ? `its package ${name} is not installed (npm leaves it out where TensorFlow's library cannot be fetched)`
    : line;
}

/** The installed version of an engine's package. */
export function tfjsVersion(engine: TfjsEngine): string {
  return (require(`${packages[engine].name}/package.json`) as { version: string }).version;
}

/** These packages fetch libtensorflow when they are installed; npm leaves them out when it cannot be had. */
function loadNative(engine: TfjsEngine, name: string, threads: number): void {
  if (native !== null && native !== engine)
    throw new Error(`${native} is in use, and a process can load only one of the two`);
  restoreRemovedUtilities();
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] = '1';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  require(name);
  native = engine;
}

/** tfjs-node 4.22 calls two utilities that Node 23 removed. */
export function restoreRemovedUtilities(
  utilities: Record<string, unknown> = util as unknown as Record<string, unknown>,
): void {
  utilities['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  utilities['isArray'] ??= Array.isArray;
}
