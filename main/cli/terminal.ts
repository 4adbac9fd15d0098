/** Where the command line writes: results on stdout, everything else on stderr. */

export interface Terminal {
  /** Results. With `--json`, one document and nothing else. */
  out(text: string): void;
  /** Progress, notices, errors. */
  err(text: string): void;
  /** Whether stderr is a terminal on which lines can be drawn over. */
  readonly isTty: boolean;
  /** Width of that terminal in characters. */
  readonly columns: number;
}

export function processTerminal(): Terminal {
  // `latebloom runs | head` closes the pipe early: not an error of ours.
  const ignoreClosedPipe = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
  };
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listenerCount('error') === 0) stream.on('error', ignoreClosedPipe);
  }
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    get isTty() {
      return process.stderr.isTTY;
    },
    get columns() {
      return process.stderr.columns;
    },
  };
}

export function printJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}
