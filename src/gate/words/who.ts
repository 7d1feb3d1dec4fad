import { catalogue } from '../../base/sentence.ts';

/** Who does something about it, where no person is named. */
export const role = catalogue('gate.who', {
  systemOwner: 'system owner',
  managerOrManagement: 'AIMS manager or designated management',
  approverOrManagement: 'approver of {system} or designated management',
  ownerOrApprover: 'owner or approver of {system}',
  ownerAndManagement: '{owner}; acceptance by designated management',
  onCall: 'the person on call, owner, approver or oversight',
  otherThanDecided: 'somebody other than who decided it',
  somebodyApart: 'somebody who neither made the release nor asked for it',
  somebodyElseApart: 'somebody else who neither made the release nor asked for it',
  peopleApart: '{number} people who neither made the release nor asked for it',
  otherPeopleApart: '{number} other people who neither made the release nor asked for it',
  owner: 'owner',
  approver: 'approver',
  oversight: 'human oversight',
});
