import { stringify } from 'csv-stringify/sync';
import type { Gap, SoaStatement, StatementLine } from '../../answers/risk.ts';
import { deed } from '../../authority/refusal.ts';
import type { Standing } from '../../authority/weigh.ts';
import { Failure } from '../../base/failure.ts';
import { catalogue } from '../../base/sentence.ts';
import type { Facts } from '../../facts/facts.ts';
import { supportOf, supportReads } from '../../facts/support.ts';
import { guard } from '../../intake/csv.ts';
import type { FieldOf, Rec } from '../../register/rec.ts';
import type { Given } from '../../register/values.ts';
import { contentsFrom } from '../../register/values.ts';
import { CARRIED_OUT } from '../../registers/control.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import {
  ANNEX_A,
  draftReason,
  MOST_SHARED,
  type RecordedHazard,
  type SystemRoles,
  sharing,
} from '../../risk/applicability.ts';
import * as cell from '../../store/db/cells.ts';
import { soaAround, soaCodes } from '../../store/risk/statement-of-applicability.ts';
import type { App, Asking } from '../context.ts';
import type { Erased } from '../read/earlier-state.ts';
import { readFacts } from '../read/facts.ts';
import { demandRead } from '../write/access.ts';
import { demandCreate, planCreate } from '../write/create.ts';
import { carryOut, type Planned, together } from '../write/plan.ts';

/** More control lines than this are not shown on one page; Annex A has 38. */
const LINES = 1000;

/** What keeps a line from being complete. */
const GAPS = {
  noLine: 'There is no line for it yet.',
  undecided: 'Nobody has decided yet.',
  noReason: 'It does not say why.',
  shared: 'Many lines give this same reason.',
  notShown: 'Nothing shows that it is carried out.',
  contradiction: 'State and the field "Necessary" say different things.',
  notImplemented: 'It is necessary and not confirmed as implemented.',
  stale: 'What was decided has changed since.',
  ended: 'The decision has ended.',
  reviewOverdue: 'Its review is overdue.',
} as const;
/** A gap is told by its id, which is that of a message, too: `soa.gap.stale`. */
const gapSaid = catalogue('soa.gap', GAPS);

/** Group of lines that are not in Annex A. */
const OWN = { id: 'own', title: 'Controls of our own and from other registers' };

/** What the statement looks at: the lines, and what they stand on. */
const soaReads = ({ registry }: App) => ({
  ...supportReads(registry, registers.control, CARRIED_OUT),
  rested: [registers.control.name],
});

/**
 * The statement of applicability (6.1.3): every control of Annex A, whether it has a line or not, then what the
 * organisation added. Computed from the lines as they are now; nothing is ticked.
 */
export async function readStatement(app: App, ask: Asking): Promise<SoaStatement> {
  demandRead(ask, app.registry.of(registers.control));
  const facts = await app.db.converse(
    ask.actor.organisation,
    (query) => readFacts(app, query, soaReads(app), { register: registers.control.name, most: LINES + 1 }),
    { snapshot: true },
  );
  const records = facts.subjects(registers.control);
  if (records.length > LINES)
    throw new Failure(
      'TOO_LARGE',
      `There are more than ${LINES} control lines; export the register instead: /${registers.control.name}/export.`,
    );
  const reasons = records.map((r) => r.values.why);
  const more = (r: Line): Gap[] => [
    ...(sharing(r.values.why, reasons) > MOST_SHARED ? (['shared'] as const) : []),
    ...(r.state === 'implemented' &&
    supportOf(facts, app.registry, registers.control, r, CARRIED_OUT).by.length === 0
      ? (['notShown'] as const)
      : []),
  ];
  const byCode = new Map(records.map((r) => [keyOf(r.values.code), r]));
  const annex = new Set(ANNEX_A.map((c) => keyOf(c.id)));
  const groups = [...new Map(ANNEX_A.map((c) => [c.objective, c.objectiveTitle]))].map(([id, title]) => ({
    id,
    title,
    lines: ANNEX_A.filter((c) => c.objective === id).map((c) =>
      lineOf(facts, c.id, c.title, byCode.get(keyOf(c.id)), more),
    ),
  }));
  const own = records
    .filter((r) => !annex.has(keyOf(r.values.code)))
    .map((r) => lineOf(facts, String(r.values.code), r.title, r, more));
  if (own.length > 0) groups.push({ ...OWN, lines: own });
  const lines = groups.flatMap((g) => g.lines);
  const count = (such: (l: StatementLine) => boolean) => lines.filter(such).length;
  return {
    groups,
    counts: {
      controls: lines.length,
      necessary: count((l) => l.necessary === true),
      excluded: count((l) => l.necessary === false),
      undecided: count((l) => l.necessary === null),
      implemented: count((l) => l.state === 'implemented'),
      withGaps: count((l) => l.gaps.length > 0),
    },
    people: Object.fromEntries(
      lines.flatMap(({ owner }) => {
        const person = facts.people[owner ?? ''];
        return owner !== null && person ? [[owner, person.name]] : [];
      }),
    ),
    gapTexts: GAPS,
  };
}

const keyOf = (code: unknown): string => String(code).normalize('NFKC').trim().toLowerCase();

