import { type Slots, slotsOf } from '../../register/slots.ts';
import type { Registers } from '../../registers/index.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { RECORD_SELECT } from '../records/records.ts';
import type { DecisionPlace } from './covers.ts';

/** Which typed columns the fields of each register have. */
interface Placed {
  slots: ReadonlyMap<string, Slots>;
}

/** Where decisions are kept. */
export const decisionPlace = (at: Placed): DecisionPlace => ({
  register: named.decision.name,
  subject: slotsOf<Registers['decision']>(at.slots, named.decision).subject!,
});

/** Acknowledgements that are shown among the decisions on a record; all of them have a page of their own. */
const READ = 20;

/**
 * All decision records about the given subjects, newest first: one left out could be the refusal. Only of those who read something, which may be
 * thousands and refuse nothing, the newest come, and those of `by`.
 */
export function decisionsStatement(at: Placed, subjects: readonly string[], by = ''): Statement {
  const { subject, by: person } = slotsOf<Registers['decision']>(at.slots, named.decision);
  const of = (r: string) =>
    `${r}.organisation = (select present_organisation()) and ${r}.register = $1 and ${r}.${subject} = any($2)`;
  return {
    text: `select ${RECORD_SELECT} from record r where ${of('r')} and (r."values"->>${named.decision.field('kind')} <> 'acknowledge' or r.${person} = $3
        or r.number >= coalesce((select a.number from record a where ${of('a')} and a."values"->>${named.decision.field('kind')} = 'acknowledge'
          order by a.number desc offset ${READ - 1} limit 1), 0)) order by r.number desc`,
    values: [named.decision.name, subjects.map((s) => s.toLowerCase()), by],
    name: 'decisions',
  };
}

/** Appointments that a person has accepted and that have not ended. */
export const appointmentsStatement = (person: string): Statement => ({
  text: `select r.ref, r.title, r."values"->>${named.responsibility.field('competence')} as needed, r."values"->>${named.responsibility.field('competenceShown')} as shown from record r
    where r.organisation = (select present_organisation()) and r.register = $1 and r.owner = $2 and r.state = ${named.responsibility.state('accepted')}
    order by r.number limit 20`,
  values: [named.responsibility.name, person],
  name: 'appointments',
});
