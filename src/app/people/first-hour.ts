import type { FirstHour, HourStep } from '../../answers/home.ts';
import { keyOf, type Sentence, worded } from '../../base/sentence.ts';
import { presetForSize } from '../../gate/mode.ts';
import { registers } from '../../registers/index.ts';
import { firstHourStatement } from '../../store/people/first-hour.ts';
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
  const [rows] = await app.db.run(ask.actor.organisation, [firstHourStatement]);
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
