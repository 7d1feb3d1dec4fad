import type { Command } from 'commander';
import type { VersionView } from '../../answers/record.ts';
import { oneOf } from '../../register/describe.ts';
import type { Register } from '../../register/register.ts';
import type { Context } from '../context.ts';
import { writeGiven } from '../files.ts';
import { textTable } from '../show.ts';
import { shown } from '../terminal.ts';
import { asOfOption, type RegisterGroup, refArgument, subCommand } from './register-group.ts';

/** `versions` and `proof`. */
export function addHistoryCommands(g: RegisterGroup): void {
  const { register, context } = g;
  const versions = subCommand(
    g,
    'versions',
    `Every version of ${oneOf(register.label.one)}: who, when, what changed, where in the log.`,
  )
    .argument(...refArgument(g))
    .addOption(
      g.group
        .createOption('--output <form>', 'form of the answer')
        .choices(['table', 'json'])
        .default('table'),
    );
  asOfOption(versions);
  versions.action(async (ref: string, o: { output: string; asOf?: string }) => {
    const items = await allVersions(context, versions, register, ref, o.asOf);
    if (o.output === 'json') return context.terminal.json(items);
    const head = ['Version', 'When', 'Act', 'State', 'By', 'Changed', 'Erased', 'Log', 'Reason'];
    const rows = items.map((v) =>
      [
        v.version,
        v.at,
        v.transition ?? v.act,
        v.state,
        v.actor ? `${v.actor.ref} ${v.actor.name}` : '',
        (v.changed ?? []).join(', '),
        (v.erased ?? []).join(', '),
        v.logIndex ?? 'pending',
        v.reason ?? '',
      ].map(shown),
    );
    context.terminal.line(textTable(context.terminal, head, rows));
  });
  const proof = subCommand(
    g,
    'proof',
    'The proof that a version was entered in the log, for: aims verify',
  ).argument(...refArgument(g));
  addProofAction(context, proof, () => register);
}

/** `--version`, `-o` and what they do; `registerOf` finds the register of a reference. */
export function addProofAction(
  context: Context,
  command: Command,
  registerOf: (ref: string) => Register,
): void {
  command
    .option('--version <n>', 'version; the present one unless given')
    .option('--latest', 'instead: which version was the newest when the last daily snapshot was taken')
    .option('-o, --out <file>', 'file to write; standard output unless given')
    .action(async (ref: string, o: { version?: string; latest?: true; out?: string }) => {
      const register = registerOf(ref);
      const client = await context.client(command);
      // The text is kept byte for byte: what is verified is the text.
      const text = await client.words('GET :register/:ref/proof', {
        register: register.name,
        ref,
        version: o.version,
        latest: o.latest && 'true',
      });
      if (o.out === undefined) context.terminal.file(text.endsWith('\n') ? text : `${text}\n`);
      else {
        await writeGiven(context.io, o.out, text);
        context.terminal.note(
          `Written to ${shown(o.out)}; check it with: aims verify ${shown(o.out)} --vkey KEY`,
        );
      }
    });
}

async function allVersions(
  context: Context,
  command: Command,
  register: Register,
  ref: string,
  asOf?: string,
): Promise<VersionView[]> {
  const client = await context.client(command);
  const items: VersionView[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await client.ask('GET :register/:ref/versions', {
      register: register.name,
      ref,
      after,
      asOf,
    });
    items.push(...page.items);
    if (page.next === null || page.next === undefined || page.items.length === 0) return items;
    after = String(page.next);
  }
}
