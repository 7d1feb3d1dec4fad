import type { Independence } from '../../answers/assure.ts';
import { isAbout } from '../../authority/binding.ts';
import { dayAfter } from '../../authority/rules.ts';
import { weigh } from '../../authority/weigh.ts';
import { type Rec, recOf } from '../../register/rec.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { CONFLICTS, independenceStatement, titlesOf } from '../../store/assure/independence.ts';
import { decisionPlace, decisionsStatement } from '../../store/authority/decisions.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { type Stored, toRec } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { demandRead } from '../write/access.ts';
import { presentBinding } from '../write/decisions.ts';
import { readRecord } from '../write/idempotent.ts';

/** Auditing is not audited by itself; people and keys are nobody's work; who raised or is named in a concern stays unsaid. */
const EXEMPT = [
  registers.audit.name,
  registers.auditFinding.name,
  registers.comment.name,
  registers.concern.name,
  registers.person.name,
  registers.apiKey.name,
  registers.logChange.name,
  registers.gateDecision.name,
];

/** Whoever audits: the lead auditor and the others, each once. */
const auditorsOf = ({ values }: Rec<Registers['audit']>): string[] => [
  ...new Set([values.owner, ...(values.auditors ?? [])].filter((p) => p !== undefined)),
];

/** What is known against each auditor of an audit, or what came since a moment. A fixed number of statements, however much was recorded. */
export async function independenceOf(
  app: App,
  organisation: number,
  audit: Stored,
  since?: string,
): Promise<Independence> {
  const today = app.clock.now().toISOString().slice(0, 10);
  const { values } = audit;
  const to = String(values.coversTo ?? values.to ?? today);
  const from =
    since?.slice(0, 10) ?? String(values.coversFrom ?? dayAfter(String(values.from ?? today), -365));
  const auditors = auditorsOf(recOf(registers.audit, audit));
  const place = decisionPlace(app);
  const register = app.registry.of(registers.audit);
  const deciding = app.registry.all.flatMap((r) =>
    Object.entries(r.transitions).flatMap(([name, t]) => (t.decision ? [`${r.name}.${name}`] : [])),
  );
  const statement = independenceStatement({
    audit: audit.ref,
    auditors,
    from,
    to,
    exempt: EXEMPT,
    decision: registers.decision.name,
    decisionSubject: place.subject,
    responsibility: registers.responsibility.name,
    person: registers.person.name,
    deciding,
  });
  // What hides a record from somebody must not hide a conflict.
  const [rows, named, decided] = await app.db
    .as('')
    .run(organisation, [statement, titlesOf(auditors), decisionsStatement(app, [audit.ref])]);
  const present = await presentBinding(app, organisation, register, audit.ref, audit);
  const waivers = weigh(decided!.map(toRec(registers.decision)), {
    kinds: ['waive'],
    about: (d) => isAbout(present, d),
    today,
  });
  // The only person of an organisation has nobody else to ask; the decision says so.
  const waived = waivers.counts[0] ?? waivers.alone[0];
  return {
    audit: audit.ref,
    from,
    to,
    auditors: auditors.map((ref) => {
      const late = (r: Row) => since === undefined || new Date(cell.text(r.at)) >= new Date(since);
      const mine = rows!.filter((r) => r.person === ref && late(r));
      return {
        ref,
        name: String(named!.find((n) => n.ref === ref)?.title ?? ref),
        result: mine.length === 0 ? ('no conflict found' as const) : ('conflicts found' as const),
        conflicts: mine.map((r) => ({
          why: cell.oneOf(CONFLICTS)(r.why),
          ref: cell.text(r.ref),
          title: cell.text(r.title),
          detail: cell.text(r.detail),
          at: new Date(cell.text(r.at)).toISOString(),
        })),
        totals: Object.fromEntries(mine.map((r) => [cell.text(r.why), cell.number(r.total)])),
      };
    }),
    waiver: waived
      ? {
          ref: waived.ref,
          by: String(waived.values.by),
          reason: String(waived.values.reason),
          until: String(waived.values.until),
        }
      : null,
  };
}

/** The same for whoever may read audits. */
export async function readIndependence(app: App, ask: Asking, ref: string): Promise<Independence> {
  const register = app.registry.of(registers.audit);
  demandRead(ask, register);
  const audit = await readRecord(app, ask, register, ref);
  return independenceOf(app, ask.actor.organisation, audit);
}
