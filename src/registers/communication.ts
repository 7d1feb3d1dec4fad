import { agreed, choice, date, happened, later, link, longText, person, text } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const communication = defineRegister({
  name: 'communication',
  prefix: 'COM',
  step: 'Govern',
  place: 50,
  label: { one: 'Communication', many: 'Communications' },
  purpose:
    'What is told to whom, when and how: planned beforehand, and recorded when it was sent. Notices to users and authorities too.',
  clauses: {
    '7.4': 'plans what is communicated, when, with whom and how',
    'A.8.2': 'shows that users were told',
    'A.8.4': 'shows that users were told of incidents',
    'A.8.5': 'shows what was reported to authorities and others, and when',
  },
  documents: ['DI-55'],
  fields: {
    title: text('What is told', { max: 200 }),
    owner: person('By'),
    kind: choice('Kind', ['planned', 'incidentNotice', 'report', 'userInformation', 'awareness']),
    audience: later(text('To whom', { max: 300 })),
    channel: later(text('How', { max: 200 })),
    content: later(longText('Text or summary', { max: 20_000 })),
    plannedFor: later(agreed(date('Planned for'))),
    sentOn: later(happened(date('Sent on'))),
  },
  links: {
    systems: link('aiSystem', { label: 'AI systems', inverse: 'communications' }),
    parties: link('interestedParty', { label: 'Interested parties', inverse: 'communications' }),
    duties: link('requirement', { label: 'Duty it fulfils', inverse: 'communications' }),
    evidence: link('evidence', { label: 'Evidence', inverse: 'communications' }),
  },
  workflow: {
    states: ['draft', 'planned', 'sent', 'dropped'],
    transitions: {
      plan: {
        from: 'draft',
        to: 'planned',
        by: ['owner', 'aimsManager'],
        requires: ['audience', 'channel', 'plannedFor'],
      },
      send: {
        label: 'Record as sent',
        from: ['draft', 'planned'],
        to: 'sent',
        by: ['owner', 'aimsManager'],
        requires: ['audience', 'channel', 'content', 'sentOn'],
      },
      drop: { from: ['draft', 'planned'], to: 'dropped', by: ['owner', 'aimsManager'], reason: true },
    },
    locked: ['sent', 'dropped'],
    ended: ['sent', 'dropped'],
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'aimsManager'] },
  columns: ['title', 'kind', 'owner', 'audience', 'plannedFor', 'sentOn', 'state'],
});
