import type { Command } from 'commander';
import type { Answered, Changed } from '../../actions/index.ts';
import type { Point } from '../../answers/record.ts';
import { member } from '../../base/member.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import type { Register } from '../../register/register.ts';
import type { Context } from '../context.ts';
import { shown } from '../terminal.ts';

/** A register and the command group that is being built for it. */
export interface RegisterGroup {
  context: Context;
  register: Register;
  meta: RegisterMeta;
  group: Command;
}

/** A sub-command of a register, with the options that all of them have. */
export function subCommand(g: RegisterGroup, name: string, description: string): Command {
  return g.group.command(name).description(description).option('--profile <name>', 'stored sign-in to use');
}

/** Number of a record as an argument: `RSK-0001`. */
export const refArgument = (g: RegisterGroup): [string, string] => [
  '<ref>',
  `number of the ${g.register.label.one}, such as ${g.register.prefix}-0001`,
];

/** `--as-of` of a command that reads; and what it answers goes with: the option's name in the query. */
export function asOfOption(command: Command): Command {
  return command.option(
    '--as-of <point>',
    'as it was: a time (2027-03-31T12:00:00Z), a day (its end, UTC), or a size of the log; checked against the log',
  );
}

/** Says on standard error which state was read: an old answer must not pass for the present one. */
export function noteAsOf(context: Context, asOf: Point | undefined): void {
  if (asOf)
    context.terminal.note(
      `As of ${shown(asOf.at)}, entry ${shown(asOf.size)}${asOf.log > 1 ? ` of log ${shown(asOf.log)}` : ''}; checked against the log.`,
    );
}

/** `--as-of` of a command whose answer is computed of the records. */
export function computedAsOfOption(command: Command): Command {
  return command.option(
    '--as-of <point>',
    'computed of the records as they were: a time (2027-03-31T12:00:00Z), a day (its end, UTC), or a size of the log',
  );
}

/** What an answer says besides when it is computed of an earlier state. */
type Computed = Pick<Answered<'GET risk/matrix'>, 'asOf' | 'erased'>;

export const isComputed = (answer: unknown): answer is Computed => typeof member(answer, 'asOf') === 'object';

/** Says on standard error which state it was computed of, and what of that state is no longer known. */
export function noteComputed(context: Context, { asOf, erased = [] }: Computed): void {
  if (!asOf) return;
  context.terminal.note(
    `As of ${shown(asOf.at)}, entry ${shown(asOf.size)}${asOf.log > 1 ? ` of log ${shown(asOf.log)}` : ''}.`,
  );
  if (erased.length > 0)
    context.terminal.note(
      `Erased since, and so not known: ${erased.map((e) => `${shown(e.ref)} (${e.parts.map(shown).join(', ')})`).join('; ')}.`,
    );
}

/** `--output text|json` of a command that changes a record. */
export const outputOption = (g: RegisterGroup) =>
  g.group.createOption('--output <form>', 'form of the answer').choices(['text', 'json']).default('text');

/** Tells what a change did. What is answered only once is printed here and can never be asked for again. */
export function showChange(g: RegisterGroup, r: Changed, output: string, did: string): void {
  const t = g.context.terminal;
  if (output === 'json') {
    t.json(r);
    return;
  }
  t.line(
    `${t.colour.bold(shown(r.ref))} ${shown(r.title)}: ${did}, version ${shown(r.version)}, ${shown(r.state)}.`,
  );
  if (r.decision !== undefined) t.line(`Decision: ${shown(r.decision)}`);
  if (r.secret !== undefined) t.line(`Secret, shown this once: ${shown(r.secret)}`);
  if (r.invitation) t.line(`Invitation link, shown this once: ${shown(r.invitation.link)}`);
}
