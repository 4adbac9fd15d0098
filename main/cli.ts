/**
 * The host for a terminal. Each command loads what it needs when it runs, so that `--help` is instant. Results go to
 * stdout, everything else to stderr. Exit status: 0 done, 1 the run or check failed, 2 bad input.
 */
import { Command, CommanderError } from 'commander';
import type { BenchOptions } from './cli/bench-command.ts';
import type { ExportOptions, ImportOptions, ReportOptions, VerifyOptions } from './cli/bundle-commands.ts';
import type { ExtendOptions } from './cli/extend-command.ts';
import { BAD_INPUT, DONE, reportFailure } from './cli/failure.ts';
import type { FidelityOptions } from './cli/fidelity-command.ts';
import type { DevicesOptions } from './cli/list-commands.ts';
import type { RunOptions } from './cli/run-command.ts';
import { processTerminal, type Terminal } from './cli/terminal.ts';
import { usageError } from './cli/usage.ts';

interface JsonOption {
  json?: boolean;
}

const jsonFlag = '--json';
const jsonWords = 'print one JSON document on stdout and nothing else there';

const coresWords = 'cores that runs use together, in the place of the setting (all when that is not set)';

/** Runs one command line (without `node latebloom`). Returns the exit status. */
export async function runCli(args: string[], terminal: Terminal = processTerminal()): Promise<number> {
  const json = args.includes(jsonFlag);
  let status = DONE;
  const program = buildProgram(terminal, (code) => {
    status = code;
  });
  if (args.length === 0) {
    terminal.err(program.helpInformation());
    return BAD_INPUT;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(error, terminal, json);
    if (error.exitCode === 0) return DONE;
    return reportFailure(usageError(error, program, args), terminal, json);
  }
}

