import { choice, date, engine, file, link, moment, number, recorded, text } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { TRUST_LEVELS } from './criteria.ts';

export const evidence = defineRegister({
  name: 'evidence',
  prefix: 'EVD',
  step: 'Across',
  place: 10,
  label: { one: 'Evidence', many: 'Evidence' },
  purpose:
    'A file that supports a claim, kept by its digest, with three dates: the period it covers, when it was captured, when it arrived.',
  clauses: {
    '7.5.1': 'keeps the records that the management system needs to show that it works',
    '7.5.2': 'identifies each file and says where it comes from',
    '7.5.3': 'protects it: the digest shows any change',
    '9.1': 'keeps measurement results as evidence',
    'A.6.2.4': 'holds the original result files of verification',
  },
  documents: ['DI-17'],
  fields: {
    title: engine(text('Title')),
    file: engine(file('File')),
    fileName: engine(text('File name', { max: 300 })),
    bytes: engine(number('Size', { min: 0, unit: 'bytes' })),
    mediaType: engine(text('Media type', { max: 200 })),
    format: engine(text('Format', { max: 120 })),
    formatVersion: engine(text('Version of the format', { max: 120 })),
    capturedAt: recorded(moment('Captured')),
    receivedAt: recorded(moment('Received')),
    coversFrom: recorded(date('Covers from')),
    coversTo: recorded(date('Covers to')),
    claim: engine(text('What it shows', { max: 1000 })),
    trust: engine(choice('Trust', TRUST_LEVELS)),
    collector: engine(text('Collected by', { personal: true })),
  },
  links: {
    release: link('release', { label: 'Release', inverse: 'evidence', max: 1, engine: true }),
  },
  unique: 'file',
  workflow: {
    states: ['recorded', 'withdrawn'],
    transitions: {
      // Nothing is destroyed by it: decision 0017. Its test run is withdrawn in the same write.
      withdraw: {
        from: 'recorded',
        to: 'withdrawn',
        by: ['aimsManager', 'designatedManagement'],
        separate: true,
        decision: 'refuse',
        reason: true,
      },
    },
    locked: ['recorded', 'withdrawn'],
    ended: ['withdrawn'],
    frees: ['withdrawn'],
  },
  permissions: { read: 'anyone', create: ['engine'], edit: ['engine'] },
  columns: ['title', 'format', 'claim', 'trust', 'release', 'state', 'coversTo', 'receivedAt'],
});
