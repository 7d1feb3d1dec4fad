import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.userInformation', {
  wasToBeReviewed: '{document} was to be reviewed by {day}.',
  review: 'Review {document}, whether it fits {release}',
  wasToBeReviewedSometime: '{document} was to be reviewed by an unknown day.',
  reviewForNext: 'Review {document}, whether it fits the next release',
  current: '{document} is published and was to be reviewed by {day}.',
  none: 'There is no information for users of {system}.',
  write: 'Write, approve and publish information for users of {system}',
  notPublished: '{document} is not published: its state is {state}.',
  publish: 'Have {document} approved, and publish it',
});
