import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.monitoring', {
  watchedBy: '{monitor}, watched by {person}',
  toBeReviewed: '{monitor}, to be reviewed by {day}',
  toBeReviewedSometime: '{monitor}, to be reviewed by an unknown day',
  outsideLimit:
    '{monitor}, up to {known, select, yes {{day}} other {an unknown day}}, is outside its limit: look at it before more goes into use.',
  running: '{monitors}: {kind, select, metric {metric with a limit} other {event log}} of {system}.',
  reviewOverdue: '{monitors}: whether it still watches the right thing was not looked at since.',
  review: 'Review {monitor}',
  none: 'No {kind, select, metric {metric with a limit} other {event log}} of {system} is running.',
  setUp: 'Set up and start a monitor of kind {kind, select, metric {metric} other {log}} for {system}',
  watches: '{person} watches {system} in use.',
  nobodyWatches: 'Nobody is named who watches {system} in use.',
  nameOwner: 'Name the owner of {system}',
});
