import { problem } from '../base/failure.ts';
import type { Listing, Sentence } from '../base/sentence.ts';
import { AGREEING } from '../register/decisions.ts';
import { placeholdersIn } from '../register/placeholders.ts';
import { type ContentsOf, contentsAs, type Rec, type StepOf } from '../register/rec.ts';
import type { Register, Transition } from '../register/register.ts';
import { deedSaid, whoSaid } from '../register/said.ts';
import type { Contents } from '../register/values.ts';
import { type Actor, holds, type Role, rolesIn } from '../register/who.ts';
import { registers } from '../registers/index.ts';
import { claimOf, standing } from '../risk/rating.ts';
import type { Subject } from './circumstances.ts';
import { type Refusal, refusal, wrong } from './refusal.ts';
import type { TakeFacts } from './take.ts';
import { voicesOf } from './weigh.ts';

/** A step about to be taken, or only asked about. */
export interface Asked {
  readonly actor: Actor;
  readonly register: Register;
  readonly step: string;
  readonly t: Transition;
  /** As it is. */
  readonly record: Subject;
  /** As it would be left. */
  readonly contents: Contents;
  readonly facts: TakeFacts;
}

/** A rule that no declaration says, about what is known before somebody begins: so a page never offers what it would refuse. */
interface Rule {
  readonly steps: readonly string[];
  readonly needs?: 'circumstances' | 'decided';
  readonly check: (asked: Asked) => Refusal | undefined;
}

const RULES: Record<string, Rule[]> = {};

export const rulesOf = (register: string, step: string): Rule[] =>
  (RULES[register] ?? []).filter((r) => r.steps.includes(step));

function rule<R extends Register>(
  register: R,
  steps: readonly StepOf<R>[],
  check: (contents: ContentsOf<R>, asked: Asked) => Refusal | undefined,
  needs?: Rule['needs'],
): void {
  const list = RULES[register.name] ?? [];
  RULES[register.name] = list;
  list.push({
    steps,
    check: (asked) => check(contentsAs(register, asked.register, asked.contents), asked),
    ...(needs ? { needs } : {}),
  });
}

rule(registers.document, ['submit'], ({ values }, { record }) =>
  values.body || values.address || values.attachment
    ? undefined
    : refusal('textNeeded', { ref: record.ref }, [problem('/values/body', wrong('textNeeded'))]),
);

/** Text of a template that nobody made their own says nothing about this organisation. */
rule(registers.document, ['approve', 'publish', 'review'], ({ values }, { step, t, record, register }) => {
  const left = register.derived.untouched?.(values);
  if (left === undefined || left === '') return undefined;
  const places = placeholdersIn(String(values.body ?? ''));
  const problems =
    places.length > 0
      ? places.slice(0, 20).map((place) => problem('/values/body', wrong('placeLeft', { place })))
      : [problem('/values/body', wrong('textLeft'))];
  const deed = deedSaid(step, t, record.ref);
  const named: Listing = { join: 'comma', items: places.slice(0, 5) };
  const params = { step: deed, places: named, more: Math.max(0, places.length - 5) };
  if (left !== 'unedited') return refusal('templatePlaces', params, problems);
  return places.length > 0
    ? refusal('templateTextAndPlaces', params, problems)
    : refusal('templateText', { step: deed }, problems);
});

/** From a level on only top management accepts. Tests can only raise what is claimed: that is asked when it is accepted. */
rule(
  registers.risk,
  ['accept'],
  ({ values }, { actor, record, facts }) => {
    const { acceptAtLevel: from, top = [] } = facts.circumstances ?? {};
    const { level } = standing(claimOf(values));
    if (from === undefined || level === undefined || level < from) return undefined;
    if (actor.kind === 'engine' || holds(actor, 'topManagement')) return undefined;
    const params = {
      ref: record.ref,
      level,
      criteria: facts.circumstances?.criteria?.ref ?? '',
      who: whoSaid(['topManagement']),
      from,
    };
    return top.length > 0
      ? refusal('levelForTop', { ...params, people: { join: 'comma', items: top } })
      : refusal('levelForNobody', params);
  },
  'circumstances',
);

