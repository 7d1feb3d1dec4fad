import type { FieldOf } from '../../register/rec.ts';
import type { Registers } from '../../registers/index.ts';
import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { PEOPLE } from './people.ts';

const { aiSystem, criteria, evidence, gateDecision, hazard, release, risk } = named;

const of = (register: { register(): string }, more: string): string =>
  `record r where r.organisation = (select present_organisation()) and r.register = ${register.register()}${more && ` and ${more}`}`;
const count = (register: { register(): string }, more = ''): string =>
  `(select count(*)::int from ${of(register, more)})`;
const first = (register: { register(): string }, more: string): string =>
  `(select r.ref from ${of(register, more)} order by r.number limit 1)`;
const filled = (field: FieldOf<Registers['aiSystem']>): string =>
  `r."values"->>${aiSystem.field(field)} is not null`;
const inScope = `r.state = ${aiSystem.state('inScope')}`;
const staffed = `${filled('approver')} and ${filled('oversight')}`;
const rated = `(r.derived ? ${risk.derived('level')})`;

/** How far an organisation has come in its first hour: one row, counts and the first record where something is to be done. */
export const firstHourStatement: Statement = {
  text: `select
    ${PEOPLE} as people,
    ${count(criteria)} as criteria, ${count(criteria, `r.state = ${criteria.state('approved')}`)} as in_force,
    ${first(criteria, `r.state in (${criteria.state('draft', 'submitted')})`)} as open_criteria,
    ${count(criteria, `r.state = ${criteria.state('submitted')}`)} as asked,
    ${count(aiSystem)} as systems, ${count(aiSystem, inScope)} as in_scope,
    ${first(aiSystem, `r.state = ${aiSystem.state('proposed')}`)} as proposed,
    ${count(aiSystem, `${inScope} and ${staffed}`)} as staffed, ${first(aiSystem, `${inScope} and not (${staffed})`)} as unstaffed,
    ${count(hazard, `r.state = ${hazard.state('confirmed')}`)} as hazards,
    ${first(hazard, `r.state = ${hazard.state('proposed')}`)} as proposed_hazard, ${first(aiSystem, inScope)} as scoped,
    ${count(risk, rated)} as rated, ${first(risk, `not ${rated}`)} as unrated,
    ${count(evidence, `r.state <> ${evidence.state('withdrawn')}`)} as evidence, ${count(gateDecision)} as gate,
    ${first(release, `r.state in (${release.state('draft', 'submitted')})`)} as release`,
  name: 'first-hour',
};
