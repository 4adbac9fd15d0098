/** `latebloom bench`: waits for main/bench/job-n.ts. */
import { LatebloomError } from '../../shared/errors.ts';
import type { Terminal } from './terminal.ts';

export interface BenchOptions {
  job?: string;
  peer?: boolean;
  json?: boolean;
}

export async function benchCommand(_options: BenchOptions, _terminal: Terminal): Promise<number> {
  throw new LatebloomError('internal', 'The benchmark is not there yet.');
}
