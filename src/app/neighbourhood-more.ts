import type { GateInput, InUse, Of } from '../gate/neighbourhood.ts';
import { type As, recsOf } from '../register/rec.ts';
import { contentsOf } from '../register/values.ts';
import { type Registers, registers } from '../registers/index.ts';
import type { Row, Statement } from '../store/database.ts';
import { named } from '../store/named.ts';
import { RECORD_SELECT, type Stored, toStored } from '../store/records.ts';
import { toVersionFound, versionsAtStatement } from '../store/versionsAt.ts';

type Ask = (s: Statement) => Promise<Row[]>;

const HERE = 'r.organisation = (select present_organisation())';

/** Emergency tickets of a system that are not closed; whether they were ever approved their decisions say. */
export const emergenciesOf = (system: Stored): Statement => ({
  text: `select ${RECORD_SELECT} from record r where ${HERE} and r.register = $2 and r.state in (${named.change.state('submitted', 'approved', 'implemented')})
      and r."values"->>${named.change.field('kind')} = 'emergency' and r.id in (select k.from_id from link k
        where k.organisation = (select present_organisation()) and k.to_id = $1 and k.from_register = $2) order by r.number`,
  values: [system.id, registers.change.name],
  name: 'gate-emergencies',
});

/** SQL of whether a vendor runs the system: all its releases that were not withdrawn ask for leave to use it, and there are some. */
export const vendorRunSql = (system: string): string =>
  `(select coalesce(bool_and(o."values"->>${named.release.field('kind')} = 'useClearance'), false) from link u
    join record o on o.organisation = u.organisation and o.id = u.from_id and o.state <> ${named.release.state('withdrawn')}
    where u.organisation = ${system}.organisation and u.to_id = ${system}.id and u.from_register = '${registers.release.name}' and u.name = ${named.release.link('system')})`;

/** The release of a system that was let through last and is allowed or in use, other than the one that is judged, with its allowance and its components. */
export const inUseOf = (system: Stored, judged: Stored): Statement => ({
  text: `with pair as materialized (select o.id as release, g.id as allowance from link s
        join record o on o.organisation = s.organisation and o.id = s.from_id and o.state in (${named.release.state('allowed', 'shipped')})
          and coalesce(o."values"->>${named.release.field('kind')}, 'release') = 'release'
        join link k on k.organisation = o.organisation and k.to_id = o.id and k.from_register = $4 and k.name = ${named.gateDecision.link('release')}
        join record g on g.organisation = k.organisation and g.id = k.from_id and g."values"->>${named.gateDecision.field('verdict')} = 'allow'
      where s.organisation = (select present_organisation()) and s.to_id = $1 and s.from_register = $3 and s.name = ${named.release.link('system')} and o.id <> $2
        and coalesce(g."values"->>${named.gateDecision.field('basis')}, '') <> 'emergency'
      order by g.number desc limit 1),
    parts as materialized (select release as id from pair union all select allowance from pair
      union all select k.to_id from pair join link k on k.organisation = (select present_organisation()) and k.from_id = pair.release
        and k.name = ${named.release.link('components')})
    select ${RECORD_SELECT} from parts join record r on ${HERE} and r.id = parts.id order by r.register, r.number`,
  values: [system.id, judged.id, registers.release.name, registers.gateDecision.name],
  name: 'gate-in-use',
});

/** What that statement gave; without the release's digest, which is computed with those of the other records. */
export function toInUse(
  rows: readonly Row[],
): (Omit<InUse, 'digest' | 'release'> & { release: As<Registers['release'], Stored> }) | undefined {
  const all = rows.map(toStored);
  const [release] = recsOf(registers.release, all);
  const [allowance] = recsOf(registers.gateDecision, all);
  return release && allowance && { release, allowance, components: recsOf(registers.component, all) };
}

/** What the system said at a moment. */
export async function systemAt(ask: Ask, system: Stored, at: string): Promise<GateInput['systemThen']> {
  const [row] = await ask(versionsAtStatement([{ ref: system.ref, at }]));
  return row && contentsOf(toVersionFound(row).parts).values;
}

/** Since when the system is recorded as served by its present model, as `since`; nothing where it names none. */
export const servedSinceOf = (system: Of<'aiSystem'> & Stored): Statement => ({
  text: `select min(v.at) as since from version v where v.organisation = (select present_organisation()) and v.record_id = $1 and $2::text is not null
      and v.version > coalesce((select max(c.version) from content c where c.organisation = v.organisation and c.record_id = v.record_id
        and c.part = 'values' and c.value->>${named.aiSystem.field('servedModel')} is distinct from $2), 0)`,
  values: [system.id, system.values.servedModel ?? null],
  name: 'gate-served-since',
});
