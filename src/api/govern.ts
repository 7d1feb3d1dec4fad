import * as z from 'zod';
import { acknowledge } from '../app/acknowledge.ts';
import { acknowledgeFromFile } from '../app/acknowledge-file.ts';
import {
  acknowledgeByLink,
  LINK_DAYS,
  MOST_LINK_DAYS,
  makeLinks,
  openLink,
  withdrawLinks,
} from '../app/acknowledge-links.ts';
import { csvText } from '../app/csvTable.ts';
import { acknowledgements, readEditions, readingCounts } from '../app/editions.ts';
import { findOrganisation } from '../app/organisations.ts';
import { raciCsv, raciMatrix } from '../app/raci.ts';
import { Rate, tooMany } from '../app/rate.ts';
import { addReadings, listReadings, takesReadings } from '../app/readings.ts';
import { startRecord, startsOf } from '../app/start-record.ts';
import { Failure } from '../base/failure.ts';
import { inSentence } from '../register/describe.ts';
import type { Register, Registry } from '../register/register.ts';
import { registers } from '../registers/index.ts';
import { checked } from './body.ts';
import { addressOf } from './front.ts';
import { bodyBytes } from './import.ts';
import { wholeNumber } from './listing.ts';
import { type Call, flag, type Operation, single } from './operation.ts';

const BASE = '/api/v1/:org';
const REF = /^[A-Z]{3}-\d{4,9}$/;

const startBody = z.strictObject({
  template: z.string().min(1).max(80),
  title: z.string().min(1).max(200).nullish(),
  owner: z
    .string()
    .regex(/^PSN-\d{4,9}$/, { error: 'expected a person such as PSN-0001' })
    .nullish(),
});
const people = z
  .array(z.string().regex(REF, { error: 'expected a person such as PSN-0001' }))
  .min(1)
  .max(10_000);
const linksBody = z.strictObject({
  people: people.nullish(),
  days: z.number().int().min(1).max(MOST_LINK_DAYS).nullish(),
});
const withdrawBody = z.strictObject({ people: people.nullish(), reason: z.string().max(5000).nullish() });
const tokenBody = z.strictObject({ token: z.string().max(200) });
const acknowledgeBody = z.strictObject({
  reason: z.string().max(5000).nullish(),
  values: z.undefined({ error: 'a decision takes no values' }).optional(),
  until: z.undefined({ error: 'an acknowledgement has no end' }).optional(),
});

/** Misses of one address within ten minutes before nothing more is looked up for it. */
const MISSES = 20;

/** The format of a file: as the query says, else by the content type. */
function formatOf(c: Call): 'csv' | 'json' {
  const told =
    single(c.query, 'format') || (/json/.test(c.request.headers['content-type'] ?? '') ? 'json' : 'csv');
  if (told === 'csv' || told === 'json') return told;
  throw new Failure('BAD_INPUT', `format: expected csv or json, got ${JSON.stringify(told.slice(0, 20))}.`, [
    { path: '/format', message: 'expected csv or json' },
  ]);
}

const limitOf = (c: Call) => wholeNumber(single(c.query, 'limit') || '50', 'limit', 1, 200);

function yesOrNo(c: Call, name: string): boolean | undefined {
  const v = single(c.query, name);
  if (v === undefined || v === '') return undefined;
  if (v === 'yes' || v === 'no') return v === 'yes';
  throw new Failure('BAD_INPUT', `${name}: expected yes or no.`, [
    { path: `/${name}`, message: 'expected yes or no' },
  ]);
}

