/** A trainer as a child process of Node. Electron's shell brings its own (a utility process). */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { LatebloomError } from '../../shared/errors.ts';
import { trainerEntry } from '../paths.ts';
import type { ForkTrainer, FromTrainer } from './protocol.ts';

const LAST_WORDS = 2000;

/** @throws LatebloomError 'internal' when the program has not been built. */
export function nodeForkTrainer(entry: string = trainerEntry): ForkTrainer {
  return () => {
    if (!existsSync(entry)) {
      throw new LatebloomError(
        'internal',
        `The trainer program ${entry} is missing.`,
        'Build it: npm run build.',
      );
    }
    const child = fork(entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // An engine's error names the line of the model, which the bundle alone does not tell.
      execArgv: [...process.execArgv, '--enable-source-maps'],
    });
    let lastWords = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-LAST_WORDS);
    });
    // A message that finds the channel closed is answered by the exit that closed it.
    child.on('error', (error) => {
      lastWords = `${lastWords}\n${error.message}`.slice(-LAST_WORDS);
    });
    return {
      send: (message) => {
        if (child.connected) child.send(message);
      },
      onMessage: (listener) => {
        child.on('message', (message) => {
          listener(message as FromTrainer);
        });
      },
      onExit: (listener) => {
        // 'close' comes after the last words were read; 'exit' may come before.
        child.once('close', (code, signal) => {
          const words = lastWords.trim();
          const how = signal === null ? `ended with exit code ${code}` : `ended by ${signal}`;
          listener(words === '' ? how : `${how}: ${words}`);
        });
      },
      kill: () => {
        child.kill('SIGKILL');
      },
    };
  };
}
