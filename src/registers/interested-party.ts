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
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';

export const interestedParty = defineRegister({
  name: 'interestedParty',
  prefix: 'PTY',
  step: 'Scope',
  place: 40,
  label: { one: 'Interested party', many: 'Interested parties' },
  purpose:
    'Who has a stake in our AI systems: customers, people and groups affected, staff, regulators. What they need, and which of it we take on.',
  clauses: {
    '4.2': 'names the interested parties, their needs, and which of them the management system addresses',
    'A.5.4': 'names the individuals and groups whom impact assessments look at',
    'A.10.4': 'keeps what customers expect, need and were promised',
  },
  documents: ['DI-62'],
  fields: {
    name: text('Name', { max: 160 }),
    kind: choice('Kind', [
      'customer',
      'affectedPeople',
      'staff',
      'regulator',
      'supplier',
      'partner',
      'owner',
      'public',
    ]),
    owner: later(person('Contact on our side')),
    needs: later(longText('Needs and expectations', { max: 8000 })),
    addressed: later(
      longText('What of it we take on, and how', {
        help: 'Which needs become requirements here, and which do not, with the reason.',
        max: 8000,
      }),
    ),
    commitments: optional(
      longText('What we promised them', { help: 'For customers: terms, notices, limits of use.', max: 8000 }),
    ),
    channel: optional(text('How they reach us')),
    reviewBy: later(immaterial(review(date('Review by'), { cap: 'partyReview' }))),
  },
  links: { systems: link('aiSystem', { label: 'AI systems', inverse: 'interestedParties' }) },
  workflow: {
    states: ['named', 'confirmed', 'retired'],
    transitions: {
      confirm: {
        from: ['named', 'confirmed'],
        to: 'confirmed',
        by: ['aimsManager', 'designatedManagement'],
        requires: ['owner', 'needs', 'addressed', 'reviewBy'],
      },
      retire: { from: ['named', 'confirmed'], to: 'retired', by: ['owner', 'aimsManager'], reason: true },
      reinstate: { from: 'retired', to: 'named', by: ['owner', 'aimsManager'] },
    },
    locked: ['retired'],
    ended: ['retired'],
    fixedFrom: {
      needs: ['confirmed', 'retired'],
      addressed: ['confirmed', 'retired'],
      reviewBy: ['confirmed', 'retired'],
    },
  },
  permissions: { read: 'anyone', create: 'contributor', edit: ['owner', 'author', 'aimsManager'] },
  columns: ['name', 'kind', 'owner', 'systems', 'reviewBy', 'state', 'updatedAt'],
});