function buildProgram(terminal: Terminal, end: (status: number) => void): Command {
  const program = new Command('latebloom')
    .description('Studies of delayed generalization (grokking): run them, compare, export, verify.')
    .helpCommand(false)
    .addHelpText(
      'after',
      `
Environment:
  LATEBLOOM_HOME   data folder, in the place of the platform's own
  LATEBLOOM_DEBUG  1 shows where an unexpected error comes from

Exit status: 0 done, 1 the run or check failed, 2 bad input.`,
    );
  // Inherited by the commands added after it.
  program.exitOverride().configureOutput({
    writeOut: (text) => {
      terminal.out(text);
    },
    writeErr: (text) => {
      terminal.err(text);
    },
    // Usage errors are said by `reportFailure`, in our words.
    outputError: () => undefined,
  });
  program
    .command('open')
    .description('open the workbench in a window, or in the browser where there is no display')
    .action(async () => {
      const { openWorkbench } = await import('./start.ts');
      end(await openWorkbench());
    });
  program
    .command('presets')
    .description('list the studies that come with Latebloom, and their scales')
    .option('--estimate', 'also how long each takes on this machine (measures where that is not known yet)')
    .option(jsonFlag, jsonWords)
    .action(async (options: JsonOption & { estimate?: boolean }) => {
      const { presetsCommand } = await import('./cli/list-commands.ts');
      end(await presetsCommand(options, terminal));
    });
  program
    .command('runs')
    .description('list the studies and runs in the data folder')
    .option(
      '--drop-checkpoints',
      'delete the last checkpoints of finished and stopped runs: extended or resumed, these begin again',
    )
    .option(jsonFlag, jsonWords)
    .action(async (options: JsonOption & { dropCheckpoints?: boolean }) => {
      const { runsCommand } = await import('./cli/list-commands.ts');
      end(await runsCommand(options, terminal));
    });
  program
    .command('run')
    .description('run a study to its end and print its delays; Ctrl-C stops it and keeps what was computed')
    .argument('[study]', 'id of a preset, or path of a study file')
    .usage('<preset | study.json> [options]')
    .option('--scale <name>', 'of a preset: cpu (reduced, minutes) or paper (exact); cpu where there is one')
    .option('--arms <ids>', 'only these arms, separated by commas')
    .option('--seeds <n>', 'this many seeds per arm: the first ones, or further ones added')
    .option('--max-effort <n>', "cap on every arm's budget")
    .option('--device <id>', 'compute on this device (see: latebloom devices)')
    .option('--cores <n>', coresWords)
    .option('--out <dir>', 'also write DIR/<studyId>/ with study.json, delays.csv and each metrics.csv')
    .option('--resume <studyId>', 'go on with the stopped and interrupted runs of a study')
    .option(jsonFlag, jsonWords)
    .action(async (study: string | undefined, options: RunOptions) => {
      const { runCommand } = await import('./cli/run-command.ts');
      end(await runCommand(study, options, terminal));
    });
  program
    .command('extend')
    .description('give ended runs a larger budget: they go on from their last checkpoints to the same curve')
    .argument('<id>', 'id of a run, or of a study: then all its finished runs')
    .requiredOption('--max-effort <n>', 'the new budget, larger than the present one')
    .option('--censored', 'of a study: only the runs that did not generalize within their budget')
    .option('--cores <n>', coresWords)
    .option('--recompute', 'also runs whose last checkpoint was not kept, again from their beginning')
    .option(jsonFlag, jsonWords)
    .addHelpText(
      'after',
      `
The study and its hash stay as they are; each run says what its budget was extended from. A fresh run
with that budget has the same curve, bit for bit on the same CPU engine: verify --rerun checks it.
Every finished run keeps its last checkpoint in the data folder for this (about 12 bytes per parameter
of a network trained with Adam); it goes with its study. Imported and failed runs cannot be extended.`,
    )
    .action(async (id: string, options: ExtendOptions) => {
      const { extendCommand } = await import('./cli/extend-command.ts');
      end(await extendCommand(id, options, terminal));
    });
  program
    .command('delays')
    .description('print fit steps, generalization steps, delays and claims of a study')
    .argument('<study>', 'id of a study, or path of a bundle')
    .option(jsonFlag, jsonWords)
    .action(async (study: string, options: JsonOption) => {
      const { delaysCommand } = await import('./cli/bundle-commands.ts');
      end(await delaysCommand(study, options, terminal));
    });
  program
    .command('claims')
    .description("check a study's claims against its stored runs; exit status 1 when one fails")
    .argument('<study>', 'id of a study, or path of a bundle')
    .option('--evidence', 'also every run that a claim was decided from, with the number read of it')
    .option(jsonFlag, jsonWords)
    .action(async (study: string, options: JsonOption & { evidence?: boolean }) => {
      const { claimsCommand } = await import('./cli/claims-command.ts');
      end(await claimsCommand(study, options, terminal));
    });
  program
    .command('fidelity')
    .description('run the presets and write what their claims came to: FIDELITY.md with figures beside it')
    .option('--scale <name>', 'cpu (the default) or paper; a preset with one scale is run at that')
    .option('--presets <ids>', 'only these presets, separated by commas')
    .option('--seeds <n>', 'this many seeds per arm')
    .option('--device <id>', 'compute on this device (see: latebloom devices)')
    .option('--resume', 'take the arms that were run already as they are, and go on with what was stopped')
    .option('--out <dir>', 'write DIR/FIDELITY.md and DIR/fidelity/; in a checkout studies/ when absent')
    .action(async (options: FidelityOptions) => {
      const { fidelityCommand } = await import('./cli/fidelity-command.ts');
      end(await fidelityCommand(options, terminal));
    });
  program
    .command('devices')
    .description('try every engine on a small training step: available, or not and why')
    .option(
      '--fetch-cuda',
      "first fetch ONNX Runtime's CUDA provider (Linux x64, several hundred MB from api.nuget.org), which npm does not carry",
    )
    .option(jsonFlag, jsonWords)
    .action(async (options: DevicesOptions) => {
      const { devicesCommand } = await import('./cli/list-commands.ts');
      end(await devicesCommand(options, terminal));
    });
  program
    .command('export')
    .description('write a study with all its runs as one file that others can verify')
    .argument('<studyId>', 'id of a study')
    .requiredOption('-o, --output <file>', 'file to write, or a folder')
    .option(
      '--licence <id>',
      'licence of the content: an SPDX id like CC-BY-4.0, or the address of another; said to be missing where it is not given',
    )
    .option('--author <name>', 'author, as to be cited; said to be missing where it is not given')
    .option(jsonFlag, jsonWords)
    .action(async (studyId: string, options: ExportOptions) => {
      const { exportCommand } = await import('./cli/bundle-commands.ts');
      end(await exportCommand(studyId, options, terminal));
    });
  program
    .command('report')
    .description('write a study as one page with notes, figures, delays and verdicts, for any browser')
    .argument('<study>', 'id of a study, or path of a bundle')
    .requiredOption('--out <file>', 'the .html file to write')
    .option('--licence <id>', 'licence of the content: an SPDX id, or the address of another')
    .option('--author <name>', 'author, as to be cited')
    .option(jsonFlag, jsonWords)
    .action(async (study: string, options: ReportOptions) => {
      const { reportCommand } = await import('./cli/bundle-commands.ts');
      end(await reportCommand(study, options, terminal));
    });
  program
    .command('verify')
    .description('check a bundle: structure, checksums, schemas, metadata, runs, analysis')
    .argument('<file>', 'a .study.zip file')
    .option(
      '--rerun',
      'then compute its runs again and compare the curves, naming the first step that differs',
    )
    .option('--runs <n>', 'with --rerun: only so many runs, the first seed of every arm before the second')
    .option(jsonFlag, jsonWords)
    .action(async (file: string, options: VerifyOptions) => {
      const { verifyCommand } = await import('./cli/bundle-commands.ts');
      end(await verifyCommand(file, options, terminal));
    });
  program
    .command('import')
    .description('verify a bundle and add what is new in it to the data folder')
    .argument('<file>', 'a .study.zip file')
    .option('--dry-run', 'only say what would change; nothing is written')
    .option(jsonFlag, jsonWords)
    .action(async (file: string, options: ImportOptions) => {
      const { importCommand } = await import('./cli/bundle-commands.ts');
      end(await importCommand(file, options, terminal));
    });
  program
    .command('serve')
    .description('serve the workbench to a browser on this machine until Ctrl-C')
    .option('--port <n>', 'port on the loopback address; 0 takes any free one')
    .option('--cores <n>', coresWords)
    .action(async ({ port, cores }: { port?: string; cores?: string }) => {
      const { coresOption, integerOption } = await import('./cli/study-source.ts');
      const chosen = {
        ...(port === undefined ? {} : { port: integerOption('--port', port, 0, 65_535) }),
        ...(cores === undefined ? {} : { cores: coresOption(cores) }),
      };
      const { serveUntilStopped } = await import('./start.ts');
      end(await serveUntilStopped(chosen));
    });
  program
    .command('bench')
    .description('measure steps per second of the benchmark jobs on this machine')
    .option(
      '--job <name>',
      'only this job: N, P, G, M, K or T (training), S (16 seeds of T, G and N), Q (16 seeds as scheduled), R (what recording costs) or GP',
    )
    .option('--peer', 'also measure PyTorch or SciPy on the same job, alternating')
    .option('--profile', "where a step's time goes, by kind of operator, in the place of the table")
    .option('--soak', 'memory over 100,000 steps of T and 20,000 of G, in the place of the table')
    .option('--seconds <n>', 'seconds per engine and round (6)')
    .option('--rounds <n>', 'rounds, of which the median counts (3)')
    .option(jsonFlag, jsonWords)
    .action(async (options: BenchOptions) => {
      const { benchCommand } = await import('./cli/bench-command.ts');
      end(await benchCommand(options, terminal));
    });
  return program;
}
