import {
  date,
  happened,
  immaterial,
  later,
  longText,
  optional,
  person,
  review,
  text,
  url,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const supplier = defineRegister({
  name: 'supplier',
  prefix: 'SUP',
  step: 'Scope',
  place: 30,
  label: { one: 'Vendor (supplier)', many: 'Vendors (suppliers)' },
  purpose:
    'Who supplies models, data, tools or services for our AI systems, what we checked, and who is responsible for what.',
  clauses: {
    '8.1': 'keeps control of what others supply',
    'A.10.2': 'says which responsibilities are ours and which are the supplier’s',
    'A.10.3': 'records the assessment before use and the date of the next one',
  },
  documents: ['DI-60', 'DI-61'],
  fields: {
    name: text('Name', { max: 160 }),
    supplies: longText('What they supply', { max: 4000 }),
    owner: person('Relationship owner'),
    website: optional(url('Website')),
    contact: optional(text('Contact', { personal: true })),
    responsibilities: later(
      longText('Who is responsible for what', {
        help: 'Testing, monitoring, incidents, notice of model changes, data.',
      }),
    ),
    assessment: later(
      longText('Assessment', { help: 'What was checked, what was found, and what follows from it.' }),
    ),
    assessedOn: later(happened(date('Assessed on'))),
    nextReview: later(
      immaterial(review(date('Next review'), { cap: 'supplierAssessment', from: 'assessedOn' })),
    ),
    otherRegister: optional(
      immaterial(
        text('Record in another register', {
          help: 'Such as its number in an ISO/IEC 27001 supplier register.',
        }),
      ),
    ),
  },
  links: {},
  workflow: {
    states: ['proposed', 'approved', 'ended'],
    transitions: {
      approve: {
        from: 'proposed',
        to: 'approved',
        by: ['aimsManager', 'designatedManagement'],
        requires: ['responsibilities', 'assessment', 'assessedOn', 'nextReview'],
        separate: true,
        decision: 'approve',
      },
      reassess: { from: 'approved', to: 'proposed', by: ['owner', 'aimsManager'] },
      end: {
        label: 'End',
        from: ['proposed', 'approved'],
        to: 'ended',
        by: ['owner', 'aimsManager'],
        reason: true,
      },
      resume: { from: 'ended', to: 'proposed', by: ['owner', 'aimsManager'] },
    },
    locked: ['ended'],
    ended: ['ended'],
    // Approved until then: whoever owns it does not put that off.
    fixedFrom: { nextReview: 'approved' },
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  columns: ['name', 'owner', 'assessedOn', 'nextReview', 'state', 'updatedAt'],
});
