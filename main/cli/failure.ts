/** From an error to words and an exit status: 1 the run or check failed, 2 bad input. */
import { LatebloomError, toErrorReport } from '../../shared/errors.ts';
import { printJson, type Terminal } from './terminal.ts';

export const DONE = 0;
export const FAILED = 1;
export const BAD_INPUT = 2;

/** Tells the user, and returns the exit status. The stack of an unexpected error shows with LATEBLOOM_DEBUG=1. */
export function reportFailure(error: unknown, terminal: Terminal, json: boolean): number {
  const report = toErrorReport(error);
  if (json) printJson(terminal, { error: report });
  if (error instanceof LatebloomError) {
    terminal.err(`${error.message}\n${error.nextStep === '' ? '' : `${error.nextStep}\n`}`);
  } else {
    terminal.err(`Something unexpected went wrong: ${report.message}\n`);
    if (process.env['LATEBLOOM_DEBUG'] !== '1') terminal.err('LATEBLOOM_DEBUG=1 shows where.\n');
  }
  if (process.env['LATEBLOOM_DEBUG'] === '1' && error instanceof Error)
    terminal.err(`${error.stack ?? ''}\n`);
  return report.code === 'bad-input' || report.code === 'not-found' ? BAD_INPUT : FAILED;
}
