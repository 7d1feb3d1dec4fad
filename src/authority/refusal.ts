import type { Failure } from '../base/failure.ts';
import { failed, type Refusal as RefusalOf, refusals } from '../base/refusals.ts';
import { catalogue, type Sentence } from '../base/sentence.ts';
import { whoSaid } from '../register/said.ts';
import type { Who } from '../register/who.ts';

/** What somebody would do that is no step of a record. */
export const deed = catalogue('deed', {
  edit: 'edit {ref}',
  read: 'read {register}',
  create: 'create {register}',
  import: 'import {register}',
  addWitness: 'add a witness',
  removeWitness: 'remove a witness',
  setStamps: 'set the time-stamping authority',
  endStamps: 'end time stamps',
  openLog: 'open or close the log',
  readToken: 'give out or withdraw the read token of the log',
  changeKey: 'change the key of the log',
  newLog: 'begin a new log',
  openDoor: 'open or close the way in for anonymous concerns',
  sendLinks: 'give out links to {ref}',
  withdrawLinks: 'withdraw links to {ref}',
  proposeStatement: 'propose the statement of applicability',
  recordHazards: 'record hazards',
  makeKeys: 'make API keys',
  seeHeld: 'see what a person holds',
  handOver: 'hand over what a person holds',
  depart: 'mark a person as left',
  erase: 'erase anything',
  addEvidence: 'add evidence',
  askGate: 'ask the gate to decide',
  checkFiles: 'have stored files checked',
  makePack: 'make an audit pack',
  openNonconformity: 'open a nonconformity from {ref}',
  handInReadings: 'hand in readings of {ref}',
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('authority.wrong', {
  is: 'is {value}',
  empty: 'is empty',
  from: 'can be taken from {from} on',
  textNeeded: 'text, address or file is needed for this step',
  placeLeft: '{place} is left of the template',
  textLeft: 'the text is left of the template',
  reportsDone: 'reports it as done',
  ownsAction: 'owns the action',
  ownsAndCannotCheck: '{verifier} owns the action and cannot check it.',
  agreesOnIt: 'its checker cannot be the one who agrees on it.',
  changesIt: 'its checker cannot be the one who changes it.',
  workedOnIt: '{verifier} worked on it.',
  notAcceptable: 'is not acceptable; assess the changed system in a new record',
  topManagements: 'is in the hands of top management',
});

/** Who decides next. */
export const next = catalogue('authority.next', { who: '{who}', somebodyElse: 'someone else: {who}' });

/** Why a step is refused: each a sentence of its own. Closed: what is not here is not answered. */
export const refusal = refusals('authority', {
  notForYou: ['NOT_ALLOWED', 'Only {who} can {deed}.'],
  handsIn: ['NOT_ALLOWED', 'Only contributors and CI pipelines can {deed}.'],
  locked: ['WRONG_STATE', '{ref} is {state} and can no longer be edited.'],
  otherState: ['WRONG_STATE', '{ref} is {state}; to {step}, it must be {from}.'],
  ownWork: ['OWN_WORK', 'You worked on {ref} yourself: no one approves their own work. Ask {who}.'],
  ownWorkWithoutCriteria: [
    'OWN_WORK',
    'You worked on {ref} yourself: no one approves their own work. Ask {who}. You are the only person here, so use the criteria for one person. Once they are in force, you can decide alone or name a guest as approver.',
  ],
  ownWorkNoLongerAlone: [
    'OWN_WORK',
    'You worked on {ref} yourself: no one approves their own work. Ask {who}. You no longer decide alone: the organisation has more than one person now.',
  ],
  ownWorkOfHighClass: [
    'OWN_WORK',
    'You worked on {ref} yourself: no one approves their own work. Ask {who}. You can decide alone only for class minimal or limited, and {systems} is in another class. Name a guest as its approver.',
  ],
  ownWorkTooEarly: [
    'OWN_WORK',
    'You worked on {ref} yourself: no one approves their own work. Ask {who}. As the only person here, you can decide it alone from {from} UTC, {hours} hours after the last change.',
  ],
  personErases: [
    'NOT_ALLOWED',
    'Only a person who signs in can erase. An API key or the system itself cannot.',
  ],
  personDecides: ['NOT_ALLOWED', '{step} is a decision, so a person has to take it. An API key cannot.'],
  personSigns: ['NOT_ALLOWED', '{step} is for a person who signs in. An API key cannot do it.'],
  otherKind: ['CONFLICT', '{ref} {why}'],
  onlyFor: ['NOT_ALLOWED', 'You cannot {deed}: only {who} can, because it is a {value}.'],
  takingBackFor: [
    'NOT_ALLOWED',
    'You cannot {deed}: only {who} can take back that the impact is not acceptable.',
  ],
  tooEarly: ['WRONG_STATE', '{ref} {why}'],
  textNeeded: [
    'REQUIREMENTS_MISSING',
    'To submit {ref}, first write its text, enter an address where it can be read, or name its file.',
  ],
  templatePlaces: [
    'REQUIREMENTS_MISSING',
    'To {step}, first fill in {places}{more, plural, =0 {} other { and {more} more}}.',
  ],
  templateText: [
    'REQUIREMENTS_MISSING',
    'To {step}, first make its text your own: it is still that of the template.',
  ],
  templateTextAndPlaces: [
    'REQUIREMENTS_MISSING',
    'To {step}, first make its text your own: it is still that of the template, with {places}{more, plural, =0 {} other { and {more} more}} to fill in.',
  ],
  levelForTop: [
    'NOT_ALLOWED',
    'You cannot accept {ref}: it is at level {level}, and {criteria} lets only {who} accept from level {from}: {people}.',
  ],
  levelForNobody: [
    'NOT_ALLOWED',
    'You cannot accept {ref}: it is at level {level}, and {criteria} lets only {who} accept from level {from}. No one holds that role yet.',
  ],
  verifierReports: [
    'OWN_WORK',
    'You check whether {ref} worked, so you cannot report it as done. Ask {who}.',
  ],
  verifierUnfit: ['OWN_WORK', '{ref}: {why} Name someone else to check whether it worked.'],
  ownerConfirms: ['OWN_WORK', 'The owner of {ref} cannot check it. Name someone else.'],
  managementOnly: [
    'NOT_ALLOWED',
    '{ref} holds a management role. Only top management can invite them, mark them as left or returned, or change their e-mail address.',
  ],
  decidedEmergency: [
    'OWN_WORK',
    'You decided {ref} yourself ({decision}). Someone else has to review an emergency.',
  ],
  decidedAlready: ['CONFLICT', 'You already decided this: {decision} ({kind}) holds for {ref} as it is now.'],
  decidedOfSeveral: [
    'CONFLICT',
    '{who, select, delegated {You, or the person who delegated this to you,} other {You}} already decided this; {decided} of {needed} people have. Next: {next}.',
  ],
  notYourTurn: ['NOT_ALLOWED', 'First {who} decides on {ref}, then you.'],
});

export type RefusalId = Parameters<typeof refusal>[0];

/** Why not. */
export type Refusal = RefusalOf<RefusalId>;

/** Who may, thrown: for what is no step of a record. */
export const mayNot = (
  deed: Sentence,
  who: readonly Who[],
  names?: Readonly<Record<string, string>>,
): Failure => failed(refusal('notForYou', { deed, who: whoSaid(who, names) }));
