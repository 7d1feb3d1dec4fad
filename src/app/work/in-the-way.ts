import type { Facts } from '../../facts/facts.ts';
import { supportReads } from '../../facts/support.ts';
import type { Register } from '../../register/register.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { readStatement, type Stored, toStoredWithRelations } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { type Ask, readFacts } from '../read/facts.ts';
import { refusedBefore, rulesFor } from '../write/rules.ts';
import { shownKey } from '../write/shown.ts';

/**
 * Rules that what finds work knows, too: those that declarations say of all registers, and by their names. Days that cannot be are refused before they are
 * stored: only records from before that was asked have some, and their step says so.
 */
const KNOWN: ReadonlySet<string> = new Set([
  'declared.linked',
  'declared.claimed',
  'declared.capped',
  'declared.within',
  'nonconformity.cameBack',
]);

/** Rules that read what they look at for all rows at once. */
const AT_ONCE: ReadonlySet<string> = new Set(['declared.shown', 'control.ownReason']);

/** Rules that no statement knows, and that may have something against the step. */
const toAsk = (register: Register, step: string): string[] =>
  rulesFor(register, step)
    .filter((x) => x.offered && !KNOWN.has(x.id))
    .flatMap(({ id }) => (id === 'declared.shown' && !register.transitions[step]?.shown ? [] : [id]));

/** So many of each list are asked of their rule; who has more of them waiting is told of the rest when these are done. */
const MOST = 40;

/** Where the record itself shows that no rule of its register can refuse what it looks at elsewhere, nothing is asked. */
const MAY_BE_REFUSED: Readonly<Record<string, (r: Stored) => boolean>> = {
  // Tests speak of hazards.
  [registers.risk.name]: (r) => (r.links.hazards ?? []).length > 0,
  // It is compared with what it was when it was in scope last, in a version before.
  [registers.aiSystem.name]: (r) => r.state !== 'inScope' && r.version > 1,
};

/** The step that a row sends somebody to. */
const stepOf = (r: Row): string | undefined =>
  cell.maybe(cell.text)(r.step) ?? (r.steps ? cell.texts(r.steps)[0] : undefined);

/** What may show what many rows claim, read at once for each step. */
function factsForShown(app: App, query: Ask, rows: readonly Row[]): Map<string, Promise<Facts>> {
  const facts = new Map<string, Promise<Facts>>();
  for (const row of rows) {
    const register = app.registry.get(cell.text(row.register));
    const step = stepOf(row)!;
    const { shown } = register.transitions[step]!;
    const key = shownKey(register, step);
    if (!shown || facts.has(key)) continue;
    const refs = rows
      .filter((r) => r.register === row.register && stepOf(r) === step)
      .map((r) => cell.text(r.ref));
    facts.set(key, readFacts(app, query, supportReads(app.registry, register, shown), { refs }));
  }
  return facts;
}

/**
 * The rows, each with what a rule that no statement knows has against its step (`inTheWay`): what would be refused stands there for whoever decides it, and sends
 * nobody to a step. The records are read once; what a rule reads is its own.
 */
export async function withWhatRefuses(
  app: App,
  ask: Asking,
  lists: readonly (readonly Row[])[],
): Promise<Row[][]> {
  const asks = (r: Row): 'atOnce' | 'singly' | undefined => {
    const step = stepOf(r);
    const register = app.registry.get(cell.text(r.register));
    const ids = step === undefined ? [] : toAsk(register, step);
    return ids.length === 0 ? undefined : ids.every((id) => AT_ONCE.has(id)) ? 'atOnce' : 'singly';
  };
  const asked = lists.flatMap((rows) => [
    ...rows.filter((r) => asks(r) === 'atOnce'),
    ...rows.filter((r) => asks(r) === 'singly').slice(0, MOST),
  ]);
  if (asked.length === 0) return lists.map((rows) => [...rows]);
  const names = [...new Set(asked.map((r) => cell.text(r.register)))];
  const refused = new Map<Row, string>();
  await app.db.converse(ask.actor.organisation, async (query) => {
    const read = await Promise.all(
      names.map((name) =>
        query(
          readStatement(
            app.registry.get(name),
            asked.filter((r) => r.register === name).map((r) => cell.text(r.ref)),
          ),
        ),
      ),
    );
    const records = new Map(read.flat().map((r) => [r.ref, toStoredWithRelations(r)]));
    const besides = { known: new Map(), facts: factsForShown(app, query, asked) };
    const { organisation } = ask.actor;
    const db = app.db.within({ organisation, query, view: app.db.viewed(), known: new Map() });
    for (const row of asked) {
      const record = records.get(row.ref);
      if (!record || MAY_BE_REFUSED[record.register]?.(record) === false) continue;
      const register = app.registry.get(record.register);
      const out = await refusedBefore({ ...app, db }, ask, register, record, stepOf(row)!, besides);
      if (out) refused.set(row, out.message);
    }
  });
  return lists.map((rows) => rows.map((r) => (refused.has(r) ? { ...r, inTheWay: refused.get(r) } : r)));
}
