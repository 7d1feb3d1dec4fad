import type { FailureCode, Problem } from '../base/failure.ts';

type Params = Readonly<Record<string, string | number>>;

/**
 * Why a step is refused: each a sentence of its own, kept as its id with parameters so that it can be said in another language. Closed: what is not
 * here is not answered.
 */
const SAYS = {
  notForYou: { code: 'NOT_ALLOWED', text: 'You may not {deed}: that is for {who}.' },
  locked: { code: 'WRONG_STATE', text: '{ref} is {state} and can no longer be edited.' },
  otherState: { code: 'WRONG_STATE', text: '{ref} is {state}; to {step}, it must be {from}.' },
  ownWork: {
    code: 'OWN_WORK',
    text: 'You worked on {ref} yourself: nobody approves their own work. Ask {who}.',
  },
  ownWorkWithoutCriteria: {
    code: 'OWN_WORK',
    text: 'You worked on {ref} yourself: nobody approves their own work. Ask {who}. You are the only person here: take the criteria for one person. Once they are in force you may decide alone, or name a guest as approver.',
  },
  ownWorkNoLongerAlone: {
    code: 'OWN_WORK',
    text: 'You worked on {ref} yourself: nobody approves their own work. Ask {who}. You no longer decide alone: the organisation has more than one person now.',
  },
  ownWorkOfHighClass: {
    code: 'OWN_WORK',
    text: 'You worked on {ref} yourself: nobody approves their own work. Ask {who}. You decide alone only on what is of class minimal or limited; {systems} is not. Name a guest as its approver.',
  },
  ownWorkTooEarly: {
    code: 'OWN_WORK',
    text: 'You worked on {ref} yourself: nobody approves their own work. Ask {who}. Being the only person here, you may decide it alone from {from} UTC, {hours} hours after the last change.',
  },
  personDecides: {
    code: 'NOT_ALLOWED',
    text: '{step} is a decision of a person; an API key cannot make it.',
  },
  personSigns: {
    code: 'NOT_ALLOWED',
    text: '{step} must be done by a person who signs in; an API key cannot do it.',
  },
  otherKind: { code: 'CONFLICT', text: '{ref} {why}' },
  onlyFor: { code: 'NOT_ALLOWED', text: 'You may not {deed}: {what} is for {who}.' },
  tooEarly: { code: 'WRONG_STATE', text: '{ref} {why}' },
  textNeeded: {
    code: 'REQUIREMENTS_MISSING',
    text: 'To submit {ref}, first write its text, or say where it can be read, or name its file.',
  },
  templatePlaces: { code: 'REQUIREMENTS_MISSING', text: 'To {step}, first fill in {places}.' },
  templateText: {
    code: 'REQUIREMENTS_MISSING',
    text: 'To {step}, first make its text your own: it is still that of the template.',
  },
  templateTextAndPlaces: {
    code: 'REQUIREMENTS_MISSING',
    text: 'To {step}, first make its text your own: it is still that of the template, with {places} to fill in.',
  },
  levelForTop: {
    code: 'NOT_ALLOWED',
    text: 'You may not accept {ref}: it is at level {level}, and by {criteria} only {who} accepts from level {from} on{people}.',
  },
  verifierReports: {
    code: 'OWN_WORK',
    text: 'You are named to check whether {ref} worked, so you cannot report it as done: ask {who}.',
  },
  verifierUnfit: {
    code: 'OWN_WORK',
    text: '{ref}: {why} Name somebody else to check whether it worked.',
  },
  ownerConfirms: { code: 'OWN_WORK', text: '{ref}: its owner cannot check it; name somebody else.' },
  managementOnly: {
    code: 'NOT_ALLOWED',
    text: '{ref} holds a role of management: only top management invites them, lets them depart or return, or changes their e-mail address.',
  },
  decidedEmergency: {
    code: 'OWN_WORK',
    text: 'You decided {ref} yourself ({decision}): somebody else reviews an emergency.',
  },
  decidedAlready: {
    code: 'CONFLICT',
    text: 'You already decided this: {decision} ({kind}) stands for {ref} as it is now.',
  },
  decidedOfSeveral: {
    code: 'CONFLICT',
    text: '{who} already decided this; {decided} of {needed} people have. Next: {next}.',
  },
  notYourTurn: { code: 'NOT_ALLOWED', text: 'First {who} decides on {ref}, then you.' },
} as const satisfies Record<string, { code: FailureCode; text: string }>;

export type RefusalId = keyof typeof SAYS;

/** Why not: as an id with its parameters, and the same in English. */
export interface Refusal {
  readonly id: RefusalId;
  readonly params: Params;
  readonly code: (typeof SAYS)[RefusalId]['code'];
  readonly why: string;
  readonly problems: readonly Problem[];
}

export function refusal(id: RefusalId, params: Params, problems: readonly Problem[] = []): Refusal {
  const { code, text } = SAYS[id];
  const why = text.replace(/\{(\w+)\}/g, (_, name) => String(params[name] ?? ''));
  return { id, params, code, why, problems };
}
