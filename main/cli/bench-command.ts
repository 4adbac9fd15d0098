/** `latebloom bench`: updates per second of the benchmark jobs on this machine. */
import { InputError } from '../../shared/errors.ts';
import { DONE } from './failure.ts';
import { printJson, type Terminal } from './terminal.ts';

export interface BenchOptions {
  job?: string;
  peer?: boolean;
  json?: boolean;
}

export async function benchCommand(options: BenchOptions, terminal: Terminal): Promise<number> {
  if (options.job !== undefined && options.job !== 'N') {
    throw new InputError('The command', [{ path: '--job', value: options.job, expected: 'N' }]);
  }
  const { benchJobN } = await import('../bench/job-n.ts');
  const result = await benchJobN({ peer: options.peer === true, rounds: 3, seconds: 6 });
  if (options.json === true) {
    printJson(terminal, { jobs: [result] });
    return DONE;
  }
  terminal.out(`N: ${result.stepsPerSecond.toFixed(1)} steps/s on ${result.threads} threads\n`);
  if (result.ratio !== null) {
    terminal.out(
      `   PyTorch ${result.peerStepsPerSecond?.toFixed(1)} steps/s; ratio ${result.ratio.toFixed(2)}\n`,
    );
  }
  if (result.peerNote !== null) terminal.err(`${result.peerNote}\n`);
  return DONE;
}
