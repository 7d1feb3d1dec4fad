import { AGREEING } from '../register/decisions.ts';
import { placeholdersIn } from '../register/placeholders.ts';
import { type ContentsOf, contentsAs, type Rec, type StepOf } from '../register/rec.ts';
import type { Register, Transition } from '../register/register.ts';
import type { Contents } from '../register/values.ts';
import { type Actor, holds, ROLES, type Role, rolesIn, whoText } from '../register/who.ts';
import { registers } from '../registers/index.ts';
import { claimOf, standing } from '../risk/rating.ts';
import type { Subject } from './circumstances.ts';
import { deedOf } from './own-right.ts';
import { type Refusal, refusal } from './refusal.ts';
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
    : refusal('textNeeded', { ref: record.ref }, [
        { path: '/values/body', message: 'text, address or file is needed for this step' },
      ]),
);

/** Text of a template that nobody made their own says nothing about this organisation. */
rule(registers.document, ['approve', 'publish', 'review'], ({ values }, { step, t, record, register }) => {
  const left = register.derived.untouched?.(values);
  if (left === undefined || left === '') return undefined;
  const places = placeholdersIn(String(values.body ?? ''));
  const named = `${places.slice(0, 5).join(', ')}${places.length > 5 ? ` and ${places.length - 5} more` : ''}`;
  const problems = (places.length > 0 ? places.slice(0, 20) : ['the text']).map((p) => ({
    path: '/values/body',
    message: `${p} is left of the template`,
  }));
  const params = { ref: record.ref, step: deedOf(step, t, record.ref), places: named };
  if (left !== 'unedited') return refusal('templatePlaces', params, problems);
  return refusal(places.length > 0 ? 'templateTextAndPlaces' : 'templateText', params, problems);
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
    return refusal('levelForTop', {
      ref: record.ref,
      level,
      criteria: facts.circumstances?.criteria?.ref ?? '',
      who: ROLES.topManagement,
      from,
      people: top.length > 0 ? `: ${top.join(', ')}` : '; nobody holds that role yet',
    });
  },
  'circumstances',
);

rule(registers.action, ['finish'], ({ values }, { actor, record }) =>
  values.verifier === actor.ref
    ? refusal('verifierReports', { ref: record.ref, who: whoText(['owner', 'aimsManager']) }, [
        { path: '/verifier', message: 'is whoever reports it as done' },
      ])
    : undefined,
);

/** The check is somebody else's than the owner's, and than of anybody who worked on the action. */
rule(registers.action, ['agree'], ({ values }, { actor, record }) => {
  const why = unfitVerifier(values, actor.ref, record.authors, 'agrees on');
  return why === undefined
    ? undefined
    : refusal('verifierUnfit', { ref: record.ref, why }, [{ path: '/verifier', message: why }]);
});

/** Why somebody cannot be named to check an action; undefined where nobody is named, or they can. */
export function unfitVerifier(
  { verifier, owner }: { verifier?: unknown; owner?: unknown },
  actor: string,
  authors: readonly string[],
  does: string,
): string | undefined {
  if (typeof verifier !== 'string') return undefined;
  if (verifier === owner) return `${verifier} owns the action and cannot check it.`;
  if (verifier === actor) return `whoever checks it is not the one who ${does} it.`;
  return authors.includes(verifier) ? `${verifier} worked on it.` : undefined;
}

rule(registers.action, ['confirm'], ({ values }, { record }) =>
  values.verifier === values.owner
    ? refusal('ownerConfirms', { ref: record.ref }, [{ path: '/verifier', message: 'owns the action' }])
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
    : refusal(
        'onlyFor',
        {
          deed: deedOf(step, t, record.ref),
          what: 'to take back that the impact is not acceptable',
          who: whoText(EASES),
        },
        [{ path: '/conclusion', message: 'is not acceptable; assess the changed system in a new record' }],
      ),
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
  return refusal('managementOnly', { ref: record.ref }, [
    { path, message: 'is in the hands of top management' },
  ]);
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
