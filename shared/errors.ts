/**
 * Named errors. Every error a user can meet is one of these: a plain sentence, and the next step.
 * `code` survives the process and window boundaries (see `toErrorReport`), class identity does not.
 */

export type ErrorCode =
  | 'bad-input'
  | 'not-found'
  | 'conflict'
  | 'damaged-bundle'
  | 'damaged-journal'
  | 'diverged'
  | 'device-unavailable'
  | 'disk-full'
  | 'home-in-use'
  | 'trainer-died'
  | 'not-allowed'
  | 'host-unreachable'
  | 'internal';

/** One thing wrong with an input: where it stands, what it is, and what would be valid. */
export interface InputFault {
  /** Path in the document, as a user would write it: `arms[0].dataset.p`. */
  path: string;
  /** The offending value, printed (at most 80 characters); `undefined` prints as "nothing". */
  value: string;
  /** What would be valid, as a noun phrase: "an integer from 2 to 1000". */
  expected: string;
}

export class LatebloomError extends Error {
  readonly code: ErrorCode;
  /** What the user can do now; one sentence, or empty where the message says it all. */
  readonly nextStep: string;

  constructor(code: ErrorCode, message: string, nextStep = '', options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.nextStep = nextStep;
  }
}

function faultsMessage(subject: string, faults: readonly InputFault[]): string {
  return [`${subject} is not valid:`, ...faults.map((fault) => `  ${describeFault(fault)}`)].join('\n');
}

/** The input is not valid; nothing was written. */
export class InputError extends LatebloomError {
  readonly faults: InputFault[];

  constructor(subject: string, faults: InputFault[], message = faultsMessage(subject, faults)) {
    super('bad-input', message);
    this.faults = faults;
  }
}

export class NotFoundError extends LatebloomError {
  constructor(message: string, nextStep = '') {
    super('not-found', message, nextStep);
  }
}

/** A bundle failed verification. `file` is the path inside the bundle, `fault` a short noun phrase. */
export class BundleError extends LatebloomError {
  readonly file: string;
  readonly fault: string;

  constructor(file: string, fault: string, detail = '') {
    super(
      'damaged-bundle',
      `${file}: ${fault}${detail === '' ? '' : ` (${detail})`}.`,
      'Nothing was imported. Ask the sender for a fresh copy of the bundle.',
    );
    this.file = file;
    this.fault = fault;
  }
}

/** A training step produced a value that is not finite. */
export class DivergedError extends LatebloomError {
  readonly effort: number;

  constructor(effort: number, quantity: string, value: number) {
    super(
      'diverged',
      `The run diverged at effort ${effort}: ${quantity} is ${value}.`,
      'The curve up to that point is kept. A smaller learning rate usually helps.',
    );
    this.effort = effort;
  }
}

/** A plain copy of an error that can cross a process or a socket, and be stored in a run's record. */
export interface ErrorReport {
  name: string;
  code: ErrorCode;
  message: string;
  nextStep: string;
  faults?: InputFault[];
  /** Present for a diverged run. */
  effort?: number;
}

export function toErrorReport(error: unknown): ErrorReport {
  if (error instanceof LatebloomError) {
    return {
      name: error.name,
      code: error.code,
      message: error.message,
      nextStep: error.nextStep,
      ...(error instanceof InputError ? { faults: error.faults } : {}),
      ...(error instanceof DivergedError ? { effort: error.effort } : {}),
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { name: error instanceof Error ? error.name : 'Error', code: 'internal', message, nextStep: '' };
}

/** The error a report describes, thrown again on this side of the boundary. */
export function fromErrorReport(report: ErrorReport): LatebloomError {
  const error =
    report.faults === undefined
      ? new LatebloomError(report.code, report.message, report.nextStep)
      : new InputError('', report.faults, report.message);
  error.name = report.name;
  return error;
}

export function describeFault(fault: InputFault): string {
  return `${fault.path}: got ${fault.value}; expected ${fault.expected}.`;
}

/** Prints a value for an error message: JSON where it has one, cut at 80 characters; `undefined` is "nothing". */
export function printValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  const plain = ['string', 'object', 'boolean'].includes(typeof value) || Number.isFinite(value);
  const text = plain ? ((JSON.stringify(value) as string | undefined) ?? 'nothing') : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
