/** Commander's usage errors in one plain sentence that says what is valid. */
import type { Command, CommanderError } from 'commander';
import { LatebloomError } from '../../shared/errors.ts';

/** The command line itself is wrong. */
export class UsageError extends LatebloomError {}

/**
 * @param program the whole command line
 * @param args what the user typed
 */
export function usageError(error: CommanderError, program: Command, args: readonly string[]): UsageError {
  const command = program.commands.find((candidate) => args.includes(candidate.name())) ?? program;
  const help = `latebloom ${command === program ? '' : `${command.name()} `}--help explains all of it.`;
  return new UsageError('bad-input', usageSentence(error, program, command, args), help);
}

function usageSentence(
  error: CommanderError,
  program: Command,
  command: Command,
  args: readonly string[],
): string {
  const names = program.commands.map((candidate) => candidate.name()).join(', ');
  const options = command.options.map((option) => option.long ?? option.flags).join(', ');
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownCommand':
      return `There is no command "${quoted}"; the commands are ${names}.`;
    case 'commander.unknownOption':
      return `There is no option ${quoted} here; ${command === program ? `the commands are ${names}` : `valid are ${options}`}.`;
    case 'commander.missingMandatoryOptionValue':
      return `The option ${quoted} is missing.`;
    case 'commander.missingArgument':
      return `${command.name()} needs <${quoted}>.`;
    case 'commander.optionMissingArgument':
      return `The option ${quoted} needs a value.`;
    case 'commander.excessArguments':
      return command === program
        ? `There is no command "${args[0] ?? ''}"; the commands are ${names}.`
        : `${command.name()} takes fewer arguments; its usage is: latebloom ${command.name()} ${command.usage()}.`;
    default:
      return `${error.message.replace(/^error: /, '').replace(/\.$/, '')}.`;
  }
}
