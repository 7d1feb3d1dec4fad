import type { FirstHour, HourStep } from '../answers/home.ts';
import { presetForSize } from '../gate/mode.ts';
import type { FieldOf } from '../register/rec.ts';
import type { Registers } from '../registers/index.ts';
import { registers } from '../registers/index.ts';
import { named } from '../store/named.ts';
import type { App, Asking } from './context.ts';

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
      text: `Take the criteria for ${preset.title.toLowerCase()}`,
      why: preset.summary,
      done: Number(r.criteria) > 0,
      register: registers.criteria.name,
    },
    {
      id: 'system',
      text: 'Record your AI systems',
      why: 'By hand, or as a CSV file. Each has one purpose and one owner.',
      done: Number(r.systems) > 0,
      register: registers.aiSystem.name,
      create: true,
    },
    {
      id: 'class',
      text: 'Confirm a system with its risk class',
      why: 'Its page then says what is required of it, and what is not.',
      done: Number(r.in_scope) > 0,
      register: registers.aiSystem.name,
      ...at(r.proposed),
    },
    {
      id: 'approve',
      text: 'Have the criteria decided',
      why:
        preset.name === 'alone'
          ? 'You decide alone, 24 hours after the last change.'
          : 'By designated management other than their author.',
      done: Number(r.in_force) > 0,
      waits: Number(r.in_force) === 0 && Number(r.asked) > 0,
      register: registers.criteria.name,
      ...at(r.open_criteria),
    },
    {
      id: 'people',
      text: 'Name approver and human oversight',
      why: 'Of at least one system in scope.',
      done: Number(r.staffed) > 0,
      register: registers.aiSystem.name,
      ...at(r.unstaffed ?? r.proposed),
    },
    {
      id: 'hazards',
      text: 'Confirm what can go wrong',
      why: r.proposed_hazard
        ? 'Confirm the hazards that you took over: tests are judged by them.'
        : 'The page of a system proposes hazards from the catalogue; tests are judged by those that you confirm.',
      done: Number(r.hazards) > 0,
      ...(r.proposed_hazard
        ? { register: registers.hazard.name, ...at(r.proposed_hazard) }
        : r.scoped
          ? { register: registers.aiSystem.name, ...at(r.scoped) }
          : { register: registers.hazard.name, create: true }),
    },
    {
      id: 'risks',
      text: `Rate ${RATED} risks`,
      why: `${Math.min(RATED, Number(r.rated))} of ${RATED} rated; those above the appetite stand out.`,
      done: Number(r.rated) >= RATED,
      register: registers.risk.name,
      ...(r.unrated ? at(r.unrated) : { create: true }),
    },
    {
      id: 'evidence',
      text: 'Hand in a test result',
      why: 'A file of your test tool; its cases are counted again.',
      done: Number(r.evidence) > 0,
      register: registers.evidence.name,
      create: true,
    },
    {
      id: 'gate',
      text: 'Ask the gate about a release',
      why: 'It says what is missing, and who does something about each.',
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