type Line = Rec<Registers['control']>;

const textIn = (r: Line | undefined, name: FieldOf<Registers['control']>): string | null => {
  const v = r?.values[name];
  return typeof v === 'string' && v.trim() !== '' ? v : null;
};

function lineOf(
  facts: Facts,
  code: string,
  title: string,
  r: Line | undefined,
  more: (r: Line) => Gap[],
): StatementLine {
  const standing = (r && facts.standing(registers.control, r)) ?? null;
  const necessary = !r || r.state === 'proposed' ? null : r.state !== 'excluded';
  return {
    code,
    title,
    ref: r?.ref ?? null,
    state: r?.state ?? null,
    necessary,
    why: textIn(r, 'why'),
    implementation: textIn(r, 'implementation'),
    owner: textIn(r, 'owner'),
    systems: r?.links.systems ?? [],
    otherRegister: textIn(r, 'otherRegister'),
    reviewBy: textIn(r, 'reviewBy'),
    standing,
    gaps: [...gapsOf(r, necessary, standing, facts.today), ...(r ? more(r) : [])],
  };
}

function gapsOf(
  r: Line | undefined,
  necessary: boolean | null,
  standing: Standing | null,
  today: string,
): Gap[] {
  if (!r) return ['noLine'];
  const said = r.values.applicable;
  const reviewBy = textIn(r, 'reviewBy');
  return [
    ...(necessary === null ? (['undecided'] as const) : []),
    ...(textIn(r, 'why') === null ? (['noReason'] as const) : []),
    ...(necessary !== null && typeof said === 'boolean' && said !== necessary
      ? (['contradiction'] as const)
      : []),
    ...(r.state === 'applicable' ? (['notImplemented'] as const) : []),
    ...(standing === 'stale' ? (['stale'] as const) : []),
    ...(standing === 'ended' ? (['ended'] as const) : []),
    ...(reviewBy !== null && reviewBy < today ? (['reviewOverdue'] as const) : []),
  ];
}

/**
 * The statement as CSV, a line per control; of an earlier state, with what of each line was erased since. Text that a spreadsheet would run
 * is disarmed.
 */
export function statementCsv(s: SoaStatement & { erased?: readonly Erased[] }): string {
  const { erased } = s;
  const head = [
    'Objective',
    'Control',
    'Title',
    'Line',
    'Necessary',
    'Why',
    'Implementation',
    'State',
    'Decision',
    'Owner',
    'AI systems',
    'Other register',
    'Review by',
    'Gaps',
    ...(erased ? ['Erased since'] : []),
  ];
  const yes = (v: boolean | null) => (v === null ? 'not decided' : v ? 'yes' : 'no');
  const rows = s.groups.flatMap((g) =>
    g.lines.map((l) =>
      [
        `${g.id === OWN.id ? '' : `${g.id} `}${g.title}`,
        l.code,
        l.title,
        l.ref ?? '',
        yes(l.necessary),
        l.why ?? '',
        l.implementation ?? '',
        l.state ?? '',
        l.standing ?? '',
        l.owner === null ? '' : (s.people[l.owner] ?? l.owner),
        l.systems.join('; '),
        l.otherRegister ?? '',
        l.reviewBy ?? '',
        l.gaps.map((x) => gapSaid(x).text).join(' '),
        ...(erased ? [erased.find((e) => e.ref === l.ref)?.parts.join(', ') ?? ''] : []),
      ].map((cell) => guard(cell)),
    ),
  );
  return stringify([head, ...rows]);
}

interface Proposed {
  created: { ref: string; code: string }[];
  kept: number;
}

/**
 * Adds the lines that are missing, in the first state and with a draft reason; existing ones are left as they are, and
 * nothing is decided. All lines are made, or none.
 */
export async function proposeStatement(app: App, ask: Asking): Promise<Proposed> {
  const register = app.registry.of(registers.control);
  const as = demandCreate(ask, register, deed('proposeStatement'));
  const [codes, around] = await app.db.run(ask.actor.organisation, [
    soaCodes(ANNEX_A.map((c) => keyOf(c.id))),
    soaAround,
  ]);
  const known = new Set(codes!.map((r) => cell.text(r.unique_key)));
  const missing = ANNEX_A.filter((c) => !known.has(keyOf(c.id)));
  const systems = around!
    .filter((r) => r.register === registers.aiSystem.name)
    .map((r): SystemRoles => ({ ref: cell.text(r.ref), roles: cell.orNull(cell.texts)(r.roles) ?? [] }));
  const hazards = around!
    .filter((r) => r.register === registers.hazard.name)
    .map((r): RecordedHazard => ({ ref: cell.text(r.ref), code: String(r.code) }));
  const planned: Planned[] = [];
  for (const c of missing) {
    const input: Given<Registers['control']> = {
      code: c.id,
      title: c.title,
      why: draftReason(c, systems, hazards),
    };
    planned.push(await planCreate(app, ask, register, contentsFrom(register, input, 'create'), { as }));
  }
  const { kept } = await carryOut(app, ask, together(planned), (changes) => ({
    created: changes.map((c, i) => ({ ref: c.ref, code: missing[i]!.id })),
    kept: known.size,
  }));
  return kept;
}
