import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.people', {
  approved: '{saying} {release} as it is now, on {day} ({decision}).',
  coveredLess:
    '{number, plural, one {{decisions} was} other {{decisions} were}} taken when an approval did not cover the verification plan, the rollback plan and the hazards of the system yet; one taken now does.',
  alone:
    'Nobody else has looked at {release}: it was decided alone, which is no approval; {criteria} allows that for class {riskClass} while the organisation is one person.',
  nobodyDecided: 'Nobody has decided on {release} as it is now.',
  decideAlone: 'Decide alone on {release}, 24 hours after its last change, or have a guest approve it',
  tooFew:
    '{approved, plural, one {{approved} approval} other {{approved} approvals}} of {release} as it is now; {needed, plural, one {1 is} other {{needed} by different people are}} needed for risk class {riskClass}.',
  approve: 'Approve {release} as it is now',
  partMissing: '{system} has no {part}, whose approval is needed.',
  namePart: 'Name the {part} of {system}',
  madeIt:
    "{name}, the {part} of {system}, made {release} or asked for it, and so cannot approve it; the {part}'s approval is needed.",
  haveOther: 'Have somebody else prepare {release}, or name another {part} of {system}',
  notApproved: '{name}, the {part} of {system}, has not approved {release} as it is now.',
  samePerson: '{person} is {parts} of {system}; these must be different people.',
  nameDifferent: 'Name different people as {parts}',
  refused: '{by} refused {release} as it is now, on {day} ({decision}).',
  settle: 'Settle what {by} objected to',
});
