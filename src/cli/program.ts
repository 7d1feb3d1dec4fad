import { Command } from 'commander';
import packageFile from '../../package.json' with { type: 'json' };
import type { Register } from '../register/register.ts';
import { aiSystem } from '../registers/ai-system.ts';
import { component } from '../registers/component.ts';
import { evidence } from '../registers/evidence.ts';
import { supplier } from '../registers/supplier.ts';
import { addAccountCommands } from './commands/account.ts';
import { addComponentCommands } from './commands/component.ts';
import { addDiffCommand } from './commands/diff.ts';
import { addEraseCommand } from './commands/erase.ts';
import { addEvidenceCommands } from './commands/evidence.ts';
import { addExportCommands } from './commands/export.ts';
import { addGateCommand } from './commands/gate.ts';
import { addGovernCommands } from './commands/govern.ts';
import { addLogCommands } from './commands/log.ts';
import { addRegisterCommands } from './commands/register.ts';
import { addReviewCommand } from './commands/review.ts';
import { addRiskCommands } from './commands/risk.ts';
import { addSimilarCommand } from './commands/similar.ts';
import { addVerifyCommands } from './commands/verify.ts';
import { addWitnessCommand } from './commands/witness.ts';
import { addWorkCommands } from './commands/work.ts';
import type { Context } from './context.ts';
import { addDerived, type Derived } from './derive.ts';
import { commandName } from './names.ts';

const AFTER = `
Exit codes: 0 done, or the verdict is positive; 1 the verdict is negative (refused, insufficient, not verified);
2 error: wrong usage, no server, not allowed, a file that cannot be read. An error is never a pass.

Environment, instead of a stored sign-in: AIMS_URL, AIMS_ORG, AIMS_KEY. NO_COLOR switches colour off.

Try:
  aims evidence inspect results.json       count a test result again, offline
  aims login --email you@example.org       sign in
  aims risk list --filter state=open       read a register
  aims gate REL-0002                       may this release ship?`;

/**
 * The whole command line, derived from the registers; of registers only those that `line` names, where one is given. Building it does
 * nothing else.
 */
export function buildProgram(
  context: Context,
  derived: readonly Derived[],
  line?: readonly string[],
): Command {
  const { io, terminal } = context;
  const program = new Command('aims')
    .description('The AI management system of your organisation, from the command line.')
    .option(
      '--profile <name>',
      'stored sign-in to use, so that several people can be used one after the other',
    )
    .option('--url <address>', 'server')
    .option('--org <slug>', 'organisation')
    .version(packageFile.version, '-V, --version', 'version of this program')
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (s) => void io.stdout.write(s),
      writeErr: (s) => void io.stderr.write(s),
      getOutHelpWidth: () => terminal.width || 100,
      getErrHelpWidth: () => terminal.width || 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', AFTER)
    .helpCommand('help [command]', 'what a command does');
  program
    .command('start')
    .helpGroup('Server:')
    .description('Start the server on this machine (aims start --help).')
    .allowUnknownOption();
  addAccountCommands(context, program);
  addGateCommand(context, program);
  addVerifyCommands(context, program);
  addExportCommands(context, program);
  addLogCommands(context, program);
  addDiffCommand(context, program);
  addEraseCommand(context, program);
  addWitnessCommand(context, program);
  addReviewCommand(context, program);
  for (const register of context.registry.all)
    addRegisterCommands(context, program, register, line?.includes(commandName(register)) ?? true);
  const groupOf = (register: Register) => {
    const name = commandName(register);
    return program.commands.find((c) => c.name() === name) ?? program.command(name);
  };
  addEvidenceCommands(context, groupOf(evidence));
  addComponentCommands(context, groupOf(component));
  for (const register of [component, aiSystem, supplier])
    addSimilarCommand(context, groupOf(register), register);
  addRiskCommands(context, program);
  addWorkCommands(context, program);
  addGovernCommands(context, program);
  addDerived(context, program, derived, (r) => line?.includes(commandName(r)) ?? true);
  sayWhereHelpIs(program, 'aims');
  return program;
}

/** A wrong line ends with where the right one is written. */
function sayWhereHelpIs(command: Command, path: string): void {
  command.showHelpAfterError(`See: ${path} --help`);
  for (const sub of command.commands) sayWhereHelpIs(sub, `${path} ${sub.name()}`);
}
