/** The real program, as `latebloom serve` and as a command line, on a data folder of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../../main/build/latebloom.mjs', import.meta.url));

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'latebloom-e2e-'));
}

export function removeFolder(folder: string): void {
  // A trainer that has just lost its host may still be closing its files.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

export class Host {
  readonly home: string;
  #port: number;
  #process: ChildProcess | null = null;
  /** With the token of the host that runs now. */
  url = '';

  /** @param port 0 takes any free one */
  constructor(port = 0, home = newFolder()) {
    this.#port = port;
    this.home = home;
  }

  async start(): Promise<void> {
    const host = spawn(process.execPath, [program, 'serve', '--port', String(this.#port)], {
      env: { ...process.env, LATEBLOOM_HOME: this.home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = host;
    this.url = await new Promise((resolve, reject) => {
      let text = '';
      host.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const found = /http:\/\/\S+token=\S+/.exec(text);
        if (found !== null) resolve(found[0]);
      });
      host.once('exit', (code) => reject(new Error(`The host ended with ${code}: ${text}`)));
    });
    // The same port after a restart is the same origin, and so the same IndexedDB.
    this.#port = Number(new URL(this.url).port);
  }

  /** Ends the host and waits for its end. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const host = this.#process;
    this.#process = null;
    if (host === null || host.exitCode !== null || host.signalCode !== null) return;
    const exited = new Promise((resolve) => host.once('exit', resolve));
    host.kill(signal);
    await exited;
  }

  async dispose(): Promise<void> {
    await this.end('SIGKILL');
    removeFolder(this.home);
  }
}

/** Runs `latebloom ...args` to its end. @throws Error when it fails */
export function latebloom(home: string, ...args: string[]): string {
  const { status, stdout, stderr } = tryLatebloom(home, ...args);
  if (status !== 0) throw new Error(`latebloom ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

/** Runs `latebloom ...args` to its end, whatever that is. */
export function tryLatebloom(
  home: string,
  ...args: string[]
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, ...args], {
    env: { ...process.env, LATEBLOOM_HOME: home },
    encoding: 'utf8',
    // A folder of many runs says more than a megabyte.
    maxBuffer: 256 * 1024 * 1024,
  });
}

/** A study of two short linear runs; returns its file's path. */
export function writeSmallStudy(folder: string): string {
  const path = join(folder, 'small.json');
  const arm = {
    id: 'linear',
    title: 'Linear regression with a decoy',
    dataset: { kind: 'slope-regression', slope: 0.3, points: 100, trainSize: 2, testSize: 98 },
    model: {
      kind: 'linear-regression',
      features: ['x', 'x^2', 'x^3', 'sin(100x)'],
      initialWeights: [0.0005, 0.9, 0.9, 0.9],
      noiseVariance: 0.002,
      weightVariance: 0.5,
    },
    trainer: { kind: 'sgd', learningRate: 0.001, weightDecay: 0, momentum: 0, batchSize: 'full' },
    budget: { maxEffort: 2000 },
    thresholds: { metric: 'accuracy', train: 0.99, test: 0.95, sustain: 1 },
    record: { every: 10, perDecade: 20 },
    seeds: [0, 1],
  };
  const study = {
    schemaVersion: 1,
    id: 'small',
    title: 'A small study',
    question: 'Does a short study survive its journey?',
    paper: null,
    arms: [arm],
    claims: [],
  };
  writeFileSync(path, JSON.stringify(study));
  return path;
}
