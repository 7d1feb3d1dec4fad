import type { Command } from 'commander';
import type { Quantified } from '../../answers/risk.ts';
import { labelled } from '../../register/describe.ts';
import { aiSystem } from '../../registers/ai-system.ts';
import { control } from '../../registers/control.ts';
import { impactAssessment } from '../../registers/impact-assessment.ts';
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
  addStanding(context, group(commandName(risk)));
  addMatrix(context, group(commandName(risk)));
  addStatement(context, group(commandName(control)));
  addHazards(context, group(commandName(aiSystem)));
  addTriggers(context, group(commandName(impactAssessment)));
}

const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

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

function addStanding(context: Context, group: Command): void {
  const command = asJson(group.command('standing'))
    .description(
      'How a risk stands: what is claimed, what tests say, what counts, and who may accept it. Exit code 1 above the appetite without acceptance.',
    )
    .argument('<ref>', 'number of the risk, such as RSK-0001');
  computedAsOfOption(command);
  command.action(async (ref: string, o: { json?: true; asOf?: string }) => {
    const client = await context.client(command);
    const s = await client.ask('GET risk/:ref/standing', { ref, asOf: o.asOf });
    noteComputed(context, s);
    if (!['within', 'accepted'].includes(s.against)) context.negative();
    const t = context.terminal;
    if (o.json) return t.json(s);
    t.line(`${t.colour.bold(shown(s.ref))} ${shown(s.title)}`);
    t.line(shown(s.says));
    for (const h of s.measured.hazards)
      t.line(
        `  ${shown(h.hazard)} ${shown(h.title)}: ${h.failed} of ${h.cases} failed on ${shown(h.release)} (${h.runs.map(shown).join(', ')}), up to ${h.bound} % with 95 % confidence: likelihood ${h.level}${h.speaks ? '' : ', which does not raise the claim'}`,
      );
    if (s.measured.notMeasured.length > 0)
      t.line(`  Not tested: ${s.measured.notMeasured.map(shown).join(', ')}`);
    if (!s.ratedUnderInForce)
      t.note(
        s.ratedUnder
          ? `Rated under ${shown(s.ratedUnder)}, which is not in force.`
          : 'The rating cites no criteria.',
      );
    t.note(
      `May be accepted by ${shown(s.accepts.role)}${s.accepts.people.length > 0 ? `: ${s.accepts.people.map(shown).join(', ')}` : ''}.`,
    );
  });
}

function addMatrix(context: Context, group: Command): void {
  const command = asJson(group.command('matrix'))
    .description('Open risks by likelihood and impact, the highest level first.')
    .option('--system <ref>', 'only risks of this AI system')
    .option('--before', 'as they were before treatment');
  computedAsOfOption(command);
  command.action(async (o: { system?: string; before?: true; json?: true; asOf?: string }) => {
    const client = await context.client(command);
    const m = await client.ask('GET risk/matrix', {
      system: o.system,
      basis: o.before ? 'before' : undefined,
      asOf: o.asOf,
    });
    noteComputed(context, m);
    const t = context.terminal;
    if (o.json) return t.json(m);
    t.line(
      textTable(
        t,
        ['Level', 'Likelihood', 'Impact', 'Risks', 'Above appetite', 'Which'],
        m.cells.map((c) => [
          String(c.level),
          String(c.likelihood),
          String(c.impact),
          String(c.count),
          m.appetite !== null && c.level > m.appetite ? 'yes' : '',
          c.risks.map((r) => shown(r.ref)).join(', '),
        ]),
      ),
    );
    t.note(
      `${m.total} open risks, ${m.unrated.count} not rated, ${m.untreated.count} above the appetite and neither treated nor accepted.`,
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
  const propose = asJson(group.command('propose')).description(
    'Add the missing lines of the statement of applicability with draft reasons; nothing is decided.',
  );
  propose.action(async (o: { json?: true }) => {
    const client = await context.client(propose);
    const made = await client.ask('POST control/propose', {}, {});
    if (o.json) return context.terminal.json(made);
    context.terminal.line(`${made.created.length} lines proposed, ${made.kept} were there.`);
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

function addTriggers(context: Context, group: Command): void {
  const command = asJson(group.command('triggers'))
    .description(
      'What happened since the approval that asks for a new assessment. Exit code 1 when something did.',
    )
    .argument('<ref>', 'number of the assessment, such as IMA-0001');
  computedAsOfOption(command);
  command.action(async (ref: string, o: { json?: true; asOf?: string }) => {
    const client = await context.client(command);
    const found = await client.ask('GET impactAssessment/:ref/triggers', { ref, asOf: o.asOf });
    noteComputed(context, found);
    if (found.events.length > 0) context.negative();
    const t = context.terminal;
    if (o.json) return t.json(found);
    t.line(
      found.since
        ? `${found.events.length} events since the approval ${shown(found.since.decision)}, ${shown(found.since.at)}`
        : 'Not approved yet: there is nothing to count events from.',
    );
    for (const e of found.events)
      t.line(`  ${shown(e.trigger)}: ${shown(e.ref)} ${shown(e.title)}. ${shown(e.says)}`);
    if (found.watchedByPeople.length > 0)
      t.note(`Not told by records, watched by people: ${found.watchedByPeople.map(shown).join(', ')}.`);
    if (found.notShown.length > 0)
      t.note(`Not counted, because you may not read it: ${found.notShown.map(shown).join(', ')}.`);
  });
}
