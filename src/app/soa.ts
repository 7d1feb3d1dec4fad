import { stringify } from 'csv-stringify/sync';
import type { Gap, SoaStatement, StatementLine } from '../answers/risk.ts';
import { Failure } from '../base/failure.ts';
import { catalogue } from '../base/sentence.ts';
import { guard } from '../intake/csv.ts';
import type { As, FieldOf } from '../register/rec.ts';
import type { Given } from '../register/values.ts';
import { contentsFrom } from '../register/values.ts';
import type { Registers } from '../registers/index.ts';
import { registers } from '../registers/index.ts';
import { ANNEX_A, draftReason, type RecordedHazard, type SystemRoles } from '../risk/applicability.ts';
import { standingSql } from '../store/authority/covers.ts';
import * as cell from '../store/cells.ts';
import type { Statement } from '../store/database.ts';
import { named } from '../store/named.ts';
import { RECORD_SELECT, type Stored, toRec } from '../store/records.ts';
import { earlierResult } from './again.ts';
import type { App, Asking } from './context.ts';
import { decisionPlace } from './decisions.ts';
import { demandRead } from './query.ts';
import type { Erased } from './then.ts';
import { demandCreate, planCreate } from './write/create.ts';
import { carryOut, type Planned, together } from './write/plan.ts';

/** More control lines than this are not shown on one page; Annex A has 38. */
const LINES = 1000;

/** What keeps a line from being complete. */
const GAPS = {
  noLine: 'There is no line for it yet.',
  undecided: 'Nobody has decided yet.',
  noReason: 'It does not say why.',
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

const linesStatement = (app: App): Statement => {
  const register = app.registry.of(registers.control);
  const today = app.clock.now().toISOString().slice(0, 10);
  return {
    text: `select ${RECORD_SELECT}, ${standingSql(app.registry, register, 'r', decisionPlace(app), '$2')} as standing,
        o.title as owner_name from record r
      left join record o on o.organisation = r.organisation and o.ref = r.owner
      where r.organisation = (select present_organisation()) and r.register = $1 order by r.number limit ${LINES + 1}`,
    values: [registers.control.name, today],
    name: 'soa-lines',
  };
};

/**
 * The statement of applicability (6.1.3): every control of Annex A, whether it has a line or not, then what the
 * organisation added. Computed from the lines as they are now; nothing is ticked.
 */
export async function readStatement(app: App, ask: Asking): Promise<SoaStatement> {
  demandRead(ask, app.registry.of(registers.control));
  const [rows] = await app.db.run(ask.actor.organisation, [linesStatement(app)]);
  if (rows!.length > LINES)
    throw new Failure(
      'TOO_LARGE',
      `There are more than ${LINES} control lines; export the register instead: /${registers.control.name}/export.`,
    );
  const today = app.clock.now().toISOString().slice(0, 10);
  const records = rows!.map(toRec(registers.control));
  const byCode = new Map(records.map((r) => [keyOf(r.values.code), r]));
  const annex = new Set(ANNEX_A.map((c) => keyOf(c.id)));
  const groups = [...new Map(ANNEX_A.map((c) => [c.objective, c.objectiveTitle]))].map(([id, title]) => ({
    id,
    title,
    lines: ANNEX_A.filter((c) => c.objective === id).map((c) =>
      lineOf(c.id, c.title, byCode.get(keyOf(c.id)), today),
    ),
  }));
  const own = records
    .filter((r) => !annex.has(keyOf(r.values.code)))
    .map((r) => lineOf(String(r.values.code), r.title, r, today));
  if (own.length > 0) groups.push({ ...OWN, lines: own });
  const lines = groups.flatMap((g) => g.lines);
  const people = rows!.flatMap((r) =>
    typeof cell.object(r.values).owner === 'string' && r.owner_name
      ? [[String(cell.object(r.values).owner), String(r.owner_name)] as const]
      : [],
  );
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
    people: Object.fromEntries(people),
    gapTexts: GAPS,
  };
}

const keyOf = (code: unknown): string => String(code).normalize('NFKC').trim().toLowerCase();

type Line = As<Registers['control'], Stored>;

const textIn = (r: Line | undefined, name: FieldOf<Registers['control']>): string | null => {
  const v = r?.values[name];
  return typeof v === 'string' && v.trim() !== '' ? v : null;
};

function lineOf(code: string, title: string, r: Line | undefined, today: string): StatementLine {
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
    standing: r?.standing ?? null,
    gaps: gapsOf(r, necessary, today),
  };
}

function gapsOf(r: Line | undefined, necessary: boolean | null, today: string): Gap[] {
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
    ...(r.standing === 'stale' ? (['stale'] as const) : []),
    ...(r.standing === 'ended' ? (['ended'] as const) : []),
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
  const as = demandCreate(ask, register, 'propose the statement of applicability');
  const [codes, around] = await app.db.run(ask.actor.organisation, [
    {
      text: `select r.unique_key from record r where r.organisation = (select present_organisation()) and r.register = $1
        and r.unique_key = any($2)`,
      values: [registers.control.name, ANNEX_A.map((c) => keyOf(c.id))],
      name: 'soa-codes',
    },
    {
      text: `select r.register, r.ref, r."values"->${named.aiSystem.field('isoRoles')} as roles, r."values"->>${named.hazard.field('code')} as code from record r
        where r.organisation = (select present_organisation()) and ((r.register = $1 and r.state in (${named.aiSystem.state('proposed', 'inScope')}))
          or (r.register = $2 and r.state <> ${named.hazard.state('retired')})) order by r.number limit 5000`,
      values: [registers.aiSystem.name, registers.hazard.name],
      name: 'soa-around',
    },
  ]);
  const known = new Set(codes!.map((r) => cell.text(r.unique_key)));
  const missing = ANNEX_A.filter((c) => !known.has(keyOf(c.id)));
  // Sent again after it was stored, nothing is missing any more: the answer is the first one.
  if (missing.length === 0)
    return (await earlierResult<Proposed>(app, ask)) ?? { created: [], kept: known.size };
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
