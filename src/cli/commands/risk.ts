import type { Command } from 'commander';
import type { Quantified } from '../../answers/risk.ts';
import { labelled } from '../../register/describe.ts';
import { aiSystem } from '../../registers/ai-system.ts';
import { control } from '../../registers/control.ts';
import { SEVERITIES } from '../../registers/hazard.ts';
import { risk } from '../../registers/risk.ts';
import { type Context, withConnection } from '../context.ts';
import { writeGiven } from '../files.ts';
import { commandName } from '../names.ts';
import { textTable } from '../show.ts';
import { CliError, shown } from '../terminal.ts';
import { computedAsOfOption, noteComputed } from './register-group.ts';

/** `-o json` of a command that reads. */
const asJson = (command: Command): Command => withConnection(command.option('--json', 'the answer as JSON'));

/** What the risk step adds to its registers' commands. */
export function addRiskCommands(context: Context, program: Command): void {
  const group = (name: string): Command =>
    program.commands.find((c) => c.name() === name) ?? program.command(name);
  addQuantify(context, group(commandName(risk)));
  addStatement(context, group(commandName(control)));
  addHazards(context, group(commandName(aiSystem)));
}

const money = (amount: number, currency: string | null): string =>
  `${amount.toLocaleString('en', { maximumFractionDigits: 0 })} ${currency ?? ''}`.trim();

function figures(context: Context, q: Quantified, currency: string | null): string {
  return textTable(
    context.terminal,
    ['A year', 'Loss'],
    [
      ['expected, closed form', money(q.expected, currency)],
      [`mean of ${q.years} simulated years`, money(q.mean, currency)],
      ...q.percentiles.map((p) => [`${p.percentile} % of years stay below`, money(p.loss, currency)]),
      ...q.worst.map((w) => [`mean of the worst ${w.share * 100} % of years`, money(w.mean, currency)]),
      ['years with any loss', `${Math.round(q.anyLoss * 1000) / 10} %`],
    ],
  );
}

function addQuantify(context: Context, group: Command): void {
  const command = asJson(group.command('quantify'))
    .description(
      'A risk in money, or without a number all open risks together: expected loss and percentiles of a year.',
    )
    .argument('[ref]', 'number of the risk, such as RSK-0001')
    .option('--system <ref>', 'without a number: only risks of this AI system');
  computedAsOfOption(command);
  command.action(async (ref: string | undefined, o: { system?: string; json?: true; asOf?: string }) => {
    if (ref !== undefined && o.system !== undefined)
      command.error('error: give a risk or --system, not both');
    const client = await context.client(command);
    const t = context.terminal;
    if (ref !== undefined) {
      const one = await client.ask('GET risk/:ref/quantification', { ref, asOf: o.asOf });
      noteComputed(context, one);
      if (o.json) return t.json(one);
      if (!one.result)
        throw new CliError(
          `${shown(one.ref)} has no estimate in money: ${labelled(one.missing.map(shown))} ${one.missing.length === 1 ? 'is' : 'are'} missing.`,
        );
      t.line(`${t.colour.bold(shown(one.ref))} ${shown(one.title)}`);
      t.line(figures(context, one.result, one.currency));
      return;
    }
    const all = await client.ask('GET risk/portfolio', { system: o.system, asOf: o.asOf });
    noteComputed(context, all);
    if (o.json) return t.json(all);
    for (const c of all.currencies) {
      t.line(`${t.colour.bold(shown(c.currency))}, ${c.risks.length} risks as if independent of each other`);
      t.line(figures(context, c.result, c.currency));
      t.line(
        textTable(
          t,
          ['Risk', 'Title', 'Expected loss a year'],
          c.risks.map((r) => [shown(r.ref), shown(r.title), money(r.expected, c.currency)]),
        ),
      );
    }
    if (all.notQuantified.count > 0)
      t.note(
        `${all.notQuantified.count} open risks have no estimate: what they cost is not known, and not zero.`,
      );
  });
}

function addStatement(context: Context, group: Command): void {
  const command = withConnection(group.command('statement'))
    .description('The statement of applicability: every control of Annex A with its gaps, as CSV or JSON.')
    .option('--json', 'the answer as JSON')
    .option('-o, --output <file>', 'file to write the CSV to');
  computedAsOfOption(command);
  command.action(async (o: { json?: true; output?: string; asOf?: string }) => {
    const client = await context.client(command);
    if (o.json) {
      const answer = await client.ask('GET control/statement', { asOf: o.asOf });
      noteComputed(context, answer);
      return context.terminal.json(answer);
    }
    const csv = await client.words('GET control/statement', { format: 'csv', asOf: o.asOf });
    if (o.output === undefined) context.terminal.file(csv);
    else await writeGiven(context.io, o.output, csv);
  });
}

function addHazards(context: Context, group: Command): void {
  const command = asJson(group.command('hazards'))
    .description(
      'At most eight hazards of the catalogue that fit an AI system; with --take, chosen ones are recorded for it.',
    )
    .argument('<ref>', 'number of the AI system, such as SYS-0001')
    .option('--take <code=severity...>', 'take these over, such as HZ-001=high');
  command.action(async (ref: string, o: { take?: string[]; json?: true }) => {
    const client = await context.client(command);
    const t = context.terminal;
    if (o.take) {
      const hazards = o.take.map((text) => {
        const [code, given] = text.split('=');
        const severity = SEVERITIES.find((s) => s === given);
        if (!code || !severity)
          return command.error(`error: ${shown(text)}: expected code=severity, such as HZ-001=high`);
        return { code, severity };
      });
      const done = await client.ask('POST aiSystem/:ref/hazards', { ref }, { hazards });
      if (o.json) return t.json(done);
      for (const h of done.created) t.line(`${shown(h.code)}: recorded as ${shown(h.ref)}`);
      for (const h of done.linked) t.line(`${shown(h.code)}: ${shown(h.ref)} linked`);
      return;
    }
    const found = await client.ask('GET aiSystem/:ref/hazards', { ref });
    if (o.json) return t.json(found);
    t.line(
      textTable(
        t,
        ['Hazard', 'Title', 'Severity', 'Why'],
        found.proposals.map((p) => [
          shown(p.code),
          shown(p.title),
          shown(p.severity),
          p.why.map(shown).join('; '),
        ]),
      ),
    );
  });
}
