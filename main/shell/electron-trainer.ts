/** A trainer as one of Electron's utility processes: the fuse that disables `child_process.fork` can stay off. */
import { utilityProcess } from 'electron';
import { trainerEntry } from '../paths.ts';
import type { ForkTrainer, FromTrainer } from '../scheduler/protocol.ts';

const LAST_WORDS = 2000;

/** Electron has to be ready. */
export function electronForkTrainer(entry: string = trainerEntry): ForkTrainer {
  return () => {
    const child = utilityProcess.fork(entry, [], {
      serviceName: 'Latebloom trainer',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let lastWords = '';
    const remember = (text: string): void => {
      lastWords = (lastWords + text).slice(-LAST_WORDS);
    };
    child.stderr?.on('data', (chunk: Buffer) => {
      remember(chunk.toString('utf8'));
    });
    child.on('error', (type, location) => {
      remember(`\n${type} in ${location}`);
    });
    let running = true;
    let killed = false;
    const end = (): void => {
      killed = true;
      // `child.kill()` asks (SIGTERM); a trainer inside native code might not hear it.
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    };
    child.once('spawn', () => {
      if (killed) end();
    });
    child.once('exit', () => {
      running = false;
    });
    return {
      send: (message) => {
        // A message that finds the process gone is answered by its exit.
        if (running) child.postMessage(message);
      },
      onMessage: (listener) => {
        child.on('message', (message: FromTrainer) => {
          listener(message);
        });
      },
      onExit: (listener) => {
        child.once('exit', (code) => {
          const words = lastWords.trim();
          const how = `ended with exit code ${code}`;
          listener(words === '' ? how : `${how}: ${words}`);
        });
      },
      kill: end,
    };
  };
}