rule(registers.action, ['finish'], ({ values }, { actor, record }) =>
  values.verifier === actor.ref
    ? refusal('verifierReports', { ref: record.ref, who: whoSaid(['owner', 'aimsManager']) }, [
        problem('/verifier', wrong('reportsDone')),
      ])
    : undefined,
);

/** The check is somebody else's than the owner's, and than of anybody who worked on the action. */
rule(registers.action, ['agree'], ({ values }, { actor, record }) => {
  const why = unfitVerifier(values, actor.ref, record.authors, 'agreesOnIt');
  return why === undefined
    ? undefined
    : refusal('verifierUnfit', { ref: record.ref, why }, [problem('/verifier', why)]);
});

/** Why somebody cannot be named to check an action; undefined where nobody is named, or they can. */
export function unfitVerifier(
  { verifier, owner }: { verifier?: unknown; owner?: unknown },
  actor: string,
  authors: readonly string[],
  does: 'agreesOnIt' | 'changesIt',
): Sentence | undefined {
  if (typeof verifier !== 'string') return undefined;
  if (verifier === owner) return wrong('ownsAndCannotCheck', { verifier });
  if (verifier === actor) return wrong(does);
  return authors.includes(verifier) ? wrong('workedOnIt', { verifier }) : undefined;
}

rule(registers.action, ['confirm'], ({ values }, { record }) =>
  values.verifier === values.owner
    ? refusal('ownerConfirms', { ref: record.ref }, [problem('/verifier', wrong('ownsAction'))])
    : undefined,
);

/** Who may ease what somebody is held to; nobody does it for themselves alone. */
export const EASES: readonly Role[] = ['aimsManager', 'designatedManagement', 'topManagement'];

export const mayEase = (actor: Actor): boolean =>
  actor.kind === 'engine' || EASES.some((role) => holds(actor, role));

/** Taken back by whoever it stops, an older and kinder conclusion would come into force again. */
rule(registers.impactAssessment, ['reopen'], (_, { actor, step, t, record }) =>
  record.values.conclusion !== 'notAcceptable' || mayEase(actor)
    ? undefined
    : refusal('takingBackFor', { deed: deedSaid(step, t, record.ref), who: whoSaid(EASES) }, [
        problem('/conclusion', wrong('notAcceptable')),
      ]),
);

export const isManagement = (role: Role): boolean =>
  role === 'topManagement' || role === 'designatedManagement';

/**
 * An invitation opens the record's roles to whoever holds its link: otherwise an AIMS manager could let a manager depart, return and be invited
 * under another address, and go on as that person.
 */
rule(registers.person, ['invite', 'depart', 'return'], (_, { actor, record }) =>
  ofManagement(actor, record, '/roles'),
);

/** Why somebody may not change who gets the roles of a person; undefined where they may. */
export function ofManagement(actor: Actor, record: Rec, path: string): Refusal | undefined {
  const roles = rolesIn(record.values.roles);
  if (actor.kind === 'engine' || holds(actor, 'topManagement') || !roles.some(isManagement)) return undefined;
  return refusal('managementOnly', { ref: record.ref }, [problem(path, wrong('topManagements'))]);
}

/** Whoever decided an emergency, or had lent out their part in deciding it, does not review it. */
rule(
  registers.change,
  ['review'],
  (_, { actor, record, facts }) => {
    const mine = facts.decided?.decisions.find(
      (d) => voicesOf(d).includes(actor.ref) && AGREEING.some((k) => k === d.values.kind),
    );
    return mine && refusal('decidedEmergency', { ref: record.ref, decision: mine.ref });
  },
  'decided',
);
