import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../main/cli.ts';
import { reportFailure } from '../../../main/cli/failure.ts';
import { LatebloomError, NotFoundError } from '../../../shared/errors.ts';
import { study } from '../bundle/fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'latebloom-usage-'));
const home = join(folder, 'home');
beforeAll(() => {
  process.env['LATEBLOOM_HOME'] = home;
});
afterAll(() => {
  delete process.env['LATEBLOOM_HOME'];
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const status = await runCli(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    isTty: false,
    columns: 80,
  });
  return { status, out, err };
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a wrong command line ends with status 2, one sentence, and nothing written', () => {
  it.each([
    [['rn'], /^There is no command "rn"; the commands are open, presets, runs, run, /],
    [['--foo'], /^There is no option --foo here; the commands are open, /],
    [['runs', '--foo'], /^There is no option --foo here; valid are --drop-checkpoints, --json\.$/m],
    [['verify'], /^verify needs <file>\.$/m],
    [
      ['verify', 'a', 'b'],
      /^verify takes fewer arguments; its usage is: latebloom verify \[options\] <file>\.$/m,
    ],
    [['run', 'x', '--seeds'], /^The option --seeds <n> needs a value\.$/m],
    [['run'], /<preset \| study\.json>: got nothing; expected a preset/],
    [['export', 'x'], /^The option -o, --output <file> is missing\.$/m],
    [
      ['export', 'x', '-o', 'f', '--licence', 'mine', '--author', 'A'],
      /licence: got "mine"; expected an SPDX id/,
    ],
    [
      ['run', '--resume', 'x', '--seeds', '2'],
      /--resume: got "x"; expected neither a preset nor settings beside it/,
    ],
    [['serve', '--port', '65536'], /--port: got "65536"; expected an integer from 0 to 65535\./],
    [['verify', join(folder, 'nowhere')], /^The file .*nowhere cannot be read: there is no such file\.$/m],
    [['run', folder + '/'], /cannot be read: it is a folder\.$/m],
    [['import', folder], /cannot be read: it is a folder\.$/m],
  ])('%j', async (args, message) => {
    const { status, out, err } = await run(...args);
    expect(err).toMatch(message);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(readdirSync(folder)).not.toContain('home');
  });

  it('names the place in a study file, the value and what is valid', async () => {
    const seeds = file('study.json', JSON.stringify({ ...study, arms: [{ ...study.arms[0], seeds: [] }] }));
    const typo = file('typo.json', JSON.stringify({ ...study, titel: 'x' }));
    const broken = file('broken.json', '{"schemaVersion": 1,');
    const zero = file('plain.json', JSON.stringify(study));
    for (const [args, message] of [
      [[seeds], /study\.json is not valid:\n {2}arms\[0\]\.seeds: got \[\]; expected /],
      [[typo], /typo\.json is not valid:\n {2}titel: got "x"/],
      [[broken], /broken\.json is not valid:\n {2}line 1, column 21/],
      [[zero, '--seeds', '0'], /--seeds: got "0"; expected an integer from 1 to 1000/],
      [[zero, '--max-effort', '1e3'], /--max-effort: got "1e3"; expected an integer from 1 to/],
      [[zero, '--arms', 'mlp,nope'], /arms\[1\]: got "nope"; expected an arm of this study: mlp, linear/],
    ] as const) {
      const { status, out, err } = await run('run', ...args);
      expect(err).toMatch(message);
      expect({ status, out }).toEqual({ status: 2, out: '' });
    }
    expect(readdirSync(folder)).not.toContain('home');
  });

  it('is one JSON document with --json', async () => {
    const { status, out } = await run('verify', '/nowhere', '--json');
    expect(status).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'not-found' } });
  });
});

describe('help', () => {
  it('goes to stdout with status 0, for every command', async () => {
    const { status, out, err } = await run('--help');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    for (const command of [
      'presets',
      'runs',
      'run',
      'delays',
      'claims',
      'devices',
      'export',
      'verify',
      'import',
      'serve',
      'bench',
    ]) {
      expect(out).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
      expect((await run(command, '--help')).status).toBe(0);
    }
  });

  it('goes to stderr with status 2 when no command was given', async () => {
    const { status, out, err } = await run();
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain('Usage: latebloom');
  });
});

describe('reportFailure', () => {
  const report = (error: unknown): { status: number; err: string } => {
    let err = '';
    const terminal = {
      out: () => undefined,
      err: (text: string) => void (err += text),
      isTty: false,
      columns: 80,
    };
    return { status: reportFailure(error, terminal, false), err };
  };

  it('tells bad input from a failure, with the next step', () => {
    expect(report(new NotFoundError('No such study.', 'List them.'))).toEqual({
      status: 2,
      err: 'No such study.\nList them.\n',
    });
    expect(report(new LatebloomError('disk-full', 'The disk is full.')).status).toBe(1);
  });

  it('shows the stack of an unexpected error only when asked', () => {
    expect(report(new TypeError('x is not y'))).toEqual({
      status: 1,
      err: 'Something unexpected went wrong: x is not y\nLATEBLOOM_DEBUG=1 shows where.\n',
    });
    process.env['LATEBLOOM_DEBUG'] = '1';
    try {
      expect(report(new TypeError('x is not y')).err).toContain('usage.test.ts');
    } finally {
      delete process.env['LATEBLOOM_DEBUG'];
    }
  });
});
