import type { Command } from 'commander';
import { audit } from '../../registers/audit.ts';
import { auditFinding } from '../../registers/audit-finding.ts';
import { nonconformity } from '../../registers/nonconformity.ts';
import { type Context, withConnection } from '../context.ts';
import { commandName } from '../names.ts';
import { shown } from '../terminal.ts';

/** What audits and findings have beside the commands of every register. */
export function addAuditCommands(context: Context, program: Command): void {
  const groupOf = (name: string) => program.commands.find((c) => c.name() === name)!;
  const independence = withConnection(groupOf(commandName(audit)).command('independence'))
    .description(
      'What each auditor has to do with what is audited, from the records. Exit code 1 when there is a conflict and no waiver.',
    )
    .argument('<audit>', 'number of the audit, such as AUD-0001')
    .addOption(
      program.createOption('--output <form>', 'form of the answer').choices(['text', 'json']).default('text'),
    );
  independence.action(async (ref: string, o: { output: string }) => {
    const client = await context.client(independence);
    const found = await client.ask('GET audit/:ref/independence', { ref });
    const t = context.terminal;
    if (!found.waiver && found.auditors.some((a) => a.conflicts.length > 0)) context.negative();
    if (o.output === 'json') return t.json(found);
    for (const a of found.auditors) {
      t.line(
        `${shown(a.ref)} ${shown(a.name)}: ${shown(a.result)} (${shown(found.from)} to ${shown(found.to)})`,
      );
      for (const c of a.conflicts)
        t.line(`  ${shown(c.why)}: ${shown(c.ref)} ${shown(c.title)} (${shown(c.detail)})`);
    }
    if (found.waiver) t.line(`Waived until ${shown(found.waiver.until)} by ${shown(found.waiver.ref)}.`);
  });
  const open = withConnection(groupOf(commandName(auditFinding)).command(commandName(nonconformity)))
    .description('Open a nonconformity from this finding, filled in and linked to it.')
    .argument('<finding>', 'number of the finding, such as FND-0001')
    .option('--owner <person>', 'who owns it; whoever answers the finding unless told')
    .option('--title <text>', 'its title; that of the finding unless told');
  open.action(async (ref: string, o: { owner?: string; title?: string }) => {
    const client = await context.client(open);
    const made = await client.ask(
      'POST auditFinding/:ref/nonconformity',
      { ref },
      { ...(o.owner ? { owner: o.owner } : {}), ...(o.title ? { title: o.title } : {}) },
    );
    context.terminal.line(`${shown(made.ref)} ${shown(made.title)}`);
  });
}
