import type { Readable } from 'node:stream';
import type { Added } from '../../answers/evidence.ts';
import { deed, refusal } from '../../authority/refusal.ts';
import { sha256Hex } from '../../base/canonical.ts';
import { Failure } from '../../base/failure.ts';
import { failed, failures } from '../../base/refusals.ts';
import {
  CONTENT_LIMITS,
  type Content,
  contentOf,
  HEAD,
  misnamed as misnamedAs,
} from '../../evidence/content.ts';
import { inspectionJson } from '../../evidence/inspect.ts';
import type { Inspection } from '../../evidence/model.ts';
import { cut, fileValues, oneLine, type Told, toldValues } from '../../evidence/recorded.ts';
import { refOf } from '../../register/register.ts';
import { contentsFrom, type Given } from '../../register/values.ts';
import { admittedAs } from '../../register/who.ts';
import { type Registers, registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { StagedBlob } from '../../store/files/blobs.ts';
import type { Kept } from '../../store/records/idempotency.ts';
import { takeNumbers } from '../../store/records/write.ts';
import { evidenceKnown, keepFile } from '../../store/release/evidence.ts';
import type { App, Asking } from '../context.ts';
import { toView, writtenView } from '../read/view.ts';
import { anew } from '../write/anew.ts';
import { planCreate } from '../write/create.ts';
import { notYetDone, readRecord } from '../write/idempotent.ts';
import { carryOut, type Planned, together } from '../write/plan.ts';
import { ruled } from '../write/rules.ts';
import { evidenceFile } from './evidence-files.ts';
import { inspectUpload, planRun, reportIn } from './evidence-reports.ts';
import { runsOf } from './evidence-rules.ts';
import { onlyNew, releasesIn, type Supported, supported } from './evidence-supports.ts';

/** What a file is handed in with. */
export interface HandedIn extends Told {
  fileName: string;
  release?: string | undefined;
}

const no = failures('evidence', {
  nothing: ['INVALID', 'Say where it is kept: an address, or the system and its number there.'],
  tooLarge: ['TOO_LARGE', '{label}: at most {mib} MiB are taken of this kind; nothing was stored.'],
  oneRelease: ['INVALID', 'A test report is of one release; {releases} were named.'],
  knownFile: ['ALREADY_EXISTS', 'This very file is already {ref}{other}; a file counts once.'],
  knownRun: [
    'ALREADY_EXISTS',
    'The run {run} is already {ref}{other}, from a file with other contents; a run counts once.',
  ],
  saysOther: [
    'ALREADY_EXISTS',
    '{ref} is this already, and says something else in {fields}. Leave that out to put it on further records, or have it withdrawn and hand it in anew.',
  ],
});

/** What is to become evidence: what is known of it, the records that it supports, and in which capacity it is handed in. */
interface Coming {
  ask: Asking;
  as: string;
  told: Told;
  on: Supported;
  at: Date;
  /** What occurs once of it in the organisation. */
  once: string;
  given: Given<Registers['evidence']>;
  report?: Inspection | undefined;
  staged?: StagedBlob;
}

/**
 * Takes a file in: keeps it by its digest, and writes the evidence, and of a test report the recounted run, bound to the release as it is now, in one
 * transaction. A file that is refused leaves nothing behind; one that is there already, for these records, is told as such.
 */
export async function addEvidence(app: App, ask: Asking, source: Readable, o: HandedIn): Promise<Added> {
  // Whoever says of no record what the file is for, or of which release it reports, hands in a test report.
  const mustReport = o.release !== undefined || !(o.for?.length || o.supersedes);
  const { as, on } = await admit(app, ask, o, o).catch((error: unknown) => {
    // Read to its end, so that the client gets the answer instead of a broken connection.
    source.resume();
    throw error;
  });
  const staged = await app.blobs.stage(source, mustReport ? app.limits.evidenceBytes : app.limits.fileBytes);
  try {
    const asked = withFile(ask, staged.sha256);
    await notYetDone(app, asked);
    const content = contentOf(await staged.head(HEAD));
    const report = await reportIn(app, ask, staged, content, o.fileName, mustReport);
    if (!report) refuseLarge(content, staged.bytes);
    else if (releasesIn(on).length > 1) throw no('oneRelease', { releases: releasesIn(on) });
    const trust = ask.actor.kind === 'apiKey' ? 'ci' : 'person';
    const given = { ...fileValues(o.fileName, content, staged, o.title, report), trust };
    const once = `sha256:${staged.sha256}`;
    const added = await take(app, {
      ask: asked,
      as,
      on,
      told: o,
      at: app.clock.now(),
      once,
      given,
      report,
      staged,
    });
    const misnamed = misnamedAs(o.fileName, content);
    return { ...added, ...(misnamed ? { misnamed } : {}) };
  } finally {
    await staged.discard();
  }
}

/** Records what another system keeps, which nobody here has seen. */
export async function referTo(app: App, ask: Asking, told: Told, reference: string): Promise<Added> {
  const admitted = await admit(app, ask, told);
  const said = oneLine(reference);
  if (said === '') throw no('nothing');
  return take(app, {
    ask,
    ...admitted,
    told,
    at: app.clock.now(),
    once: `reference:${sha256Hex(said)}`,
    given: { title: cut(oneLine(told.title || said), 200), reference: said, trust: 'declared' },
  });
}

/** The request with the file that came with it: another file is another request, whatever key it carries. */
const withFile = (ask: Asking, sha256: string): Asking => ({
  ...ask,
  ...(ask.idempotency
    ? { idempotency: { ...ask.idempotency, fingerprint: `${ask.idempotency.fingerprint} ${sha256}` } }
    : {}),
});

/** What was taken in before, as it was answered: read from the file that is kept. */
export async function addedBefore(app: App, ask: Asking, { record, more = {} }: Kept): Promise<Added> {
  const kept = await readRecord(app, ask, registers.evidence, record.ref);
  const evidence = toView(kept);
  const already = more.already === true ? { already: true } : {};
  if (typeof more.testRun !== 'string') return { evidence, ...already };
  const testRun = toView(await readRecord(app, ask, registers.testRun, more.testRun));
  const { stream, name } = await evidenceFile(app, ask, kept.ref);
  return { evidence, testRun, inspection: await inspectUpload(app, ask, stream, name), ...already };
}

async function admit(app: App, ask: Asking, told: Told, report?: { release?: string | undefined }) {
  const as = admittedAs(ask.actor, ['contributor', 'ci']);
  if (!as) throw failed(refusal('handsIn', { deed: deed('addEvidence') }));
  const refs = [...(told.for ?? []), ...(report?.release ? [report.release] : [])];
  const { supersedes } = told;
  return { as, on: await supported(app, ask, refs, { supersedes, alone: report !== undefined }) };
}

function refuseLarge({ label, group }: Content, bytes: number): void {
  if (bytes > CONTENT_LIMITS[group])
    throw no('tooLarge', { label, mib: Math.floor(CONTENT_LIMITS[group] / 1_048_576) });
}

/** Stores what is new, puts what is there on further records, and tells what is there for these already. */
const take = (app: App, c: Coming): Promise<Added> =>
  anew(
    async () => (await again(app, c)) ?? (await store(app, c)),
    // Somebody handed in the same at this moment: it is there now.
    (error) => error instanceof Failure && error.code === 'ALREADY_EXISTS' && !error.said,
  );

async function again(app: App, c: Coming): Promise<Added | undefined> {
  const { ask, on, report } = c;
  const { evidence } = registers;
  const [rows] = await app.db.run(ask.actor.organisation, [evidenceKnown(c.once, report?.toolRunId ?? '')]);
  const known = rows![0];
  if (!known) return undefined;
  const ref = cell.text(known.ref);
  const releases = cell.texts(known.releases);
  const other = releases.length > 0 ? ` for ${releases.join(', ')}` : '';
  if (known.register !== evidence.name) throw no('knownRun', { run: report?.toolRunId ?? '', ref, other });
  if (report && releasesIn(on).some((r) => !releases.includes(r))) throw no('knownFile', { ref, other });
  const before = await readRecord(app, ask, evidence, ref);
  const fields = otherwise(c, before.values);
  if (fields.length > 0) throw no('saysOther', { ref, fields });
  const runs = await runsOf({ app, ask }, before.id);
  const run = runs[0] ? { testRun: toView(runs[0]) } : {};
  const links = onlyNew(before.links, on);
  if (!links) {
    await carryOut(app, ask, { records: [] }, () => keptOf(ref, run.testRun?.ref, true));
    return { evidence: toView(before), ...run, already: true };
  }
  const contents = { values: before.values, links };
  const actor = { ref: ask.actor.ref, as: c.as };
  const register = app.registry.of(evidence);
  const planned = await ruled(app, ask, {
    register,
    before,
    contents,
    state: before.state,
    act: 'edit',
    actor,
  });
  planned.intent.once = c.once;
  const [linked] = await carry(app, c, [planned], run.testRun?.ref);
  return { evidence: linked!, ...run };
}

/** Labels of what is told of it now, and says otherwise on record. */
function otherwise({ told, report }: Coming, said: Readonly<Record<string, unknown>>): string[] {
  if (report) return [];
  const { fields } = registers.evidence;
  return Object.entries(toldValues(told)).flatMap(([name, v]) =>
    v === said[name] ? [] : [Object.entries(fields).find(([n]) => n === name)![1].label],
  );
}

async function store(app: App, c: Coming): Promise<Added> {
  const { ask, as, on, told, at, report, staged } = c;
  const evidence = app.registry.of(registers.evidence);
  const number = await takeNumbers(app.db, ask.actor.organisation, evidence.name, 1);
  const given = {
    ...c.given,
    ...toldValues(told),
    ...on,
    receivedAt: at.toISOString(),
    collector: ask.actor.name,
  };
  const file = await planCreate(app, ask, evidence, contentsFrom(evidence, given, 'engine'), { as, number });
  file.intent.once = c.once;
  const run = report ? [await planRun(app, ask, c, report, refOf(evidence, number))] : [];
  await staged?.keep();
  const [stored, counted] = await carry(app, c, [file, ...run]);
  return {
    evidence: stored!,
    ...(counted ? { testRun: counted } : {}),
    ...(report ? { inspection: inspectionJson(report) } : {}),
  };
}

/** What is kept of it for whoever sends the request again. */
const keptOf = (ref: string, testRun?: string, already?: true): Kept => ({
  record: { register: registers.evidence.name, ref },
  more: { ...(testRun ? { testRun } : {}), ...(already ? { already } : {}) },
});

async function carry(app: App, { ask, at, staged }: Coming, plans: readonly Planned[], counted?: string) {
  const { organisation } = ask.actor;
  const also = staged ? [keepFile(organisation, staged.sha256, staged.bytes, at)] : [];
  const done = await carryOut(app, ask, { ...together(plans), at, also }, ([made, run]) =>
    keptOf(made!.ref, run?.ref ?? counted),
  );
  return done.records.map((r) => writtenView(done.at, ask.actor.ref, r));
}
