import { Failure } from '../base/failure.ts';
import { holds, type Role, whoText } from '../register/who.ts';
import { SEVERITIES } from '../registers/hazard.ts';
import { type Registers, registers } from '../registers/index.ts';
import { about } from './about.ts';
import type { Guarded, Guards } from './guards.ts';

/**
 * What somebody is held to is not eased by themselves alone: how grave a hazard of their system is, until when they answer. What a state settles for
 * everybody, its declaration says (`fixedFrom`); these may be made stricter by whoever edits them.
 */
export const easingGuards: Guards = {
  ...about(registers.hazard, guardHazard),
  ...about(registers.concern, (g) => {
    const { before, contents } = g;
    if (before) demandNoDelay(g, before.ref, 'answerBy', before.values.answerBy, contents.values.answerBy);
  }),
  ...about(registers.incident, (g) => {
    const { before, contents } = g;
    if (before) demandNoDelay(g, before.ref, 'reportBy', before.values.reportBy, contents.values.reportBy);
  }),
};

const SETS: readonly Role[] = ['aimsManager', 'designatedManagement', 'topManagement'];

const mayEase = ({ ask }: Pick<Guarded, 'ask'>): boolean =>
  ask.actor.kind === 'engine' || SETS.some((role) => holds(ask.actor, role));

const refused = (ref: string, path: string, what: string): Failure =>
  new Failure('NOT_ALLOWED', `${ref}: ${what} is for ${whoText(SETS)}.`, [
    { path, message: `is for ${whoText(SETS)}` },
  ]);

const gravity = (severity: (typeof SEVERITIES)[number]): number => -SEVERITIES.indexOf(severity);

/** What releases of a system must be tested for is not taken back by whoever wants to release it. */
function guardHazard(g: Guarded<Registers['hazard']>): void {
  const { before, contents } = g;
  if (before?.state !== 'confirmed' || mayEase(g)) return;
  if (gravity(contents.values.severity) < gravity(before.values.severity))
    throw refused(
      before.ref,
      '/severity',
      `to grade a confirmed hazard as less than ${before.values.severity}`,
    );
  const gone = (before.links.systems ?? []).filter((s) => !contents.links.systems?.includes(s));
  if (gone.length > 0)
    throw refused(before.ref, '/systems', `to take a confirmed hazard off ${gone.join(', ')}`);
}

/** Until when somebody answers, or somebody outside is told, may be brought forward by whoever does it; a first day may be set. */
function demandNoDelay(
  g: Pick<Guarded, 'ask'>,
  ref: string,
  field: string,
  was: string | undefined,
  is: string | undefined,
): void {
  if (was === undefined || mayEase(g) || (is !== undefined && is <= was)) return;
  throw refused(ref, `/${field}`, `to put off ${was}, until when it is to be done,`);
}
