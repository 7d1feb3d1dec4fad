import type { FirstHour, HourStep } from '../../answers/home.ts';
import { keyOf, type Sentence, worded } from '../../base/sentence.ts';
import { presetForSize } from '../../gate/mode.ts';
import type { FieldOf } from '../../register/rec.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import { named } from '../../store/records/named.ts';
import type { App, Asking } from '../context.ts';
import { step, why } from '../words/first-hour.ts';

const told = (text: Sentence, because: Sentence) => ({
  text: text.text,
  why: because.text,
  said: { text: keyOf(text), why: keyOf(because) },
});

/** So many rated risks make a matrix that says something. */
const RATED = 3;

/** What a newcomer has done and what comes next, told by what is recorded: one statement. */
export async function readFirstHour(app: App, ask: Asking): Promise<FirstHour> {
  const count = (register: string, more = '') =>
    `(select count(*)::int from record r where r.organisation = (select present_organisation()) and r.register = '${register}' ${more})`;
  const first = (register: string, more: string) =>
    `(select r.ref from record r where r.organisation = (select present_organisation()) and r.register = '${register}' ${more} order by r.number limit 1)`;
  const filled = (field: FieldOf<Registers['aiSystem']>) =>
    `r."values"->>${named.aiSystem.field(field)} is not null`;
  const [rows] = await app.db.run(ask.actor.organisation, [
    {
      text: `select
        greatest((select coalesce(o.size, 0) from organisation o where o.id = (select present_organisation())),
          ${count(registers.person.name, `and r.state <> ${named.person.state('departed')} and coalesce(r."values"->>${named.person.field('guest')}, 'false') <> 'true'`)}) as people,
        ${count(registers.criteria.name)} as criteria, ${count(registers.criteria.name, `and r.state = ${named.criteria.state('approved')}`)} as in_force,
        ${first(registers.criteria.name, `and r.state in (${named.criteria.state('draft', 'submitted')})`)} as open_criteria,
        ${count(registers.criteria.name, `and r.state = ${named.criteria.state('submitted')}`)} as asked,
        ${count(registers.aiSystem.name)} as systems, ${count(registers.aiSystem.name, `and r.state = ${named.aiSystem.state('inScope')}`)} as in_scope,
        ${first(registers.aiSystem.name, `and r.state = ${named.aiSystem.state('proposed')}`)} as proposed,
        ${count(registers.aiSystem.name, `and r.state = ${named.aiSystem.state('inScope')} and ${filled('approver')} and ${filled('oversight')}`)} as staffed,
        ${first(registers.aiSystem.name, `and r.state = ${named.aiSystem.state('inScope')} and not (${filled('approver')} and ${filled('oversight')})`)} as unstaffed,
        ${count(registers.hazard.name, `and r.state = ${named.hazard.state('confirmed')}`)} as hazards, ${first(registers.hazard.name, `and r.state = ${named.hazard.state('proposed')}`)} as proposed_hazard,
        ${first(registers.aiSystem.name, `and r.state = ${named.aiSystem.state('inScope')}`)} as scoped,
        ${count(registers.risk.name, `and r.derived ? ${named.risk.derived('level')}`)} as rated,
        ${first(registers.risk.name, `and not (r.derived ? ${named.risk.derived('level')})`)} as unrated,
        ${count(registers.evidence.name, `and r.state <> ${named.evidence.state('withdrawn')}`)} as evidence, ${count(registers.gateDecision.name)} as gate, ${first(registers.release.name, `and r.state in (${named.release.state('draft', 'submitted')})`)} as release`,
      name: 'first-hour',
    },
  ]);
  const r = rows![0]!;
  const at = (ref: unknown) => (typeof ref === 'string' ? { ref } : {});
  const preset = presetForSize(Number(r.people));
  const steps: HourStep[] = [
    {
      id: 'preset',
      ...told(
        step('preset', { preset: worded(`preset.${preset.name}.title`, preset.title.toLowerCase()) }),
        worded(`preset.${preset.name}.summary`, preset.summary),
      ),
      done: Number(r.criteria) > 0,
      register: registers.criteria.name,
    },
    {
      id: 'system',
      ...told(step('system'), why('system')),
      done: Number(r.systems) > 0,
      register: registers.aiSystem.name,
      create: true,
    },
    {
      id: 'class',
      ...told(step('class'), why('class')),
      done: Number(r.in_scope) > 0,
      register: registers.aiSystem.name,
      ...at(r.proposed),
    },
    {
      id: 'approve',
      ...told(step('approve'), why(preset.name === 'alone' ? 'approveAlone' : 'approve')),
      done: Number(r.in_force) > 0,
      waits: Number(r.in_force) === 0 && Number(r.asked) > 0,
      register: registers.criteria.name,
      ...at(r.open_criteria),
    },
    {
      id: 'people',
      ...told(step('people'), why('people')),
      done: Number(r.staffed) > 0,
      register: registers.aiSystem.name,
      ...at(r.unstaffed ?? r.proposed),
    },
    {
      id: 'hazards',
      ...told(step('hazards'), why(r.proposed_hazard ? 'confirm' : 'hazards')),
      done: Number(r.hazards) > 0,
      ...(r.proposed_hazard
        ? { register: registers.hazard.name, ...at(r.proposed_hazard) }
        : r.scoped
          ? { register: registers.aiSystem.name, ...at(r.scoped) }
          : { register: registers.hazard.name, create: true }),
    },
    {
      id: 'risks',
      ...told(
        step('risks', { number: RATED }),
        why('risks', { rated: Math.min(RATED, Number(r.rated)), number: RATED }),
      ),
      done: Number(r.rated) >= RATED,
      register: registers.risk.name,
      ...(r.unrated ? at(r.unrated) : { create: true }),
    },
    {
      id: 'evidence',
      ...told(step('evidence'), why('evidence')),
      done: Number(r.evidence) > 0,
      register: registers.evidence.name,
      create: true,
    },
    {
      id: 'gate',
      ...told(step('gate'), why('gate')),
      done: Number(r.gate) > 0,
      register: registers.release.name,
      ...(r.release ? at(r.release) : { create: true }),
    },
  ];
  return {
    people: Number(r.people),
    preset: preset.name,
    presetTitle: preset.title,
    steps,
    complete: steps.every((s) => s.done || s.waits),
  };
}
