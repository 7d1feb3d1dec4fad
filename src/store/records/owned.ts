import type { Register, Registry } from '../../register/register.ts';
import { quote } from '../authority/covers.ts';
import type { Statement } from '../db/database.ts';
import { RECORD_COLUMNS, RECORD_SELECT } from './records.ts';

/** Fields by which somebody holds something in a register, and which another person can take over from them. */
export const heldBy = (register: Register): string[] =>
  Object.entries(register.fields)
    .filter(
      ([name, f]) =>
        (f.kind === 'person' || f.kind === 'people') && !f.engine && !f.fact && name !== register.hiddenFrom,
    )
    .map(([name]) => name);

/** Condition on record `r` that the person in parameter $1 holds something in it and it is not over. */
function held(registry: Registry, names?: readonly string[]): string {
  const parts = registry.all
    .filter((r) => heldBy(r).length > 0 && (names === undefined || names.includes(r.name)))
    .map((r) => {
      const fields = heldBy(r).map((f) =>
        r.fields[f]!.kind === 'person'
          ? `r."values"->>${quote(f)} = $1`
          : `coalesce(r."values"->${quote(f)} ? $1, false)`,
      );
      const over = r.ended.length > 0 ? ` and r.state not in (${r.ended.map(quote).join(', ')})` : '';
      return `(r.register = ${quote(r.name)}${over} and (${fields.join(' or ')}))`;
    });
  return `r.organisation = (select present_organisation()) and r.ref <> $1 and (${parts.join(' or ') || 'false'})`;
}

/** How many records of each register somebody holds something in. */
export const ownedCounts = (registry: Registry, person: string): Statement => ({
  text: `select r.register, count(*)::int as n from record r where ${held(registry)} group by r.register`,
  values: [person],
  name: 'owned-counts',
});

/** A page of them, by register and number. */
export const ownedPage = (
  registry: Registry,
  person: string,
  after: { register: string; number: number } | undefined,
  limit: number,
): Statement => ({
  text: `select ${RECORD_COLUMNS}, '{}'::jsonb as links from record r where ${held(registry)}
    and (r.register, r.number) > ($2, $3::int) order by r.register, r.number limit $4`,
  values: [person, after?.register ?? '', after?.number ?? 0, limit],
  name: 'owned-page',
});

/** All of them that shall be taken over, with what a change of them needs; `refs` and `registers` narrow it. */
export const ownedToHandOver = (
  registry: Registry,
  person: string,
  o: { refs?: readonly string[]; registers?: readonly string[]; limit: number },
): Statement => ({
  text: `select ${RECORD_SELECT}, r.hidden_from, (select v.digest from version v where v.organisation = r.organisation
      and v.record_id = r.id and v.version = r.version) as digest
    from record r where ${held(registry, o.registers)} and ($2::text[] is null or r.ref = any($2))
    order by r.register, r.number limit $3`,
  values: [person, o.refs ?? null, o.limit],
});

/** API keys that somebody made and that are not over. */
export const keysMadeBy = (register: Register, person: string): Statement => ({
  text: `select ${RECORD_SELECT}, (select v.digest from version v where v.organisation = r.organisation
      and v.record_id = r.id and v.version = r.version) as digest
    from record r where r.organisation = (select present_organisation()) and r.register = $1 and r.created_by = $2
      and r.state <> all($3) order by r.number limit 200`,
  values: [register.name, person, register.ended],
  name: 'keys-made-by',
});
