import { requiredFor } from './conditions.ts';
import { transitionLabel } from './describe.ts';
import { fixedIn } from './fixed.ts';
import { asList, type Register, type Registry, type Shown, type Where } from './register.ts';
import { whoText } from './who.ts';

/** A clause or control of the standard by number and title. */
interface Numbered {
  id: string;
  title: string;
}

const NOTE = '<!-- Written by `npm run generate` from the declarations; do not edit. -->\n';
const cell = (s: string): string => s.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (...cells: string[]): string => `| ${cells.map(cell).join(' | ')} |`;

function table(head: string[], rows: string[][]): string {
  if (rows.length === 0) return '_None._\n';
  return `${[row(...head), `|${head.map(() => '---').join('|')}|`, ...rows.map((r) => row(...r))].join('\n')}\n`;
}

const needed = (f: { required: boolean; optional: boolean; engine: boolean }): string =>
  f.engine ? 'written by the system' : f.required ? 'to create' : f.optional ? 'optional' : 'later';

/** The reference page of one register: fields, links, workflow, permissions, clauses. */
export function registerMarkdown(registry: Registry, r: Register): string {
  const fields = Object.entries(r.fields).map(([name, f]) => [
    `\`${name}\``,
    f.label,
    f.options ? `${f.kind}: ${f.options.join(', ')}` : f.kind,
    needed(f),
    [
      f.help ?? '',
      f.unit ? `In ${f.unit}.` : '',
      f.personal ? 'Personal.' : '',
      f.material ? '' : 'Immaterial.',
    ]
      .filter(Boolean)
      .join(' '),
  ]);
  const links = Object.entries(r.links).map(([name, l]) => [
    `\`${name}\``,
    l.label,
    registry.get(l.to).label.many,
    `${l.min} to ${l.max}`,
    `\`${l.inverse}\``,
  ]);
  const transitions = Object.entries(r.transitions).map(([name, t]) => [
    `\`${name}\``,
    transitionLabel(name, t.label),
    `${asList(t.from).join(', ')} → ${t.to}`,
    whoText(asList(t.by), r.whoLabels),
    requiredFor(t)
      .map((q) => `\`${q}\``)
      .join(', '),
    [
      t.separate ? 'never by its author' : '',
      t.decision ? `records a decision (${t.decision})` : '',
      t.signed ? 'asks for the password again' : '',
      t.reason ? 'with a reason' : '',
      t.until ? 'with an end' : '',
    ]
      .filter(Boolean)
      .join(', '),
  ]);
  return [
    NOTE,
    `# ${r.label.many} (\`${r.name}\`, ${r.prefix})\n`,
    `${r.purpose}\n`,
    `Step: ${r.step}. States: ${r.states.join(', ')}${r.locked.length ? `; not edited when ${r.locked.join(', ')}` : ''}.\n`,
    ...settled(r),
    ...demands(r),
    '## Serves\n',
    table(
      ['Clause', 'How'],
      Object.entries(r.clauses).map(([c, how]) => [c, how]),
    ),
    '## Fields\n',
    table(['Name', 'Label', 'Kind', 'Needed', 'Notes'], fields),
    '## Links\n',
    table(['Name', 'Label', 'To', 'How many', 'Way back'], links),
    '## Workflow\n',
    table(['Name', 'Shown as', 'From → to', 'By', 'Requires', 'Notes'], transitions),
    '## Permissions\n',
    table(
      ['Act', 'Who'],
      Object.entries(r.permissions).map(([act, who]) => [act, whoText(who, r.whoLabels)]),
    ),
  ].join('\n');
}

/** Who may do what, over all registers. */
export function permissionsMarkdown(registry: Registry): string {
  const rows = registry.all.flatMap((r) => [
    ...Object.entries(r.permissions).map(([act, who]) => [r.label.many, act, whoText(who, r.whoLabels)]),
    ...Object.entries(r.transitions).map(([name, t]) => [
      r.label.many,
      transitionLabel(name, t.label),
      `${whoText(asList(t.by), r.whoLabels)}${t.separate ? '; never its author' : ''}`,
    ]),
  ]);
  return [NOTE, '# Permissions\n', table(['Register', 'Act', 'Who'], rows)].join('\n');
}

/** Which register serves which clause and control; those without a home are said plainly. */
export function coverageMarkdown(registry: Registry, numbered: readonly Numbered[]): string {
  const rows = numbered.map(({ id, title }) => {
    const homes = registry.all.filter((r) => r.clauses[id]).map((r) => `${r.label.many}: ${r.clauses[id]}`);
    return [id, title, homes.length ? homes.join('; ') : 'not served by a register of this version'];
  });
  const served = rows.filter((r) => !r[2]!.startsWith('not served')).length;
  return [
    NOTE,
    '# Clauses and controls\n',
    `${served} of ${rows.length} clauses and controls of ISO/IEC 42001 are served by a register of this version. Numbers and titles only; the standard's text is ISO's.\n`,
    table(['Number', 'Title', 'Served by'], rows),
  ].join('\n');
}

