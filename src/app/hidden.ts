import { Failure } from '../base/failure.ts';
import type { Register } from '../register/register.ts';
import type { Contents } from '../register/values.ts';
import * as cell from '../store/cells.ts';
import type { StoredWithRelations } from '../store/records.ts';
import type { App } from './context.ts';

/**
 * What is hidden from somebody (a concern about them) is not there for them, links to it neither. But when they change a record that links to it,
 * the new version must commit to all its links: otherwise the row and its newest version would say different things.
 */

/** A record about to be changed; `unseen` are links that whoever changes it does not see. */
export type Changing = StoredWithRelations & { unseen?: Record<string, string[]> };

/** Records with all their links. One statement more, however many there are, and only for registers that link to one that can be hidden. */
export async function withUnseen(
  app: App,
  organisation: number,
  register: Register,
  records: readonly StoredWithRelations[],
): Promise<Changing[]> {
  const links = Object.entries(register.links).filter(([, l]) => app.registry.get(l.to).hiddenFrom);
  if (links.length === 0 || records.length === 0) return [...records];
  const [rows] = await app.db.as('').run(organisation, [
    {
      text: `select l.from_id as id, l.name, jsonb_agg(o.ref order by o.ref) as refs from link l
          join record o on o.organisation = l.organisation and o.id = l.to_id
        where l.organisation = (select present_organisation()) and l.from_id = any($1) and l.name = any($2) group by 1, 2`,
      values: [records.map((r) => r.id), links.map(([name]) => name)],
    },
  ]);
  return records.map((record) => {
    const all = rows!
      .filter((row) => row.id === record.id)
      .map((row): [string, string[]] => [cell.text(row.name), cell.texts(row.refs)]);
    const unseen = Object.fromEntries(
      all
        .map(([name, refs]): [string, string[]] => [
          name,
          refs.filter((ref) => !record.links[name]?.includes(ref)),
        ])
        .filter(([, refs]) => refs.length > 0),
    );
    if (Object.keys(unseen).length === 0) return record;
    return { ...record, links: { ...record.links, ...Object.fromEntries(all) }, unseen };
  });
}

/** Nobody takes away, or adds to, a list of which they do not see everything. What is given as it is seen is no change. */
export function keepingUnseen(
  register: Register,
  before: Changing,
  part: Partial<Contents>,
): Partial<Contents> {
  if (!before.unseen || !part.links) return part;
  const links = { ...part.links };
  for (const [name, hidden] of Object.entries(before.unseen)) {
    const given = links[name];
    if (!given) continue;
    const seen = (before.links[name] ?? []).filter((ref) => !hidden.includes(ref));
    if ([...given].sort().join() !== seen.join())
      throw new Failure(
        'NOT_ALLOWED',
        `${before.ref}: ${register.links[name]!.label} holds what is kept from you, so you cannot change this list; that is for somebody who sees all of it.`,
        [{ path: `/${name}`, message: 'holds what is kept from you' }],
      );
    delete links[name];
  }
  return { ...part, links };
}

/** Is anything of the organisation hidden from this person? */
export async function somethingHidden(app: App, organisation: number, person: string): Promise<boolean> {
  const [rows] = await app.db.as('').run(organisation, [
    {
      text: `select exists (select from record where organisation = (select present_organisation()) and register = any($2)
        and $1 = any(hidden_from)) as some`,
      values: [person, app.registry.all.filter((r) => r.hiddenFrom).map((r) => r.name)],
    },
  ]);
  return rows![0]!.some === true;
}