function asFile(c: Call, text: string, name: string): string {
  c.reply
    .header('content-type', 'text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}.csv"`);
  return text;
}

/** Documents in their editions, who has read them, readings of objectives and monitors, the RACI matrix. */
export function governOperations(registry: Registry): Operation[] {
  return [
    ...registry.all.filter((r) => r.starts.length > 0).flatMap(startOperations),
    ...registry.all.filter(takesReadings).flatMap(readingOperations),
    ...editionOperations(),
    ...linkOperations(),
    {
      id: `${registers.responsibility.name}.matrix`,
      method: 'GET',
      path: `${BASE}/raci`,
      tag: 'Responsibilities (RACI)',
      summary: 'The RACI matrix of an AI system, or of the whole organisation, with gaps and conflicts',
      access: 'member',
      mutates: false,
      query: { system: 'number of an AI system; the whole organisation unless given', format: 'csv or json' },
      handler: async (c) => {
        const system = single(c.query, 'system') || undefined;
        const matrix = await raciMatrix(c.app, c.ask, system);
        const format = single(c.query, 'format') || 'json';
        if (format === 'json') return matrix;
        if (format === 'csv')
          return asFile(c, raciCsv(matrix), `raci-${matrix.system?.ref ?? 'organisation'}`);
        return formatOf(c);
      },
    },
  ];
}

const startOperations = (r: Register): Operation[] => [
  {
    id: `${r.name}.templates`,
    method: 'GET',
    path: `${BASE}/${r.name}/templates`,
    tag: r.label.many,
    summary: `What one ${inSentence(r.label.one)} can be started from`,
    access: 'member',
    mutates: false,
    handler: async () => ({ items: startsOf(r) }),
  },
  {
    id: `${r.name}.start`,
    method: 'POST',
    path: `${BASE}/${r.name}/start`,
    tag: r.label.many,
    summary: `Start one ${inSentence(r.label.one)} from a template`,
    access: 'member',
    mutates: true,
    status: 201,
    input: startBody,
    answer: 'Record',
    handler: async (c) => {
      const { template, title, owner } = checked(startBody, c.body);
      const done = await startRecord(c.app, c.ask, r, {
        template,
        ...(title ? { title } : {}),
        ...(owner ? { owner } : {}),
      });
      c.reply
        .code(done.replayed ? 200 : 201)
        .header('location', `/api/v1/${c.params.org}/${r.name}/${done.record.ref}`)
        .header('etag', `"${done.record.version}"`);
      return done.record;
    },
  },
];

const readingOperations = (r: Register): Operation[] => [
  {
    id: `${r.name}.readings.add`,
    method: 'POST',
    path: `${BASE}/${r.name}/:ref/readings`,
    tag: r.label.many,
    summary: `Hand in readings of one ${inSentence(r.label.one)}, all or none: from, to, value, note`,
    access: 'member',
    mutates: true,
    body: 'file',
    answer: 'Record',
    query: { format: 'csv or json (a list); from the content type unless told' },
    handler: async (c) => {
      const done = await addReadings(c.app, c.ask, r, c.params.ref!, bodyBytes(c), formatOf(c));
      c.reply.header('etag', `"${done.record.version}"`);
      if (done.replayed) c.reply.header('idempotent-replay', 'true');
      return done.record;
    },
  },
  {
    id: `${r.name}.readings.list`,
    method: 'GET',
    path: `${BASE}/${r.name}/:ref/readings`,
    tag: r.label.many,
    summary: `Every batch of readings of one ${inSentence(r.label.one)}, the newest recorded first`,
    access: 'member',
    mutates: false,
    query: { after: 'version of the last batch seen', limit: '1 to 200; 50 unless told' },
    handler: (c) =>
      listReadings(
        c.app,
        c.ask,
        r,
        c.params.ref!,
        wholeNumber(single(c.query, 'after') || '2147483647', 'after', 1, 2 ** 31 - 1),
        limitOf(c),
      ),
  },
];

function editionOperations(): Operation[] {
  const common = { tag: 'Policies and documents', access: 'member' as const };
  const at = `${BASE}/${registers.document.name}/:ref`;
  return [
    {
      ...common,
      id: `${registers.document.name}.editions`,
      method: 'GET',
      path: `${at}/editions`,
      summary: 'The edition in force, what differs now, and every publication',
      mutates: false,
      handler: (c) => readEditions(c.app, c.ask, c.params.ref!),
    },
    {
      ...common,
      id: `${registers.document.name}.acknowledge`,
      method: 'POST',
      path: `${at}/acknowledge`,
      summary: 'Acknowledge the edition in force',
      mutates: true,
      input: acknowledgeBody,
      handler: async (c) => {
        const { reason } = checked(acknowledgeBody, c.body);
        const done = await acknowledge(c.app, c.ask, c.params.ref!, reason ?? undefined);
        if (done.replayed) c.reply.header('idempotent-replay', 'true');
        return { ...done.record, decision: done.decision };
      },
    },
    {
      ...common,
      id: `${registers.document.name}.acknowledgements`,
      method: 'GET',
      path: `${at}/acknowledgements`,
      summary: 'Who has and who has not acknowledged the edition in force',
      mutates: false,
      query: {
        acknowledged: 'yes or no: only those who have, or have not',
        after: 'cursor of the page before (its `next`)',
        limit: '1 to 200; 50 unless told',
      },
      handler: (c) =>
        acknowledgements(c.app, c.ask, c.params.ref!, {
          acknowledged: yesOrNo(c, 'acknowledged'),
          after: single(c.query, 'after'),
          limit: limitOf(c),
        }),
    },
    {
      ...common,
      id: `${registers.document.name}.acknowledgements.import`,
      method: 'POST',
      path: `${at}/acknowledgements/import`,
      summary: 'Take over acknowledgements from a CSV (person, date, edition), all or none',
      mutates: true,
      body: 'file',
      query: { dryRun: '`true` only checks' },
      handler: (c) => acknowledgeFromFile(c.app, c.ask, c.params.ref!, bodyBytes(c), flag(c.query, 'dryRun')),
    },
    {
      ...common,
      id: `${registers.document.name}.readingCounts`,
      method: 'GET',
      path: `${BASE}/awareness`,
      summary: 'Of every document to be acknowledged, how many people have',
      mutates: false,
      query: { after: 'cursor of the page before (its `next`)', limit: '1 to 200; 50 unless told' },
      handler: (c) => readingCounts(c.app, c.ask, { after: single(c.query, 'after'), limit: limitOf(c) }),
    },
  ];
}

function linkOperations(): Operation[] {
  const tag = 'Policies and documents';
  const at = `${BASE}/${registers.document.name}/:ref/links`;
  let misses: Rate | undefined;
  /** Misses count, and after many an address is told no more; a right link opens all the same, whoever guessed beside it. */
  const guarded = async <T>(c: Call, look: () => Promise<T>): Promise<T> => {
    misses ??= new Rate(c.app.clock, MISSES, 600_000);
    const address = addressOf(c.request);
    try {
      return await look();
    } catch (error) {
      if (error instanceof Failure && error.code === 'NOT_FOUND') {
        if (misses.full(address)) throw tooMany();
        misses.count(address);
      }
      throw error;
    }
  };
  return [
    {
      id: `${registers.document.name}.links.make`,
      method: 'POST',
      path: at,
      tag,
      summary:
        'Make personal links to acknowledge the edition in force, for people without an account; answered once',
      access: 'member',
      mutates: true,
      input: linksBody,
      query: { format: 'json, or csv: name, e-mail, link' },
      handler: async (c) => {
        const { people: named, days } = checked(linksBody, c.body);
        const organisation = (await findOrganisation(c.app, c.params.org!))!;
        const format = single(c.query, 'format') || 'json';
        if (format !== 'json' && format !== 'csv') return formatOf(c);
        const made = await makeLinks(c.app, c.ask, organisation, c.params.ref!, {
          ...(named ? { people: named } : {}),
          days: days ?? LINK_DAYS,
        });
        if (format === 'json') return made;
        const lines = made.items.map((i) => [i.name, i.email, i.link]);
        return asFile(c, csvText([['name', 'email', 'link'], ...lines]), `links-${c.params.ref}`);
      },
    },
    {
      id: `${registers.document.name}.links.withdraw`,
      method: 'POST',
      path: `${at}/withdraw`,
      tag,
      summary: 'Withdraw links that were not used yet',
      access: 'member',
      mutates: true,
      input: withdrawBody,
      handler: async (c) => {
        const { people: named, reason } = checked(withdrawBody, c.body);
        return withdrawLinks(c.app, c.ask, c.params.ref!, {
          ...(named ? { people: named } : {}),
          ...(reason ? { reason } : {}),
        });
      },
    },
    {
      id: 'acknowledgement.read',
      method: 'POST',
      path: `${BASE}/acknowledgement/read`,
      tag,
      summary: 'What a personal link is for: the text to acknowledge',
      access: 'public',
      mutates: false,
      input: tokenBody,
      handler: async (c) => {
        const { token } = checked(tokenBody, c.body);
        return guarded(c, async () => openLink(c.app, await findOrganisation(c.app, c.params.org!), token));
      },
    },
    {
      id: 'acknowledgement.give',
      method: 'POST',
      path: `${BASE}/acknowledgement`,
      tag,
      summary: 'Acknowledge with a personal link, once',
      access: 'public',
      mutates: true,
      input: tokenBody,
      handler: async (c) => {
        const { token } = checked(tokenBody, c.body);
        return guarded(c, async () =>
          acknowledgeByLink(c.app, await findOrganisation(c.app, c.params.org!), token),
        );
      },
    },
  ];
}
