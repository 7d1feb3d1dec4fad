import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.emergency', {
  stillInUse: '{release} ({title}) is still in use by an emergency decision that ended at {until}.',
  otherSystem: '{change} is a ticket for another AI system, not for {system}.',
  otherContent:
    '{change} is for {named}; {release} is {digest}. An emergency is for one content and no other.',
  incomparable:
    'What {release} consisted of was erased since, at least in part: nobody can tell any more whether {change} was for it.',
  reviseDigest: 'Revise {change}: name the digest of {release} as it is now',
  noIncident: '{change} names no incident.',
  recordIncident: 'Record the incident and name it in {change}',
  forIncident: '{change} is for the incident {incident}.',
  noWayBack: '{change} names no way back.',
  sayHow: 'Say in {change} how it is undone',
  wayBack: 'The way back: {how}.',
  notApproved:
    'Nobody on call, other than its requester and authors, has approved {change} as it is now; its state is {state}.',
  haveApproved: 'Ask the person on call to approve {change}',
  over: '{by} decided at {at} ({decision}); the {hours} hours were over at {end}.',
  takeBackOrGate: 'Take {release} back, or bring it to the gate with a ticket of its own',
  decided: '{by} decided alone at {at} ({decision}): until {end}, to be reviewed by another by {reviewBy}.',
  review: 'Review the emergency {change}',
  reviewOverdue: 'The emergency {change} was to be reviewed by {day}, and nobody has.',
  reviewDue: 'The emergency {change} is to be reviewed by {day}.',
  noneWaits: 'No emergency of {system} waits for its review.',
  waiting: 'Emergencies that wait for a review: {number}.',
  toBeTakenBack: '{use} It is to be taken back or replaced.',
  takeBack: 'Take {release} back, or replace it by a release with a ticket of its own',
  inUse: '{release} ({title}) is in use by an emergency decision that ends at {until}.',
});
