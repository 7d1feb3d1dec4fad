import * as z from 'zod';
import {
  acknowledgedByLink,
  acknowledgedFile,
  acknowledgements,
  editionsView,
  linksWithdrawn,
  madeLinks,
  openLink,
  raciMatrix,
  readingCounts,
  readingsPage,
  starts,
} from '../answers/govern.ts';
import { changedRecord, recordView } from '../answers/record.ts';
import { inSentence } from '../register/describe.ts';
import type { Register } from '../register/register.ts';
import { registers, registry } from '../registers/index.ts';
import { takesReadings } from '../registers/with-readings.ts';
import { defineAction } from './action.ts';
import { cursor, oneOf, whole, words, yes } from './params.ts';
import { maybe } from './parts.ts';

const { document, responsibility } = registers;
const one = (r: Register) => inSentence(r.label.one);
const many = (r: Register) => r.label.many;
const DOCUMENTS = 'Policies and documents';
const limit = whole('1 to 200; 50 unless told', 1, 200, 50);

/** Days for which a personal link works, and the most it may. */
export const LINK_DAYS = 30;
export const MOST_LINK_DAYS = 90;

const READ = registry.all.filter(takesReadings);
const STARTED = registry.all.filter((r) => r.starts.length > 0);

export const listStarts = defineAction({
  id: 'templates',
  method: 'GET',
  path: ':register/templates',
  of: STARTED,
  tag: many,
  summary: (r) => `What one ${one(r)} can be started from`,
  answer: starts,
});

export const startRecord = defineAction({
  id: 'start',
  method: 'POST',
  path: ':register/start',
  of: STARTED,
  tag: many,
  summary: (r) => `Start one ${one(r)} from a template`,
  writes: true,
  status: 201,
  body: z.strictObject({
    template: z.string().min(1).max(80),
    title: maybe(z.string().min(1).max(200)),
    owner: maybe(z.string().regex(/^PSN-\d{4,9}$/, { error: 'expected a person such as PSN-0001' })),
  }),
  answer: recordView,
});

export const addReadings = defineAction({
  id: 'readings.add',
  method: 'POST',
  path: ':register/:ref/readings',
  of: READ,
  tag: many,
  summary: (r) => `Hand in readings of one ${one(r)}, all or none: from, to, value, note`,
  writes: true,
  body: 'file',
  query: { format: oneOf('csv or json (a list); from the content type unless told', ['csv', 'json']) },
  answer: recordView,
});

export const listReadings = defineAction({
  id: 'readings.list',
  method: 'GET',
  path: ':register/:ref/readings',
  of: READ,
  tag: many,
  summary: (r) => `Every batch of readings of one ${one(r)}, the newest recorded first`,
  query: { after: whole('version of the last batch seen', 1, 2 ** 31 - 1, 2 ** 31 - 1), limit },
  answer: readingsPage,
});

export const raci = defineAction({
  id: `${responsibility.name}.matrix`,
  method: 'GET',
  path: 'raci',
  tag: 'Responsibilities (RACI)',
  summary: 'The RACI matrix of an AI system, or of the whole organisation, with gaps and conflicts',
  query: {
    system: words('number of an AI system; the whole organisation unless given'),
    format: oneOf('csv or json', ['csv', 'json']),
  },
  answer: raciMatrix,
});

export const readEditions = defineAction({
  id: `${document.name}.editions`,
  method: 'GET',
  path: `${document.name}/:ref/editions`,
  tag: DOCUMENTS,
  summary: 'The edition in force, what differs now, and every publication',
  answer: editionsView,
});

export const acknowledge = defineAction({
  id: `${document.name}.acknowledge`,
  method: 'POST',
  path: `${document.name}/:ref/acknowledge`,
  tag: DOCUMENTS,
  summary: 'Acknowledge the edition in force',
  writes: true,
  body: z.strictObject({
    reason: maybe(z.string().max(5000)),
    values: z.undefined({ error: 'a decision takes no values' }).optional(),
    until: z.undefined({ error: 'an acknowledgement has no end' }).optional(),
  }),
  answer: changedRecord,
});

export const readAcknowledgements = defineAction({
  id: `${document.name}.acknowledgements`,
  method: 'GET',
  path: `${document.name}/:ref/acknowledgements`,
  tag: DOCUMENTS,
  summary: 'Who has and who has not acknowledged the edition in force',
  query: {
    acknowledged: oneOf('yes or no: only those who have, or have not', ['yes', 'no']),
    after: cursor,
    limit,
  },
  answer: acknowledgements,
  command: {
    name: 'document acknowledged',
    says: 'Who has and who has not acknowledged the edition in force.',
    takes: {
      ref: 'number of the document, such as DOC-0001',
      acknowledged: { as: '--missing', means: 'no', says: 'only those who have not' },
    },
    pages: true,
    shows(page, say) {
      say.note(`${page.acknowledged} of ${page.total} acknowledged it.`);
      for (const { person, name, acknowledged: a } of page.items)
        say.line(`${person} ${name}: ${a ? `${a.at.slice(0, 10)}, ${a.method}` : 'not yet'}`);
    },
  },
});

export const importAcknowledgements = defineAction({
  id: `${document.name}.acknowledgements.import`,
  method: 'POST',
  path: `${document.name}/:ref/acknowledgements/import`,
  tag: DOCUMENTS,
  summary: 'Take over acknowledgements from a CSV (person, date, edition), all or none',
  writes: true,
  body: 'file',
  query: { dryRun: yes('`true` only checks') },
  answer: acknowledgedFile,
});

export const countReadings = defineAction({
  id: `${document.name}.readingCounts`,
  method: 'GET',
  path: 'awareness',
  tag: DOCUMENTS,
  summary: 'Of every document to be acknowledged, how many people have',
  query: { after: cursor, limit },
  answer: readingCounts,
});

const people = z
  .array(z.string().regex(/^[A-Z]{3}-\d{4,9}$/, { error: 'expected a person such as PSN-0001' }))
  .min(1)
  .max(10_000);

export const makeLinks = defineAction({
  id: `${document.name}.links.make`,
  method: 'POST',
  path: `${document.name}/:ref/links`,
  tag: DOCUMENTS,
  summary:
    'Make personal links to acknowledge the edition in force, for people without an account; answered once',
  writes: 'showsOnce',
  body: z.strictObject({
    people: maybe(people),
    days: maybe(z.number().int().min(1).max(MOST_LINK_DAYS)),
  }),
  query: { format: oneOf('json, or csv: name, e-mail, link', ['json', 'csv'], 'first') },
  answer: madeLinks,
});

export const withdrawLinks = defineAction({
  id: `${document.name}.links.withdraw`,
  method: 'POST',
  path: `${document.name}/:ref/links/withdraw`,
  tag: DOCUMENTS,
  summary: 'Withdraw links that were not used yet',
  writes: true,
  body: z.strictObject({ people: maybe(people), reason: maybe(z.string().max(5000)) }),
  answer: linksWithdrawn,
});

const token = z.strictObject({ token: z.string().max(200) });

export const readLink = defineAction({
  id: 'acknowledgement.read',
  method: 'POST',
  path: 'acknowledgement/read',
  tag: DOCUMENTS,
  access: 'public',
  summary: 'What a personal link is for: the text to acknowledge',
  body: token,
  answer: openLink,
});

export const useLink = defineAction({
  id: 'acknowledgement.give',
  method: 'POST',
  path: 'acknowledgement',
  tag: DOCUMENTS,
  access: 'public',
  summary: 'Acknowledge with a personal link, once',
  writes: true,
  body: token,
  answer: acknowledgedByLink,
});
