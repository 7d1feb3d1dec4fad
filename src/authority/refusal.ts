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
  openDoor: 'open or close the door for concerns without a name',
  sendLinks: 'give out links to {ref}',
  withdrawLinks: 'withdraw links to {ref}',
  proposeStatement: 'propose the statement of applicability',
  recordHazards: 'record hazards',
  makeKeys: 'make API keys',
  seeHeld: 'see what somebody holds',
  handOver: 'hand over what somebody holds',
  depart: 'let somebody depart',
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
  reportsDone: 'is whoever reports it as done',
  ownsAction: 'owns the action',
  ownsAndCannotCheck: '{verifier} owns the action and cannot check it.',
  agreesOnIt: 'whoever checks it is not the one who agrees on it.',
  changesIt: 'whoever checks it is not the one who changes it.',
  workedOnIt: '{verifier} worked on it.',
  notAcceptable: 'is not acceptable; assess the changed system in a new record',
  topManagements: 'is in the hands of top management',
});

/** Who decides next. */
export const next = catalogue('authority.next', { who: '{who}', somebodyElse: 'somebody else: {who}' });

/** Why a step is refused: each a sentence of its own. Closed: what is not here is not answered. */
export const refusal = refusals('authority', {
  notForYou: ['NOT_ALLOWED', 'You may not {deed}: that is for {who}.'],
  handsIn: ['NOT_ALLOWED', 'You may not {deed}: that is for contributors and CI pipelines.'],
  locked: ['WRONG_STATE', '{ref} is {state} and can no longer be edited.'],
  otherState: ['WRONG_STATE', '{ref} is {state}; to {step}, it must be {from}.'],
  ownWork: ['OWN_WORK', 'You worked on {ref} yourself: nobody approves their own work. Ask {who}.'],
  ownWorkWithoutCriteria: [
    'OWN_WORK',
    'You worked on {ref} yourself: nobody approves their own work. Ask {who}. You are the only person here: take the criteria for one person. Once they are in force you may decide alone, or name a guest as approver.',
  ],
  ownWorkNoLongerAlone: [
    'OWN_WORK',
    'You worked on {ref} yourself: nobody approves their own work. Ask {who}. You no longer decide alone: the organisation has more than one person now.',
  ],
  ownWorkOfHighClass: [
    'OWN_WORK',
    'You worked on {ref} yourself: nobody approves their own work. Ask {who}. You decide alone only on what is of class minimal or limited; {systems} is not. Name a guest as its approver.',
  ],
  ownWorkTooEarly: [
    'OWN_WORK',
    'You worked on {ref} yourself: nobody approves their own work. Ask {who}. Being the only person here, you may decide it alone from {from} UTC, {hours} hours after the last change.',
  ],
  personErases: [
    'NOT_ALLOWED',
    'Erasing is done by a person who signs in; neither an API key nor the system itself can do it.',
  ],
  personDecides: ['NOT_ALLOWED', '{step} is a decision of a person; an API key cannot make it.'],
  personSigns: ['NOT_ALLOWED', '{step} must be done by a person who signs in; an API key cannot do it.'],
  otherKind: ['CONFLICT', '{ref} {why}'],
  onlyFor: ['NOT_ALLOWED', 'You may not {deed}: a {value} is for {who}.'],
  takingBackFor: [
    'NOT_ALLOWED',
    'You may not {deed}: to take back that the impact is not acceptable is for {who}.',
  ],
  tooEarly: ['WRONG_STATE', '{ref} {why}'],
  textNeeded: [
    'REQUIREMENTS_MISSING',
    'To submit {ref}, first write its text, or say where it can be read, or name its file.',
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
    'You may not accept {ref}: it is at level {level}, and by {criteria} only {who} accepts from level {from} on: {people}.',
  ],
  levelForNobody: [
    'NOT_ALLOWED',
    'You may not accept {ref}: it is at level {level}, and by {criteria} only {who} accepts from level {from} on; nobody holds that role yet.',
  ],
  verifierReports: [
    'OWN_WORK',
    'You are named to check whether {ref} worked, so you cannot report it as done: ask {who}.',
  ],
  verifierUnfit: ['OWN_WORK', '{ref}: {why} Name somebody else to check whether it worked.'],
  ownerConfirms: ['OWN_WORK', '{ref}: its owner cannot check it; name somebody else.'],
  managementOnly: [
    'NOT_ALLOWED',
    '{ref} holds a role of management: only top management invites them, lets them depart or return, or changes their e-mail address.',
  ],
  decidedEmergency: [
    'OWN_WORK',
    'You decided {ref} yourself ({decision}): somebody else reviews an emergency.',
  ],
  decidedAlready: [
    'CONFLICT',
    'You already decided this: {decision} ({kind}) stands for {ref} as it is now.',
  ],
  decidedOfSeveral: [
    'CONFLICT',
    '{who, select, delegated {You, or whoever delegated this to you,} other {You}} already decided this; {decided} of {needed} people have. Next: {next}.',
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
