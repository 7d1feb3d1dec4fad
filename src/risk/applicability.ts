import {
  type ApplicableControl,
  applicableControls,
  objectives,
  weightier,
} from '../standard/applicability.ts';
import { clause } from '../standard/clauses.ts';
import { hazardById } from '../standard/hazards.ts';

export interface AnnexControl extends ApplicableControl {
  readonly title: string;
  readonly objectiveTitle: string;
}

/** The 38 controls of Annex A with their objectives, in the order of the standard. */
export const ANNEX_A: readonly AnnexControl[] = applicableControls.map((c) => ({
  ...c,
  title: clause(c.id).title,
  objectiveTitle: objectives.find((o) => o.id === c.objective)!.title,
}));

/** A system of the organisation, as far as it bears on which controls are necessary. */
export interface SystemRoles {
  readonly ref: string;
  readonly roles: readonly string[];
}

/** A hazard on record, by its code in the catalogue. */
export interface RecordedHazard {
  readonly ref: string;
  readonly code: string;
}

/** How a reason begins that was drafted here: whoever decides makes it their own. */
export const DRAFT = 'Draft, not decided';

/** A reason that stands on more lines than this was not given for any of them. Ours, not the standard's. */
export const MOST_SHARED = 5;

const plain = (why: unknown): string =>
  typeof why === 'string' ? why.replace(/\s+/g, ' ').trim().toLowerCase() : '';

/** How many lines give this same reason. */
export const sharing = (why: unknown, reasons: readonly unknown[]): number =>
  plain(why) === '' ? 0 : reasons.filter((r) => plain(r) === plain(why)).length;

const MAKING = ['provider', 'producer'];
const named = (refs: readonly string[]): string =>
  refs.length <= 4 ? refs.join(', ') : `${refs.slice(0, 4).join(', ')} and ${refs.length - 4} more`;

/**
 * A draft of why a control is necessary or not, from the roles that the organisation plays and the hazards on record. It
 * suggests and never decides: people read it, change it and decide.
 */
export function draftReason(
  control: ApplicableControl,
  systems: readonly SystemRoles[],
  hazards: readonly RecordedHazard[],
): string {
  const having = (roles: readonly string[]) =>
    systems.filter((s) => s.roles.some((r) => roles.includes(r))).map((s) => s.ref);
  const making = having(MAKING);
  const using = having(['customer']);
  const helping = weightier.partner?.includes(control.id) ? having(['partner']) : [];
  const answered = hazards.filter((h) => hazardById(h.code)?.controls.includes(control.id)).map((h) => h.ref);
  const who = [
    ...(making.length > 0 ? [`we provide or build ${named(making)}`] : []),
    ...(using.length > 0 ? [`we use ${named(using)}`] : []),
    ...(helping.length > 0 ? [`we are a partner for ${named(helping)}`] : []),
  ].join('; ');
  const concerned =
    control.concerns === 'both'
      ? making.length + using.length + helping.length > 0 || systems.length > 0
      : (control.concerns === 'provider' ? making : using).length + helping.length > 0;
  const hazard = answered.length > 0 ? ` It answers hazards on record: ${named(answered)}.` : '';
  const what = `What it asks for: ${control.summary} ${control.note}`;
  if (systems.every((s) => s.roles.length === 0))
    return `${DRAFT}. No role of ours is recorded for any AI system yet; decide once it is.${hazard} ${what}`;
  if (concerned || answered.length > 0)
    return `${DRAFT}: necessary. ${control.concerns === 'both' ? 'It concerns every role' : control.concerns === 'provider' ? 'It concerns those who provide or build AI' : 'It concerns those who use AI'}${who ? `; ${who}` : ''}.${hazard} ${what}`;
  const lacking =
    control.concerns === 'provider'
      ? `It concerns those who provide or build AI; ${who || 'no system of ours is of that kind'}`
      : `It concerns those who use AI; ${who || 'no system of ours is of that kind'}`;
  return `${DRAFT}: perhaps not necessary. ${lacking}. Before leaving it out, make sure that nothing is developed, tuned, prompted, fed with own data or used otherwise. ${what}`;
}
