import { Readable } from 'node:stream';
import * as z from 'zod';
import { readDashboard, readDashboardThen } from '../app/dashboard.ts';
import { addEvidence, evidenceFile, inspectUpload } from '../app/evidence.ts';
import { checkFiles } from '../app/evidence-files.ts';
import { decideGate, previewGate, readAttestation } from '../app/gate.ts';
import { readLog } from '../app/log.ts';
import { findOrganisation } from '../app/organisations.ts';
import { createApiKey, invite } from '../app/people.ts';
import { Failure } from '../base/failure.ts';
import { registers } from '../registers/index.ts';
import { checked } from './body.ts';
import { AS_OF, AS_OF_COMPUTED, asOfOf, eitherWay, wholeNumber } from './listing.ts';
import { metaOperation } from './meta.ts';
import { type Call, type Operation, single } from './operation.ts';
import { ifMatch } from './records.ts';

const BASE = '/api/v1/:org';
const inviteBody = z.strictObject({ values: z.unknown().optional(), reason: z.string().max(5000).nullish() });

async function organisationOf(c: Call) {
  return (await findOrganisation(c.app, c.params.org!))!;
}

const day = (c: Call, name: string): string | undefined => {
  const v = single(c.query, name);
  if (v === undefined || v === '') return undefined;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(v) || Number.isNaN(Date.parse(v)))
    throw new Failure('BAD_INPUT', `${name}: expected a day such as 2027-03-31.`, [
      { path: `/${name}`, message: 'expected a day' },
    ]);
  return v;
};

/** The body as it arrives. */
function streamOf(c: Call): Readable {
  if (c.body instanceof Readable) return c.body;
  throw new Failure('INVALID', 'The body: expected the bytes of a file.', [
    { path: '/', message: 'expected bytes' },
  ]);
}

const words = (c: Call, name: string, max: number): string | undefined => {
  const v = single(c.query, name);
  if (v !== undefined && (v.length > max || v.includes('\u0000')))
    throw new Failure('BAD_INPUT', `${name}: at most ${max} characters.`, [
      { path: `/${name}`, message: 'is too long' },
    ]);
  return v || undefined;
};

