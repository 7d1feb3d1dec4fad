import { catalogue } from '../../base/sentence.ts';

/** What somebody decided, and why it does not count. */
export const say = catalogue('gate.deciding', {
  aloneOn: '{by} decided alone on',
  did: '{by} {verb, select, approved {approved} confirmed {confirmed} fixed {fixed} other {accepted}}',
  didFor:
    '{by}, for {behalf}, {verb, select, approved {approved} confirmed {confirmed} fixed {fixed} other {accepted}}',
  stale:
    '{saying} {subject} as it was ({digest}, {decision}); it has changed since, so this no longer counts.',
  incomparable:
    '{saying} {subject} ({decision}). What that was about was erased since, at least in part: nobody can tell any more whether it counted.',
  alone:
    '{saying} {subject} ({decision}). That counts only for class minimal and limited, while the organisation is one person and its criteria say so.',
  own: '{saying} {subject} ({decision}), but has worked on it or asked for it: this never counts.',
  ended: 'What {by} decided on {subject} ({decision}) ended on {day}.',
});
