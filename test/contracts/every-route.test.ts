import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation } from '../../src/api/operation.ts';
import { engineActor } from '../../src/app/people/people.ts';
import { cosignerFromKey } from '../../src/ledger/index.ts';
import { asList, type Register } from '../../src/register/register.ts';
import { admittedAs } from '../../src/register/who.ts';
import {
  standing as arrangedIn,
  dayFrom,
  sampleEdit,
  sampleInput,
  stored,
  targetOf,
} from '../support/arrange.ts';
import { allowed, type Crew, crewOf, criteriaInForce as criteriaFor } from '../support/gated.ts';
import {
  type Answer,
  PASSWORD,
  ROOT,
  type TestInstance,
  testInstance,
  type Visitor,
} from '../support/instance.ts';
import { found, wanted } from '../support/wanted.ts';

let t: TestInstance;
let ada: Visitor;
let eve: Visitor;
let ciKey: Visitor;
let readerKey: Visitor;
let operations: Operation[] = [];
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  eve = await t.person('Eve', ['topManagement', 'aimsManager'], await t.newOrganisation('other'));
  ciKey = await t.key('ci', ada);
  readerKey = await t.key('reader', ada);
  // What works by itself would be taken for what a request left behind.
  await t.concerns.stop();
  await t.emergencies.stop();
  operations = t.server.operations;
});
afterAll(() => t.close());