/** One item of documented information, as the standard's list has it. */
interface Documented {
  id: string;
  clause: string;
  name: string;
  kind: string;
  basis: string;
}

/** Which register holds which item of documented information. */
export function documentedMarkdown(registry: Registry, items: readonly Documented[]): string {
  const rows = items.map((d) => {
    const homes = registry.all.filter((r) => r.documents.includes(d.id));
    return [
      d.id,
      d.clause,
      d.name,
      d.kind,
      d.basis,
      homes.map((r) => r.label.many).join('; ') || 'no register of this version',
    ];
  });
  return [
    NOTE,
    '# Documented information\n',
    `What ISO/IEC 42001 asks to be written down or kept, under our own names, and where it is kept here.\n`,
    table(['Item', 'Clause', 'What', 'Kind', 'Basis', 'Kept in'], rows),
  ].join('\n');
}

/** What is settled while a record is in a state that is edited otherwise. */
/** What its declaration asks beside fields and permissions, a sentence each. */
function demands(r: Register): string[] {
  const of = (where: Where | undefined) => (where ? ` (${where.field}: ${where.is.join(', ')})` : '');
  const steps = Object.entries(r.transitions).flatMap(([name, { linked, requiresOf, shown }]) => [
    ...(linked ?? []).map(({ via, states, atLeast, where }) => {
      const many = atLeast === undefined ? 'all' : `at least ${atLeast}`;
      return `\`${name}\` asks for ${many} of \`${via}\` to be ${states.join(' or ')}${of(where)}.`;
    }),
    ...(shown ? [`\`${name}\` has to be shown: ${shownBy(shown)}.`] : []),
    ...(requiresOf ?? []).map((q) => `\`${name}\` requires ${q.names.join(', ')}${of(q)}.`),
  ]);
  const days = r.within.map(({ day, from, to, where }) => {
    const first = typeof from === 'string' ? `\`${from}\`` : from && dayShown(from);
    const last = to && dayShown(to);
    const lies =
      first && last ? `from ${first} to ${last}` : first ? `not before ${first}` : `not after ${last}`;
    return `\`${day}\` is ${lies}${of(where)}.`;
  });
  const capped = [
    ...Object.entries(r.fields).flatMap(([name, { claim }]) =>
      claim?.is === 'review' ? [[`\`${name}\``, claim.cap, claim.from ? `\`${claim.from}\`` : 'today']] : [],
    ),
    ...Object.entries(r.transitions).flatMap(([name, { until }]) =>
      until ? [[`The end that \`${name}\` sets`, until.cap, 'today']] : [],
    ),
  ].map(
    ([day, cap, from]) => `${day} is no later than the interval \`${cap}\` of the criteria after ${from}.`,
  );
  const growing = Object.entries(r.grows).map(
    ([name, states]) => `\`${name}\` is only added to when ${states.join(', ')}.`,
  );
  const shut = Object.entries(r.links).flatMap(([name, l]) =>
    l.shut ? [`Nothing that is ${l.shut.states.join(' or ')} is added to \`${name}\`.`] : [],
  );
  const all = [...steps, ...days, ...capped, ...growing, ...shut];
  return all.length === 0 ? [] : [`${all.join(' ')}\n`];
}

const shownBy = ({ by }: Shown): string =>
  by === 'readings'
    ? 'by its newest reading, on the right side'
    : ['by evidence', ...by.map(({ via, states }) => `\`${via}\` that are ${states.join(' or ')}`)].join(
        ', or ',
      );

const dayShown = (o: { days: number } | { years: number }): string =>
  'years' in o
    ? `${o.years === 1 ? 'a year' : `${o.years} years`} ahead`
    : (['today', 'tomorrow'][o.days] ?? `${o.days} days ahead`);

function settled(r: Register): string[] {
  const states = r.states.filter((s) => !r.locked.includes(s) && fixedIn(r, s).length > 0);
  return states.length === 0
    ? []
    : [`${states.map((s) => `Settled when ${s}: ${fixedIn(r, s).join(', ')}.`).join(' ')}\n`];
}

/** The catalogue of errors: each code with its status, what it means and what to do, and the exit codes of the command line. */
export const errorsMarkdown = (
  codes: readonly (readonly [code: string, status: number, means: string, next: string])[],
  exits: readonly (readonly [exit: number, means: string])[],
): string =>
  [
    NOTE,
    '# Errors\n',
    'A request that cannot be carried out is answered with problem details (RFC 9457): `code` is one of these, `detail` is the sentence for people, `message` and `params` are its id and what it was made from where it has them, and `problems` names each place that is wrong. Programs go by `code`; sentences may be worded better at any time. A verdict, such as a gate that refuses, is no error: it is answered with 200.\n',
    table(
      ['Code', 'Status', 'What it means', 'What to do'],
      codes.map(([code, status, means, next]) => [`\`${code}\``, String(status), means, next]),
    ),
    '## Exit codes of `aims`\n',
    table(
      ['Exit code', 'What it means'],
      exits.map(([exit, means]) => [String(exit), means]),
    ),
  ].join('\n');
