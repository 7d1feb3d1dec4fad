import { catalogue } from '../../base/sentence.ts';

/** What happened since an impact assessment was approved. */
export const say = catalogue('impact.trigger', {
  component: 'A {kind} that was not part of what was approved.',
  incident: 'An incident with the system.',
  concern: 'A concern from {from, select, outside {outside} other {inside}} about the system.',
  purpose: 'The intended purpose reads otherwise than when the assessment was approved.',
});