/** Operations beyond what every register has: evidence, gate, log, people, and what the UI needs to know. */
export function actionOperations(version: string): Operation[] {
  const common = { access: 'member' as const, mutates: false };
  return [
    metaOperation(version),
    {
      ...common,
      id: 'dashboard',
      method: 'GET',
      path: `${BASE}/dashboard`,
      tag: 'Organisation',
      summary: 'Counts by step, and the newest releases with their last verdict',
      query: { asOf: AS_OF },
      handler: (c) => {
        const asOf = asOfOf(c);
        return asOf === undefined ? readDashboard(c.app, c.ask) : readDashboardThen(c.app, c.ask, asOf);
      },
    },
    {
      ...common,
      id: 'log',
      method: 'GET',
      path: `${BASE}/log`,
      tag: 'Ledger',
      summary: 'Head of the log and its newest entries',
      query: {
        before: 'only entries below this index',
        limit: '1 to 200; 50 unless told',
        number: 'which log, when there is more than one; the open one unless told',
      },
      handler: async (c) =>
        readLog(
          c.app,
          await organisationOf(c),
          wholeNumber(single(c.query, 'before') ?? '2147483647', 'before', 0, 2 ** 31 - 1),
          wholeNumber(single(c.query, 'limit') ?? '50', 'limit', 1, 200),
          single(c.query, 'number')
            ? wholeNumber(single(c.query, 'number')!, 'number', 1, 999_999)
            : undefined,
        ),
    },
    {
      ...common,
      id: `${registers.evidence.name}.inspect`,
      method: 'POST',
      path: `${BASE}/${registers.evidence.name}/inspect`,
      tag: 'Evidence',
      summary: 'Read a result file and say what was understood; nothing is stored',
      body: 'bytes',
      query: { fileName: 'name of the file' },
      handler: (c) => inspectUpload(c.app, c.ask, streamOf(c), words(c, 'fileName', 300) ?? ''),
    },
    {
      ...common,
      id: `${registers.evidence.name}.add`,
      method: 'POST',
      path: `${BASE}/${registers.evidence.name}/add`,
      tag: 'Evidence',
      summary: 'Hand in a result file: evidence and recounted test run',
      mutates: true,
      status: 201,
      body: 'bytes',
      query: {
        release: 'the release it was run on',
        fileName: 'name of the file',
        title: 'title; from the file unless told',
        claim: 'what it shows',
        coversFrom: 'first day it covers',
        coversTo: 'last day it covers',
      },
      handler: async (c) => {
        const added = await addEvidence(c.app, c.ask, streamOf(c), {
          fileName: words(c, 'fileName', 300) ?? 'unnamed',
          release: words(c, 'release', 40),
          title: words(c, 'title', 200),
          claim: words(c, 'claim', 1000),
          coversFrom: day(c, 'coversFrom'),
          coversTo: day(c, 'coversTo'),
        });
        c.reply
          .code(201)
          .header('location', `/api/v1/${c.params.org}/${registers.evidence.name}/${added.evidence.ref}`);
        return added;
      },
    },
    {
      ...common,
      id: `${registers.evidence.name}.files`,
      method: 'GET',
      path: `${BASE}/${registers.evidence.name}/files`,
      tag: 'Evidence',
      summary: 'Compare stored files with the digests on record; those that are gone or altered are named',
      query: { after: '`next` of the page before' },
      handler: (c) =>
        checkFiles(c.app, c.ask, wholeNumber(single(c.query, 'after') ?? '0', 'after', 0, 2 ** 31 - 1)),
    },
    {
      ...common,
      id: `${registers.evidence.name}.file`,
      method: 'GET',
      path: `${BASE}/${registers.evidence.name}/:ref/file`,
      tag: 'Evidence',
      summary: 'The stored file, byte for byte',
      handler: async (c) => {
        const file = await evidenceFile(c.app, c.ask, c.params.ref!);
        // Always a download of opaque bytes: a stored file must never run as a page of ours.
        c.reply
          .header('content-type', 'application/octet-stream')
          .header('content-length', file.bytes)
          .header('repr-digest', `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`)
          .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`);
        return file.stream;
      },
    },
    {
      ...common,
      id: `${registers.release.name}.gate.preview`,
      method: 'GET',
      path: `${BASE}/${registers.release.name}/:ref/gate`,
      tag: 'Release gate',
      summary: 'What the gate would say now, or would have said then; nothing is recorded',
      query: { asOf: AS_OF_COMPUTED },
      handler: (c) => eitherWay(c, (app) => previewGate(app, c.ask, c.params.ref!)),
    },
    {
      ...common,
      id: `${registers.release.name}.gate`,
      method: 'POST',
      path: `${BASE}/${registers.release.name}/:ref/gate`,
      tag: 'Release gate',
      summary: 'Decide on a release, and record the signed decision, refusals too',
      mutates: true,
      body: 'none',
      handler: async (c) => decideGate(c.app, c.ask, await organisationOf(c), c.params.ref!),
    },
    {
      ...common,
      id: `${registers.gateDecision.name}.attestation`,
      method: 'GET',
      path: `${BASE}/${registers.gateDecision.name}/:ref/attestation`,
      tag: 'Release gate',
      summary: 'The signed statement (DSSE with in-toto and SLSA VSA)',
      handler: (c) => readAttestation(c.app, c.ask, c.params.ref!),
    },
    {
      ...common,
      id: `${registers.person.name}.invite`,
      method: 'POST',
      path: `${BASE}/${registers.person.name}/:ref/invite`,
      tag: 'People',
      summary: 'Invite a person; answers the link once',
      mutates: true,
      input: inviteBody,
      handler: async (c) => {
        const body = checked(inviteBody, c.body);
        const done = await invite(c.app, c.ask, c.params.ref!, {
          values: body.values ?? undefined,
          reason: body.reason ?? undefined,
          expect: ifMatch(c),
        });
        return { ...done.record, invitation: { link: done.link } };
      },
    },
    {
      ...common,
      id: `${registers.apiKey.name}.create`,
      method: 'POST',
      path: `${BASE}/${registers.apiKey.name}`,
      tag: 'People',
      summary: 'Make an API key; answers its secret once',
      mutates: true,
      status: 201,
      handler: async (c) => {
        const done = await createApiKey(c.app, c.ask, c.body);
        c.reply
          .code(201)
          .header('location', `/api/v1/${c.params.org}/${registers.apiKey.name}/${done.record.ref}`)
          .header('etag', `"${done.record.version}"`);
        return { ...done.record, secret: done.secret };
      },
    },
  ];
}
