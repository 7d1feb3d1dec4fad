import {
  choice,
  date,
  immaterial,
  later,
  link,
  longText,
  optional,
  person,
  review,
  text,
  yesNo,
} from '../register/field.ts';
import { defineRegister, type Shown } from '../register/register.ts';
import { DRAFT } from '../risk/applicability.ts';
import { SYSTEM_PARTS } from './covers.ts';

/** What shows that a control is carried out. */
export const CARRIED_OUT: Shown = {
  by: [
    { via: 'documents', states: ['published'] },
    { via: 'monitors', states: ['running'] },
  ],
  next: 'Link evidence, a published document, or a running monitor that checks it and has read something.',
};

export const control = defineRegister({
  name: 'control',
  prefix: 'CTL',
  step: 'Risk',
  place: 60,
  label: { one: 'Control', many: 'Controls (statement of applicability)' },
  purpose:
    'A line of the statement of applicability: whether a control is necessary, why or why not, and how it is carried out here.',
  clauses: {
    '6.1.3': 'compares the necessary controls with Annex A, and says for each why it is in or out',
    '8.1': 'carries out the controls that treatment asked for',
    '8.3': 'shows that treatments were put in place',
    '9.1': 'is what control checks measure',
  },
  documents: ['DI-08', 'DI-10'],
  fields: {
    code: text('Control', { max: 40, help: 'Number in Annex A, such as A.6.2.4, or one of your own.' }),
    title: text('Title', { max: 200 }),
    owner: later(person('Control owner')),
    applicable: later(yesNo('Necessary')),
    why: later(longText('Why it is necessary, or not', { max: 4000, proposed: DRAFT })),
    implementation: later(longText('How it is carried out', { max: 8000 })),
    automation: optional(choice('How it works', ['manual', 'partly', 'automatic'])),
    otherRegister: optional(
      immaterial(
        text('Control in another register', {
          help: 'Such as "ISO/IEC 27001 A.5.23, A.8.28", separated by commas; numbers of its Annex A (2022) are checked.',
        }),
      ),
    ),
    reviewBy: later(immaterial(review(date('Review by'), { cap: 'controlReview' }))),
  },
  links: {
    systems: link('aiSystem', { label: 'AI systems', inverse: 'controls' }),
    requirements: link('requirement', { label: 'Required by', inverse: 'controls' }),
    documents: link('document', { label: 'Described in', inverse: 'controls' }),
  },
  workflow: {
    states: ['proposed', 'applicable', 'excluded', 'implemented'],
    transitions: {
      include: {
        label: 'Decide: necessary',
        from: ['proposed', 'excluded'],
        to: 'applicable',
        by: ['aimsManager', 'designatedManagement'],
        requires: ['applicable', 'why', 'owner', 'reviewBy'],
      },
      exclude: {
        label: 'Decide: not necessary',
        from: ['proposed', 'applicable', 'implemented'],
        to: 'excluded',
        by: 'designatedManagement',
        requires: ['applicable', 'why'],
        separate: true,
        decision: 'waive',
        reason: true,
        until: { cap: 'exception' },
      },
      implement: {
        label: 'Confirm as implemented',
        from: 'applicable',
        to: 'implemented',
        by: ['aimsManager', 'designatedManagement'],
        requires: ['why', 'implementation'],
        shown: CARRIED_OUT,
        separate: true,
        decision: 'approve',
      },
      revise: {
        from: ['applicable', 'excluded', 'implemented'],
        to: 'proposed',
        by: ['owner', 'aimsManager'],
      },
    },
    locked: ['excluded', 'implemented'],
    // A line stands for one control: under another number the decision would be about something else.
    fixedFrom: {
      code: ['applicable', 'excluded', 'implemented'],
      title: ['applicable', 'excluded', 'implemented'],
      applicable: ['applicable', 'excluded', 'implemented'],
      why: ['applicable', 'excluded', 'implemented'],
      // Whoever owns it does not put off the day on which others look at it again.
      reviewBy: ['applicable', 'excluded', 'implemented'],
    },
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'author', 'aimsManager'] },
  columns: ['code', 'title', 'owner', 'applicable', 'otherRegister', 'reviewBy', 'state'],
  covers: [SYSTEM_PARTS('systems')],
  unique: 'code',
  title: 'title',
});
