import { Failure, problem } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';
import { choiceAs, type FieldOf, type LinkOf, type Rec } from '../../register/rec.ts';
import { changedNames } from '../../register/values.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { auditStates, findingsOfAudit } from '../../store/assure/audit-findings.ts';
import * as cell from '../../store/db/cells.ts';
import { toVersionFound, versionsAtStatement } from '../../store/records/versions-at.ts';
import { type Changed, type Guarded, onChange, onSteps, type Rule } from '../write/rule.ts';
import { independenceOf } from './independence.ts';

/** What audits and their findings demand beyond the declarations (9.2.2): decision 0015. */
export const auditRules: readonly Rule[] = [
  onChange(registers.audit, 'programme', demandNoProgramme),
  onSteps(registers.audit, 'result', ['report'], demandResult, { offered: true }),
  onSteps(registers.audit, 'independence', ['begin', 'report'], demandIndependence, { offered: true }),
  onSteps(registers.auditFinding, 'issued', ['raise', 'withdraw'], demandNotIssued, { offered: true }),
  onChange(registers.auditFinding, 'answer', demandAuditors),
];

const no = failures('issuedReport', {
  issued: [
    'WRONG_STATE',
    '{said} is {state}: its report is issued, and {ref} cannot change what it says. Say what is new in another audit, or in a nonconformity.',
  ],
});

const wrong = catalogue('issuedReport.wrong', { issued: 'is {state}' });

type Audit = Registers['audit'];
type Finding = Registers['auditFinding'];
type Grade = NonNullable<Rec<Finding>['values']['grade']>;

/** What whoever answers a finding may write. */
const ANSWER: FieldOf<Finding> = 'answer';
const TITLE: FieldOf<Finding> = 'title';
const OF_AUDIT: LinkOf<Finding> = 'audit';

const WHY: Readonly<Record<string, string>> = {
  author: 'made or changed',
  decider: 'decided on',
  owner: 'is named in',
  responsible: 'is responsible by',
  lineManager: 'leads those responsible by',
};

/** A programme is part of no other. */
function demandNoProgramme({ register, contents, before, transition }: Changed<Audit>): void {
  const target = transition ? register.transitions[transition].to : before.state;
  if (target !== 'planned' && contents.values.kind === 'programme' && contents.links.programme?.length)
    throw new Failure(
      'INVALID',
      `${before.ref} is a programme and cannot be part of another, ${contents.links.programme.join(', ')}.`,
      [{ path: '/programme', message: 'only an audit is part of a programme' }],
    );
}

/** Nobody audits their own work: as it was when the audit began, and in what they did in its course. */
async function demandIndependence({ app, ask, contents, before, transition }: Changed<Audit>): Promise<void> {
  if (contents.values.kind !== 'audit') return;
  let since: string | undefined;
  if (transition === 'report') {
    // What was so when it began was looked at then, or waived; what they did in its course was not.
    const [begun] = await app.db.run(ask.actor.organisation, [
      versionsAtStatement([{ ref: before.ref, transition: 'begin' }]),
    ]);
    if (!begun![0]) return;
    since = toVersionFound(begun![0]).at;
  }
  const now = { ...before, ...contents };
  const { auditors, waiver } = await independenceOf(app, ask.actor.organisation, now, since);
  const partial = auditors.filter((a) => a.conflicts.length > 0);
  if (partial.length === 0 || waiver) return;
  const told = partial.map((a) => {
    const first = a.conflicts[0]!;
    const more = Object.values(a.totals).reduce((n, x) => n + x, 0) - 1;
    return `${a.ref} ${WHY[first.why] ?? first.why} ${first.ref} (${first.detail})${more > 0 ? ` and ${more} more` : ''}`;
  });
  throw new Failure(
    'OWN_WORK',
    `${before.ref} cannot ${transition === 'begin' ? 'begin' : 'be reported'}: ${told.join('; ')}. Nobody audits their own work: take it back and name other auditors, or ask top management to waive it with a reason and an end.`,
    partial.map((a) => ({
      path: a.ref === contents.values.owner ? '/owner' : '/auditors',
      message: `${a.ref} has to do with what is audited`,
    })),
  );
}

const findingState = cell.oneOf(registers.auditFinding.states);

/** The result of a report fits the grades of what was found. */
async function demandResult({ app, ask, contents, before }: Changed<Audit>): Promise<void> {
  if (contents.values.kind !== 'audit') return;
  const [rows] = await app.db.run(ask.actor.organisation, [
    findingsOfAudit(before.id, registers.auditFinding.name),
  ]);
  const found = rows!.map((r) => ({
    ref: cell.text(r.ref),
    state: findingState(r.state),
    grade: choiceAs(registers.auditFinding, 'grade', cell.text(r.grade)),
  }));
  const of = (...grades: Grade[]) => found.filter((f) => grades.includes(f.grade));
  const { result } = contents.values;
  const against =
    result === 'conforms' ? of('major', 'minor') : result === 'conformsWithFindings' ? of('major') : [];
  const refuse = (why: string) =>
    new Failure('CONFLICT', `${before.ref} cannot be reported as ${result}: ${why}.`, [
      { path: '/result', message: why },
    ]);
  if (against.length > 0) throw refuse(against.map((f) => `${f.ref} is ${f.grade}`).join(', '));
  if (result === 'doesNotConform' && of('major', 'minor').length === 0)
    throw refuse('it has no major and no minor finding');
}

const auditsOf = async ({ app, ask, contents }: Pick<Guarded<Finding>, 'app' | 'ask' | 'contents'>) => {
  const refs = contents.links.audit ?? [];
  const [rows] = await app.db.run(ask.actor.organisation, [auditStates(registers.audit.name, refs)]);
  return rows!;
};

/** An issued report stays as it is: what is added to it, the declaration says. */
async function demandNotIssued(g: Changed<Finding>): Promise<void> {
  const { ask, before, transition } = g;
  if (ask.actor.kind === 'engine' || (transition === 'withdraw' && before.state === 'draft')) return;
  const issued = (await auditsOf(g)).find((r) => r.state === 'reported' || r.state === 'closed');
  if (issued)
    throw no('issued', { said: cell.text(issued.ref), state: cell.text(issued.state), ref: before.ref }, [
      problem(`/${OF_AUDIT}`, wrong('issued', { state: cell.text(issued.state) })),
    ]);
}

/** Whoever answers a finding answers it; what was found, and to whom it goes, is for those who audit. */
async function demandAuditors(g: Changed<Finding>): Promise<void> {
  const { ask, contents, before, transition } = g;
  if (ask.actor.kind === 'engine' || before.values.owner !== ask.actor.ref) return;
  if ((await auditsOf(g)).some((r) => r.owner === ask.actor.ref)) return;
  // How a draft is called may still be said by anybody who edits it.
  const theirs: readonly string[] = before.state === 'draft' ? [ANSWER, TITLE] : [ANSWER];
  const touched = changedNames(before, contents).filter((n) => !theirs.includes(n));
  if (touched.length === 0 && transition !== 'withdraw' && transition !== 'raise') return;
  throw new Failure(
    'OWN_WORK',
    `You answer ${before.ref}: you say what you answer, and no more. What was found, who answers and until when is for the lead auditor.`,
    touched.map((n) => ({ path: `/${n}`, message: 'is for the lead auditor' })),
  );
}
