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
import { defineRegister } from '../register/register.ts';

export const contextIssue = defineRegister({
  name: 'contextIssue',
  prefix: 'CTX',
  step: 'Scope',
  place: 50,
  label: { one: 'Context issue', many: 'Context issues' },
  purpose:
    'What inside or outside the organisation bears on its AI: law, market, culture, skills, climate. And what we do about it.',
  clauses: {
    '4.1': 'collects external and internal issues, climate change among them, and decides which matter',
    '6.1.1': 'is where risks and opportunities of the management system come from',
  },
  documents: ['DI-04'],
  fields: {
    title: text('Title', { max: 160 }),
    kind: choice('Kind', ['external', 'internal', 'climate']),
    owner: person('Owner'),
    effect: later(
      longText('What it does to our AI, and to what we want from the management system', { max: 8000 }),
    ),
    relevant: later(
      yesNo('Relevant', { help: 'For climate change, too, an answer is needed, with a reason.' }),
    ),
    opportunity: optional(yesNo('It is an opportunity')),
    response: later(longText('What follows from it', { help: 'Or why nothing does.', max: 8000 })),
    reviewBy: later(immaterial(review(date('Review by'), { cap: 'contextReview' }))),
  },
  links: { systems: link('aiSystem', { label: 'AI systems concerned', inverse: 'contextIssues' }) },
  workflow: {
    states: ['raised', 'decided', 'closed'],
    transitions: {
      decide: {
        from: ['raised', 'decided'],
        to: 'decided',
        by: ['aimsManager', 'designatedManagement'],
        requires: ['effect', 'relevant', 'response', 'reviewBy'],
      },
      close: { from: ['raised', 'decided'], to: 'closed', by: ['owner', 'aimsManager'], reason: true },
      reopen: { from: 'closed', to: 'raised', by: ['owner', 'aimsManager'] },
    },
    locked: ['closed'],
    ended: ['closed'],
    fixedFrom: {
      effect: ['decided', 'closed'],
      relevant: ['decided', 'closed'],
      response: ['decided', 'closed'],
      reviewBy: ['decided', 'closed'],
    },
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  columns: ['title', 'kind', 'owner', 'relevant', 'reviewBy', 'state', 'updatedAt'],
});