/** A request that its operation can carry out. */
interface Request {
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

let seed = 0;
let evidenceFile = 0;
const FILE = JSON.parse(readFileSync(join(ROOT, 'demo/evidence/eval-basic-2.3.1.json'), 'utf8')) as Record<
  string,
  unknown
>;

/** The same run under another id, so that it counts as another one. */
function resultFile(): string {
  evidenceFile += 1;
  return JSON.stringify({ ...FILE, evalId: `eval-test-${evidenceFile}` });
}

/** Arranges records so that the operation has something to do, and gives the request for it. */
async function arranged(op: Operation): Promise<Request> {
  seed += 1;
  const r = op.register;
  const special = SPECIAL[op.id];
  if (special) return special();
  if (!r) return { path: op.path.replace(':org', 'acme') };
  const base = `/api/v1/acme/${r.name}`;
  const verb = op.id.slice(r.name.length + 1);
  if (verb === 'create') return { path: base, body: await sampleInput(t, r, seed) };
  if (verb === 'import')
    return { path: `${base}/import?format=json`, body: JSON.stringify([await sampleInput(t, r, seed)]) };
  if (op.path.endsWith('/import/inspect'))
    return {
      path: `${base}/import/inspect?format=json`,
      body: JSON.stringify([await sampleInput(t, r, seed)]),
    };
  if (['list', 'export', 'template', 'templateXlsx'].includes(verb))
    return { path: op.path.replace(':org', 'acme') };
  if (verb === 'edit' && r.permissions.edit.join() === 'author') {
    const own = await ada.ask('POST', base, await sampleInput(t, r, seed));
    expect(own.status, own.text).toBe(201);
    return { path: `${base}/${own.body.ref}`, body: sampleEdit(t, r, seed + 1000) };
  }
  const move = r.transitions[verb];
  const more = { ...MORE[op.id], ...(await wanted(t, op.id)), ...(await OTHERS[op.id]?.()) };
  const from = move ? asList(move.from)[0]! : r.states[0]!;
  const ref =
    op.mutates || Object.keys(more).length > 0 ? await standing(r, from, more) : await lasting(r, from);
  if (verb === 'edit') return { path: `${base}/${ref}`, body: sampleEdit(t, r, seed + 1000) };
  const path = op.path.replace(':org', 'acme').replace(':ref', ref);
  if (!move) return { path };
  return {
    path,
    body: {
      ...(move.reason ? { reason: 'because' } : {}),
      ...(move.until ? { until: dayFrom(t, 30) } : {}),
      ...(move.signed ? { password: PASSWORD } : {}),
      ...found(move),
    },
  };
}

let crew: Promise<Crew> | undefined;

/** A release that the gate lets through, of a system of Ada's: it is asked again when the release is shipped. */
async function letThrough(): Promise<string> {
  crew ??= crewOf(t).then(async (c) => {
    const mine = { ...c, owner: ada };
    await criteriaFor(t, mine);
    return mine;
  });
  return (await allowed(t, await crew)).release;
}

/** What a rule beyond the declaration wants of the record. */
const MORE: Readonly<Record<string, Record<string, unknown>>> = {
  'aiSystem.include': { inScope: 'in' },
  'aiSystem.exclude': { inScope: 'out' },
  'release.submit': { kind: 'release' },
  'release.submitUse': { kind: 'useClearance' },
  'change.submit': { kind: 'release' },
  'change.approveEmergency': { kind: 'emergency' },
  'change.review': { kind: 'emergency' },
  'change.revise': { kind: 'release' },
  'change.close': { kind: 'release' },
  'incident.close': { reportable: false },
};

/** People who must not be Ada, whom the samples name everywhere. */
const OTHERS: Readonly<Record<string, () => Promise<Record<string, unknown>>>> = {
  'action.agree': async () => ({ verifier: await targetOf(t, 'person') }),
  'action.finish': async () => ({ verifier: await targetOf(t, 'person') }),
  'action.confirm': async () => ({ owner: await targetOf(t, 'person') }),
};

const SPECIAL: Readonly<Record<string, () => Promise<Request>>> = {
  'release.ship': async () => ({ path: `/api/v1/acme/release/${await letThrough()}/ship`, body: {} }),
  'setup.read': async () => ({ path: '/api/v1/setup' }),
  'setup.create': async () => ({ path: '/api/v1/setup', body: {} }),
  'session.create': async () => ({
    path: '/api/v1/sign-in',
    body: { email: 'ada@acme.example', password: PASSWORD },
  }),
  'invitation.read': async () => ({ path: `/api/v1/invitations/${await invited()}` }),
  'invitation.accept': async () => ({
    path: '/api/v1/invitations/accept',
    body: { token: await invited(), password: PASSWORD },
  }),
  me: async () => ({ path: '/api/v1/me' }),
  search: async () => ({ path: '/api/v1/acme/search?q=a' }),
  'evidence.inspect': async () => ({
    path: '/api/v1/acme/evidence/inspect?fileName=x.json',
    body: resultFile(),
  }),
  'evidence.add': async () => ({
    path: `/api/v1/acme/evidence/add?fileName=x.json&release=${await targetOf(t, 'release')}`,
    body: resultFile(),
  }),
  'evidence.refer': async () => ({
    path: `/api/v1/acme/evidence/refer?reference=TICKET-${++evidenceFile}&for=${await targetOf(t, 'control')}`,
  }),
  'evidence.file': async () => {
    const added = await ada.ask('POST', 'evidence/add?fileName=y.json', resultFile());
    return { path: `/api/v1/acme/evidence/${added.body.evidence.ref}/file` };
  },
  'evidence.preview': async () => {
    const added = await ada.ask('POST', 'evidence/add?fileName=z.json', resultFile());
    return { path: `/api/v1/acme/evidence/${added.body.evidence.ref}/preview` };
  },
  'release.gate.preview': async () => ({
    path: `/api/v1/acme/release/${await standing(reg('release'), 'submitted')}/gate`,
  }),
  'release.gate': async () => ({
    path: `/api/v1/acme/release/${await standing(reg('release'), 'submitted')}/gate`,
  }),
  'gateDecision.attestation': async () => {
    const made = await ada.ask('POST', `release/${await standing(reg('release'), 'submitted')}/gate`);
    return { path: `/api/v1/acme/gateDecision/${made.body.decision.ref}/attestation` };
  },
  'erasure.preview': async () => ({
    path: '/api/v1/acme/erasure/preview',
    body: { kind: 'person', ref: await standing(reg('person'), 'listed') },
  }),
  'erasure.run': async () => ({
    path: '/api/v1/acme/erasure',
    body: {
      kind: 'person',
      ref: await standing(reg('person'), 'listed'),
      basis: 'gdpr.17.1.a',
      reason: 'because',
      password: PASSWORD,
    },
  }),
  'component.propose': async () => ({
    path: '/api/v1/acme/component/propose?fileName=card.md',
    body: '# Card\n',
  }),
  'component.adopt': async () => ({
    path: '/api/v1/acme/component/adopt',
    body: {
      system: await standing(reg('aiSystem'), 'proposed'),
      components: [
        { key: 'a', values: { name: `Model ${seed}`, kind: 'model' }, derivedFrom: ['b'] },
        { key: 'b', values: { name: `Data ${seed}`, kind: 'dataset' } },
      ],
    },
  }),
  'component.lineage': async () => ({
    path: `/api/v1/acme/component/${await standing(reg('component'), 'current')}/lineage`,
  }),
  'aiSystem.lineage': async () => ({
    path: `/api/v1/acme/aiSystem/${await standing(reg('aiSystem'), 'proposed')}/lineage`,
  }),
  ...Object.fromEntries(
    ['component', 'aiSystem', 'supplier'].map((name) => [
      `${name}.similar`,
      async () => ({ path: `/api/v1/acme/${name}/similar?name=x` }),
    ]),
  ),
  differences: async () => ({ path: '/api/v1/acme/differences?from=1' }),
  'document.start': async () => ({ path: '/api/v1/acme/document/start', body: { template: 'aiPolicy' } }),
  'document.editions': async () => ({ path: `/api/v1/acme/document/${await published()}/editions` }),
  'document.acknowledgements': async () => ({
    path: `/api/v1/acme/document/${await published()}/acknowledgements`,
  }),
  'document.acknowledgements.import': async () => ({
    path: `/api/v1/acme/document/${await published()}/acknowledgements/import`,
    body: `person,date\n${ada.ref},${dayFrom(t, 0)}\n`,
  }),
  'document.links.make': async () => {
    await standing(reg('person'), 'listed');
    return { path: `/api/v1/acme/document/${await published()}/links`, body: {} };
  },
  'document.links.withdraw': async () => {
    const { document } = await linked();
    return { path: `/api/v1/acme/document/${document}/links/withdraw`, body: {} };
  },
  'acknowledgement.read': async () => ({
    path: '/api/v1/acme/acknowledgement/read',
    body: { token: (await linked()).token },
  }),
  'acknowledgement.give': async () => ({
    path: '/api/v1/acme/acknowledgement',
    body: { token: (await linked()).token },
  }),
  'objective.readings.add': async () => ({
    path: `/api/v1/acme/objective/${await standing(reg('objective'), 'agreed')}/readings?format=csv`,
    body: `to,value\n${dayFrom(t, 0)},3\n`,
  }),
  'objective.reach': async () => {
    const ref = await standing(reg('objective'), 'agreed', { target: 10, direction: 'atMost' });
    const read = { to: dayFrom(t, 0), value: 3 };
    const type = { 'content-type': 'application/json' };
    await ada.ask('POST', `objective/${ref}/readings?format=json`, JSON.stringify([read]), type);
    return { path: `/api/v1/acme/objective/${ref}/reach`, body: { reason: 'r' } };
  },
  'control.implement': async () => {
    const ref = await standing(reg('control'), 'applicable');
    await ada.ask('POST', `evidence/refer?reference=TICKET-${++evidenceFile}&for=${ref}`);
    return { path: `/api/v1/acme/control/${ref}/implement`, body: {} };
  },
  'objective.readings.list': async () => ({
    path: `/api/v1/acme/objective/${await standing(reg('objective'), 'agreed')}/readings`,
  }),
  'monitor.readings.add': async () => ({
    path: `/api/v1/acme/monitor/${await standing(reg('monitor'), 'running')}/readings?format=csv`,
    body: `to,value\n${dayFrom(t, 0)},3\n`,
  }),
  'monitor.readings.list': async () => ({
    path: `/api/v1/acme/monitor/${await standing(reg('monitor'), 'running')}/readings`,
  }),
  'concerns.raise': async () => {
    await door(true);
    return { path: '/api/v1/acme/concerns', body: { title: 'x', content: 'y' } };
  },
  'concerns.follow': async () => ({ path: '/api/v1/acme/concerns/follow', body: { code: await code() } }),
  'concerns.message': async () => ({
    path: '/api/v1/acme/concerns/message',
    body: { code: await code(), text: 'x' },
  }),
  'concerns.door': async () => {
    const open = (await t.stranger.ask('GET', 'concerns/door')).body.open;
    return { path: '/api/v1/acme/concerns/door', body: { open: !open } };
  },
  'concern.code': async () => {
    const made = await ada.ask('POST', 'concern', { title: 'x', content: 'y' });
    return { path: `/api/v1/acme/concern/${made.body.ref}/code` };
  },
  'concern.reply': async () => ({
    path: `/api/v1/acme/concern/${await standing(reg('concern'), 'received')}/reply`,
    body: { text: 'x' },
  }),
  'log.visibility': async () => {
    const [row] = await t.app.db.asOwner({
      text: 'select log_public from organisation where id = $1',
      values: [t.organisation.id],
    });
    return { path: '/api/v1/acme/log/visibility', body: { public: !row!.log_public } };
  },
  'log.token': async () => ({ path: '/api/v1/acme/log/token', body: {} }),
  'log.rotateKey': async () => ({
    path: '/api/v1/acme/log/rotate-key',
    body: { overlapDays: 1, password: PASSWORD },
  }),
  'rows.mend': async () => {
    const ref = await standing(reg('risk'), 'open');
    await t.app.db.asOwner({ text: `update record set owner = 'PER-0002' where ref = $1`, values: [ref] });
    return { path: '/api/v1/acme/rows/mend', body: { ref, keep: 'row', reason: 'x' } };
  },
  'log.new': async () => ({
    path: '/api/v1/acme/log/new',
    body: { because: 'compromised', password: PASSWORD },
  }),
  'log.stamps.set': async () => ({ path: '/api/v1/acme/log/stamps/service', body: stampService() }),
  'log.stamps.off': async () => {
    await ada.ask('POST', 'log/stamps/service', stampService());
    return { path: '/api/v1/acme/log/stamps/service/off', body: {} };
  },
  'log.stamps.one': async () => ({ path: `/api/v1/acme/log/stamps/${await stampedSize()}` }),
  'log.stamps.token': async () => ({ path: `/api/v1/acme/log/stamps/${await stampedSize()}/token` }),
  'log.witnesses.add': async () => ({ path: '/api/v1/acme/log/witnesses', body: newWitness() }),
  'log.witnesses.remove': async () => {
    const { vkey, url } = newWitness();
    await ada.ask('POST', 'log/witnesses', { vkey, url });
    return { path: '/api/v1/acme/log/witnesses/remove', body: { vkey } };
  },
  'risk.assess': async () => ({
    path: `/api/v1/acme/risk/${await standing(reg('risk'), 'open', { criteria: [await criteriaInForce()] })}/assess`,
    body: {},
  }),
  'risk.standing': async () => ({
    path: `/api/v1/acme/risk/${await standing(reg('risk'), 'open')}/standing`,
  }),
  'risk.quantification': async () => ({
    path: `/api/v1/acme/risk/${await standing(reg('risk'), 'open')}/quantification`,
  }),
  'impactAssessment.triggers': async () => ({
    path: `/api/v1/acme/impactAssessment/${await standing(reg('impactAssessment'), 'approved')}/triggers`,
  }),
  'control.propose': async () => {
    // The lines that an earlier walk proposed are gone for the next: their codes are taken by others.
    await t.app.db.asOwner({
      text: `update record set unique_key = null where organisation = $1 and register = 'control'`,
      values: [t.organisation.id],
    });
    return { path: '/api/v1/acme/control/propose', body: {} };
  },
  'aiSystem.hazards.propose': async () => ({
    path: `/api/v1/acme/aiSystem/${await standing(reg('aiSystem'), 'proposed')}/hazards`,
  }),
  'aiSystem.hazards.take': async () => ({
    path: `/api/v1/acme/aiSystem/${await standing(reg('aiSystem'), 'proposed')}/hazards`,
    body: { hazards: [{ code: `HZ-${String(1 + (seed % 70)).padStart(3, '0')}`, severity: 'high' }] },
  }),
  'person.owned': async () => ({
    path: `/api/v1/acme/person/${await standing(reg('person'), 'listed')}/owned`,
  }),
  'person.reassign': async () => {
    const [from, successor] = [
      await standing(reg('person'), 'listed'),
      await standing(reg('person'), 'listed'),
    ];
    await standing(reg('risk'), 'open', { owner: from });
    return { path: `/api/v1/acme/person/${from}/reassign`, body: { successor } };
  },
  bulk: async () => {
    const refs = [await standing(reg('risk'), 'open'), await standing(reg('risk'), 'open')];
    return { path: '/api/v1/acme/risk/bulk', body: { refs, values: { title: 'The same' } } };
  },
  comments: async () => ({ path: `/api/v1/acme/aiSystem/${await targetOf(t, 'aiSystem')}/comments` }),
  sinceApproval: async () => ({
    path: `/api/v1/acme/aiSystem/${await targetOf(t, 'aiSystem')}/since-approval`,
  }),
  'filters.save': async () => ({ path: '/api/v1/acme/saved-filters', body: savedFilter() }),
  'filters.remove': async () => {
    const saved = await ada.ask('POST', 'saved-filters', savedFilter());
    return { path: `/api/v1/acme/saved-filters/${saved.body.id}/remove` };
  },
  'audit.independence': async () => ({
    path: `/api/v1/acme/audit/${await standing(reg('audit'), 'planned')}/independence`,
  }),
  'auditFinding.nonconformity': async () => ({
    path: `/api/v1/acme/auditFinding/${await standing(reg('auditFinding'), 'raised', { grade: 'minor' })}/nonconformity`,
    body: {},
  }),
  'managementReview.inputs': async () => ({
    path: `/api/v1/acme/managementReview/${await standing(reg('managementReview'), 'planned')}/inputs`,
  }),
  'aiSystem.requirements': async () => ({
    path: `/api/v1/acme/aiSystem/${await standing(reg('aiSystem'), 'inScope')}/requirements`,
  }),
  'presets.take': async () => ({ path: '/api/v1/acme/presets/small/take', body: { appetite: 9 } }),
  'person.invite': async () => ({
    path: `/api/v1/acme/person/${await standing(reg('person'), 'listed')}/invite`,
    body: {},
  }),
};

/** A document in force that everyone is to acknowledge. */
const published = () => standing(reg('document'), 'published', { acknowledgedBy: 'everyone' });

/** A link to acknowledge a document, unused. */
async function linked(): Promise<{ document: string; token: string }> {
  await standing(reg('person'), 'listed');
  const document = await published();
  const made = await ada.ask('POST', `document/${document}/links`, {});
  return { document, token: made.body.items[0].link.split('token=')[1] };
}

async function door(open: boolean): Promise<void> {
  if ((await t.stranger.ask('GET', 'concerns/door')).body.open !== open)
    await ada.ask('POST', 'concerns/door', { open });
}

/** The code of a concern that waits. */
async function code(): Promise<string> {
  await door(true);
  return (await t.stranger.ask('POST', 'concerns', { title: 'x', content: 'y' })).body.code;
}
const savedFilter = () => ({ name: 'Open ones', register: 'risk', query: 'state=open&sort=-level' });

const reg = (name: string): Register => t.app.registry.get(name);

/** A witness that nobody can reach. */
const newWitness = () => ({
  vkey: cosignerFromKey('w.example', generateKeyPairSync('ed25519').privateKey).vkey,
  url: 'http://127.0.0.1:9',
});

/** An authority that nobody can reach, with a root that is valid today. */
const stampService = () => ({
  url: 'http://127.0.0.1:9/',
  chain: rootCertificates.find((pem) => Date.parse(new X509Certificate(pem).validTo) > Date.now()),
  every: 'day',
});

/** Size of a checkpoint that has a stamp; the stamp says nothing. */
async function stampedSize(): Promise<number> {
  const { size } = await t.app.sequencer.settle(t.organisation.id);
  await t.app.db.asOwner({
    text: `insert into stamp (organisation, log, size, queued_at, token, chain, stamped_at)
      select $1, number, $2, now(), '\\x3000', '', now() from log where organisation = $1 on conflict do nothing`,
    values: [t.organisation.id, size],
  });
  return size;
}

/** Criteria that no later ones have taken the place of. */
const criteriaInForce = (): Promise<string> =>
  standing(reg('criteria'), 'approved', { likelihoodScale: [], impactScale: [] });

async function invited(): Promise<string> {
  const ref = await standing(reg('person'), 'listed');
  const made = await ada.ask('POST', `person/${ref}/invite`, {});
  return new URL(made.body.invitation.link.replace('#/', '')).searchParams.get('token')!;
}

const kept = new Map<string, Promise<string>>();
/** A record that nothing changes: one for all that only read it. */
function lasting(r: Register, state: string): Promise<string> {
  const known = kept.get(r.name) ?? standing(r, state);
  kept.set(r.name, known);
  return known;
}

/** A record in this state, made by the engine: so nobody of the test is its author. */
async function standing(r: Register, state: string, more: Record<string, unknown> = {}): Promise<string> {
  seed += 1;
  return arrangedIn(t, r, state, seed, { more });
}

const keyFor = (op: Operation) => ({ 'idempotency-key': `every route ${op.id}` });
/** What is derived is one piece of code for all registers: of those, two are asked twice. */
const askedTwice = (op: Operation): boolean =>
  op.access === 'member' &&
  (!op.register || ['risk', 'document'].includes(op.register.name) || op.id in SPECIAL);
const sent: { op: Operation; keyed: Request; first: Answer; again: Answer }[] = [];

/** An answer without what tells that it is told again, and without the head of the log, which grows. */
function bare({ replayed: _, log, result, ...rest }: Record<string, unknown>) {
  const { size: __, root: ___, ...place } = Object(log);
  const { evaluatedAt: ____, ...judged } = Object(result);
  return { ...rest, place, judged };
}

const send = (who: Visitor, op: Operation, r: Request): Promise<Answer> =>
  who.ask(op.method, r.path, r.body, r.headers);

/** Operations whose answer was held against its schema, and those that answer a file. */
const held = { json: new Set<string>(), file: new Set<string>() };
const faults: string[] = [];

/** The answer has every member that its schema demands, and none that it does not name. */
function holds(op: Operation, a: Answer): void {
  if (typeof op.answer === 'string') {
    expect(String(a.headers['content-type']), op.id).toContain(op.answer);
    held.file.add(op.id);
    return;
  }
  for (const issue of op.answer.safeParse(a.body).error?.issues ?? [])
    faults.push(`${op.id} /${issue.path.join('/')}: ${issue.message}`);
  held.json.add(op.id);
}

test('there are operations of every kind to walk', () => {
  expect(operations.length).toBeGreaterThan(150);
  expect(operations.filter((o) => o.mutates).length).toBeGreaterThan(80);
  expect(
    operations
      .filter((o) => o.access === 'public')
      .map((o) => o.id)
      .sort(),
  ).toEqual([
    'acknowledgement.give',
    'acknowledgement.read',
    'concerns.follow',
    'concerns.message',
    'concerns.raise',
    'concerns.read',
    'invitation.accept',
    'invitation.read',
    'session.create',
    'session.end',
    'setup.create',
    'setup.read',
  ]);
  expect(new Set(operations.map((o) => `${o.method} ${o.path}`)).size).toBe(operations.length);
});

test('every operation that changes records leaves exactly one ledger entry for each version it makes', async () => {
  let walked = 0;
  for (const op of operations.filter((o) => o.mutates && o.id !== 'setup.create')) {
    const request = await arranged(op);
    const before = await stored(t);
    const twice = askedTwice(op);
    const keyed = twice ? { ...request, headers: { ...request.headers, ...keyFor(op) } } : request;
    // Two at once: a client that lost its connection does not know whether the first one still runs. Either may be it.
    const both = await Promise.all(
      (twice ? [1, 2] : [1]).map(() => send(op.access === 'public' ? t.stranger : ada, op, keyed)),
    );
    const isFirst = (one: Answer) => one.status < 300 && !one.headers['idempotent-replay'];
    const [a, b] = both.sort((x, y) => Number(isFirst(y)) - Number(isFirst(x)));
    expect(a!.status, `${op.id}: ${a!.text}`).toBe(op.status ?? 200);
    holds(op, a!);
    const after = await stored(t);
    expect(after.versions! - before.versions!, op.id).toBeGreaterThan(0);
    expect(after.leaves! - before.leaves!, op.id).toBe(after.versions! - before.versions!);
    expect(after.waiting, op.id).toBe(0);
    if (b) sent.push({ op, keyed, first: a!, again: b });
    walked += 1;
  }
  expect(walked).toBe(operations.filter((o) => o.mutates).length - 1);
  const [gaps] = await t.app.db.asOwner({
    text: `select count(*)::int as n from version v full join leaf l on l.organisation = v.organisation and l.record_id = v.record_id
      and l.version = v.version where (l.index is null or v.record_id is null) and coalesce(l.record_id, v.record_id) is not null`,
  });
  expect(gaps!.n).toBe(0);
}, 180_000);

test('a request that is sent again under its key is answered as the first time, and another under that key is refused', async () => {
  const before = await stored(t);
  for (const { op, keyed, first, again } of sent) {
    if (op.again) expect(bare(again.body), op.id).toEqual(bare(first.body));
    const later = await send(ada, op, keyed);
    for (const answer of [again, later]) {
      if (!op.again) expect([answer.status, answer.body.code], op.id).toEqual([409, 'ALREADY_EXISTS']);
      else {
        expect([answer.status, answer.headers['idempotent-replay']], `${op.id}: ${answer.text}`).toEqual([
          200,
          'true',
        ]);
      }
    }
    const other =
      op.body === 'bytes' || op.body === 'file'
        ? `${String(keyed.body)}\n`
        : { ...Object(keyed.body), reason: 'another' };
    const mismatch = await send(ada, op, { ...keyed, body: other });
    expect([mismatch.status, mismatch.body.code], `${op.id}: ${mismatch.text}`).toEqual([
      409,
      'IDEMPOTENCY_MISMATCH',
    ]);
  }
  expect(sent.length).toBeGreaterThan(40);
  const promise = operations.filter((o) => o.mutates && o.access === 'member');
  expect(promise.length).toBeGreaterThan(200);
  expect(
    promise
      .filter((o) => !o.again)
      .map((o) => o.id)
      .sort(),
  ).toEqual(['apiKey.create', 'document.links.make', 'log.token', 'person.invite']);
  expect(await stored(t)).toEqual(before);
});

test('an operation that does not change records leaves nothing behind', async () => {
  let walked = 0;
  for (const op of operations.filter((o) => !o.mutates && o.id !== 'session.end')) {
    const request = await arranged(op);
    const before = await stored(t);
    const a = await send(ada, op, request);
    expect(a.status, `${op.id}: ${a.text}`).toBe(200);
    holds(op, a);
    expect(await stored(t), op.id).toEqual(before);
    walked += 1;
  }
  expect(walked).toBeGreaterThan(80);
});

test('what was answered is what the answer says, of every operation but two', () => {
  expect(faults).toEqual([]);
  expect(held.json.size + held.file.size).toBe(operations.length - 2);
  expect([...held.file].filter((id) => !/\.template(Xlsx)?$/.test(id)).sort()).toEqual([
    'auditPack',
    'evidence.file',
    'evidence.preview',
    'log.stamps.token',
  ]);
});

test('the first run makes the organisation, its first person and one entry for them', async () => {
  const fresh = await testInstance();
  try {
    const body = {
      token: fresh.firstRunToken,
      name: 'Ada',
      email: 'ada@new.example',
      password: PASSWORD,
      organisation: 'New Ltd',
    };
    const wrong = await fresh.stranger.ask('POST', '/api/v1/setup', { ...body, token: 'x' });
    expect([wrong.status, wrong.body.code]).toEqual([403, 'NOT_ALLOWED']);
    const done = await fresh.stranger.ask('POST', '/api/v1/setup', body);
    expect(done.status, done.text).toBe(201);
    const [row] = await fresh.app.db.asOwner({ text: `select id from organisation where slug = 'new-ltd'` });
    const now = await stored(fresh, row!.id as number);
    expect([now.records, now.versions, now.leaves]).toEqual([1, 1, 1]);
    const again = await fresh.stranger.ask('POST', '/api/v1/setup', { ...body, email: 'eve@new.example' });
    expect([again.status, again.body.code]).toEqual([409, 'ALREADY_EXISTS']);
  } finally {
    await fresh.close();
  }
});

describe('doors', () => {
  let made: { op: Operation; request: Request }[] | undefined;

  /** Every operation that asks who it is, with a request that would succeed for Ada; refused ones leave it so, and it is arranged once. */
  async function members(): Promise<{ op: Operation; request: Request }[]> {
    if (made) return made;
    const out: { op: Operation; request: Request }[] = [];
    for (const op of operations.filter((o) => o.access !== 'public'))
      out.push({ op, request: await arranged(op) });
    made = out;
    return out;
  }

  async function publicOnes(): Promise<{ op: Operation; request: Request }[]> {
    const out: { op: Operation; request: Request }[] = [];
    for (const op of operations.filter((o) => o.access === 'public'))
      out.push({ op, request: await arranged(op) });
    return out;
  }

  test('nobody, a wrong key and a member of another organisation pass none of them', async () => {
    const all = await members();
    const before = await stored(t);
    const wrongKey = { authorization: `Bearer aims_${'x'.repeat(43)}` };
    for (const { op, request } of all) {
      const nobody = await send(t.stranger, op, request);
      expect([nobody.status, nobody.body.code], op.id).toEqual([401, 'NOT_SIGNED_IN']);
      const forged = await t.stranger.ask(op.method, request.path, request.body, wrongKey);
      expect(forged.status, op.id).toBe(401);
      if (op.access !== 'member') continue;
      const outside = await send(eve, op, request);
      expect([outside.status, outside.body.code], op.id).toEqual([404, 'NOT_FOUND']);
      const nowhere = await send(ada, op, { ...request, path: request.path.replace('/acme/', '/nowhere/') });
      expect(nowhere.status, op.id).toBe(404);
    }
    expect(all.length).toBeGreaterThan(140);
    expect(await stored(t)).toEqual(before);
  });

  test('a reading key changes nothing; a pipeline key does what registers and actions allow it, and no more', async () => {
    const all = (await members()).filter(({ op }) => op.mutates);
    const before = await stored(t);
    for (const { op, request } of all) {
      const a = await send(readerKey, op, request);
      expect([a.status, a.body.code], `${op.id}: ${a.text}`).toEqual([403, 'NOT_ALLOWED']);
    }
    expect(await stored(t)).toEqual(before);
    const actor = {
      ...engineActor(t.organisation),
      kind: 'apiKey' as const,
      ref: ciKey.ref,
      roles: ['ci' as const],
    };
    const admitted: string[] = [];
    for (const { op, request } of all) {
      const r = op.register;
      const verb = r ? op.id.slice(r.name.length + 1) : '';
      const who = !r
        ? undefined
        : verb === 'create' || verb === 'import'
          ? r.permissions.create
          : verb === 'edit'
            ? r.permissions.edit
            : asList(r.transitions[verb]?.by ?? []);
      const may =
        ACTIONS_OF_CI.includes(op.id) ||
        (who !== undefined && admittedAs(actor, who) !== undefined && !r!.transitions[verb]?.decision);
      const a = await send(ciKey, op, request);
      expect(a.status, `${op.id}: ${a.text}`).toBe(may ? (op.status ?? 200) : 403);
      if (may) admitted.push(op.id);
    }
    expect(admitted.sort()).toEqual([
      'evidence.add',
      'evidence.refer',
      'monitor.readings.add',
      'release.gate',
      'release.rollBack',
      'release.ship',
    ]);
    expect(all.length).toBeGreaterThan(80);
  });

  test('a value that a parameter cannot have is refused by its name, and none is taken for another', async () => {
    const swallowed = new Set<string>();
    let walked = 0;
    for (const { op, request } of (await members()).filter(({ op }) => askedTwice(op)))
      for (const name of Object.keys(op.query ?? {}).filter((q) => !FREE.includes(q))) {
        const url = new URL(request.path, 'http://here');
        url.searchParams.set(name, 'nonsense!');
        const a = await send(ada, op, { ...request, path: `${url.pathname}${url.search}` });
        if (
          a.status < 400 ||
          a.status > 422 ||
          (a.status !== 404 && a.body.problems?.[0]?.path !== `/${name}`)
        )
          swallowed.add(`${op.id} ${name} ${a.text.slice(0, 200)}`);
        walked += 1;
      }
    expect([...swallowed]).toEqual([]);
    expect(walked).toBeGreaterThan(60);
  });

  test('an unknown query parameter is refused by name', async () => {
    let walked = 0;
    for (const { op, request } of [...(await members()), ...(await publicOnes())]) {
      if (op.id === 'session.end') continue;
      const path = `${request.path}${request.path.includes('?') ? '&' : '?'}nonesuch=1`;
      const a = await send(ada, op, { ...request, path });
      expect([a.status, a.body.problems?.[0]?.path], `${op.id}: ${a.text}`).toEqual([400, '/nonesuch']);
      walked += 1;
    }
    expect(walked).toBe(operations.length - 1);
  });
});

/** Parameters that take any text. */
const FREE = ['q', 'fileName', 'reference', 'title', 'claim', 'name', 'version', 'digest', 'sheet'];

/** Actions beyond the registers that a pipeline may carry out. */
const ACTIONS_OF_CI = ['evidence.add', 'evidence.refer', 'monitor.readings.add', 'release.gate'];

describe('the OpenAPI document', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a JSON document
  let document: any;
  beforeAll(async () => {
    document = (await t.stranger.ask('GET', '/api/v1/openapi.json')).body;
  });

  test('lists every operation under its id, with every parameter of its path', () => {
    const listed = Object.entries<
      Record<string, { operationId: string; parameters: { name: string; in: string }[] }>
    >(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, o]) => ({ path, method: method.toUpperCase(), ...o })),
    );
    expect(listed.map((o) => o.operationId).sort()).toEqual(operations.map((o) => o.id).sort());
    expect(new Set(listed.map((o) => o.operationId)).size).toBe(operations.length);
    for (const o of listed)
      expect(o.parameters.filter((p) => p.in === 'path').map((p) => `{${p.name}}`)).toEqual(
        o.path.match(/\{\w+\}/g) ?? [],
      );
  });

  test('every reference in it resolves', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((m) => m[1]!);
    expect(refs.length).toBeGreaterThan(100);
    for (const ref of refs) {
      const found = ref
        .slice(2)
        .split('/')
        .reduce((at, name) => at?.[name], document);
      expect(found, ref).toBeTypeOf('object');
    }
  });

  test('a linter for OpenAPI finds no error in it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'aims-openapi-'));
    try {
      const file = join(folder, 'openapi.json');
      writeFileSync(file, JSON.stringify(document));
      const env = {
        PATH: process.env.PATH,
        HOME: folder,
        REDOCLY_TELEMETRY: 'off',
        REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
      };
      const bin = join(ROOT, 'node_modules/@redocly/cli/bin/cli.js');
      const said = execFileSync(process.execPath, [bin, 'lint', '--extends=minimal', '--format=json', file], {
        cwd: folder,
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      expect(JSON.parse(said.slice(said.indexOf('{'))).totals.errors).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
