import type { Readable } from 'node:stream';
import type { Added } from '../../answers/evidence.ts';
import { deed, refusal } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { failed } from '../../base/refusals.ts';
import { inspectionJson } from '../../evidence/inspect.ts';
import type { Inspection } from '../../evidence/model.ts';
import { aboutVersion } from '../../evidence/subjects.ts';
import type { As } from '../../register/rec.ts';
import { refOf } from '../../register/register.ts';
import { notThere } from '../../register/said.ts';
import { type Contents, contentsFrom } from '../../register/values.ts';
import { admittedAs } from '../../register/who.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import type { StagedBlob } from '../../store/files/blobs.ts';
import type { Kept } from '../../store/records/idempotency.ts';
import { readStatement, type Stored, toRec } from '../../store/records/records.ts';
import { takeNumbers } from '../../store/records/write.ts';
import { evidenceKnown, keepFile } from '../../store/release/evidence.ts';
import { type App, type Asking, arrivalAt } from '../context.ts';
import { toView, writtenView } from '../read/view.ts';
import { planCreate } from '../write/create.ts';
import { presentBinding } from '../write/decisions.ts';
import { notYetDone, readRecord } from '../write/idempotent.ts';
import { carryOut, together } from '../write/plan.ts';

/** What a file is handed in with. */
export interface HandedIn {
  fileName: string;
  release?: string;
  title?: string;
  claim?: string;
  coversFrom?: string;
  coversTo?: string;
}

/** Reads a file and says what was understood; stores nothing. */
export async function inspectUpload(app: App, ask: Asking, source: Readable, fileName: string) {
  const staged = await app.blobs.stage(source, app.limits.evidenceBytes);
  try {
    return inspectionJson(await inspected(app, ask, staged, fileName));
  } finally {
    await staged.discard();
  }
}

/**
 * Takes a result file in: keeps it by its digest, and writes the evidence and the recounted test run, bound to the release as it is
 * now, in one transaction. A file that is refused leaves nothing behind.
 */
export async function addEvidence(app: App, ask: Asking, source: Readable, o: HandedIn): Promise<Added> {
  const as = admittedAs(ask.actor, ['contributor', 'ci']);
  if (!as) {
    source.resume();
    throw failed(refusal('handsIn', { deed: deed('addEvidence') }));
  }
  let release: Release | undefined;
  try {
    release = o.release ? await readRelease(app, ask, o.release) : undefined;
  } catch (error) {
    // Read to its end, so that the client gets the answer instead of a broken connection.
    source.resume();
    throw error;
  }
  const staged = await app.blobs.stage(source, app.limits.evidenceBytes);
  try {
    const inspection = await inspected(app, ask, staged, o.fileName);
    if (!inspection.accepted) throw refused(o.fileName, inspection);
    const asked = withFile(ask, staged.sha256);
    await notYetDone(app, asked);
    await refuseKnown(app, ask, inspection);
    await staged.keep();
    return await storeEvidence(app, asked, as, o, release, inspection, staged);
  } finally {
    await staged.discard();
  }
}

/** The request with the file that came with it: another file is another request, whatever key it carries. */
const withFile = (ask: Asking, sha256: string): Asking => ({
  ...ask,
  ...(ask.idempotency
    ? { idempotency: { ...ask.idempotency, fingerprint: `${ask.idempotency.fingerprint} ${sha256}` } }
    : {}),
});

const inspected = (app: App, ask: Asking, staged: StagedBlob, fileName: string): Promise<Inspection> =>
  app.intake.read('evidence', arrivalAt(ask, staged.path, staged.bytes), { fileName });

function refused(fileName: string, inspection: Inspection): Failure {
  const bad = inspection.findings.filter((f) => f.severity === 'refuse');
  return new Failure(
    'EVIDENCE_REFUSED',
    `${fileName.slice(0, 120) || 'The file'} is refused: ${bad[0]?.message ?? 'it cannot be read as evidence'} Nothing was stored.`,
    bad.map((f) => ({ path: f.location || '/', message: `${f.code}: ${f.message}` })),
  );
}

async function readRelease(app: App, ask: Asking, ref: string): Promise<Release> {
  const register = app.registry.of(registers.release);
  const [rows] = await app.db.run(ask.actor.organisation, [readStatement(register, ref)]);
  if (!rows![0]) throw notThere(registers.release, ref);
  return toRec(registers.release)(rows![0]);
}

/** A run counts once: the same file, or the same run from another file, is told where it already is. */
async function refuseKnown(app: App, ask: Asking, i: Inspection): Promise<void> {
  const [rows] = await app.db.run(ask.actor.organisation, [
    evidenceKnown(i.sha256, (i.toolRunId ?? '').normalize('NFKC').toLowerCase().slice(0, 300)),
  ]);
  const known = rows![0];
  if (!known) return;
  throw new Failure(
    'ALREADY_EXISTS',
    known.register === registers.evidence.name
      ? `This very file is already ${known.ref}${known.release ? ` for ${known.release}` : ''}; a file counts once.`
      : `The run ${i.toolRunId} is already ${known.ref}${known.release ? ` for ${known.release}` : ''}, from a file with other contents; a run counts once.`,
  );
}

async function storeEvidence(
  app: App,
  ask: Asking,
  as: string,
  o: HandedIn,
  release: Release | undefined,
  inspection: Inspection,
  staged: { sha256: string; bytes: number },
): Promise<Added> {
  const organisation = ask.actor.organisation;
  const at = app.clock.now();
  const evidence = app.registry.of(registers.evidence);
  const testRun = app.registry.of(registers.testRun);
  const trust = ask.actor.kind === 'apiKey' ? 'ci' : 'person';
  const digest = release
    ? (await presentBinding(app, organisation, app.registry.of(registers.release), release.ref, release))
        .content.digest
    : undefined;
  const number = await takeNumbers(app.db, organisation, evidence.name, 1);
  const file = evidenceContents(app, ask, o, release, inspection, staged, at, trust);
  const run = runContents(app, o, release, digest, inspection, refOf(evidence, number), at, trust);
  const plans = [
    await planCreate(app, ask, evidence, file, { as, number }),
    await planCreate(app, ask, testRun, run, { as }),
  ];
  const done = await carryOut(
    app,
    ask,
    {
      ...together(plans),
      at,
      also: [keepFile(organisation, staged.sha256, staged.bytes, at)],
    },
    ([made, counted]) => ({
      record: { register: evidence.name, ref: made!.ref },
      more: { testRun: counted!.ref },
    }),
  );
  const [stored, counted] = done.records.map((c) => writtenView(done.at, ask.actor.ref, c));
  return { evidence: stored!, testRun: counted!, inspection: inspectionJson(inspection) };
}

/** What was taken in before, as it was answered: read from the file that is kept. */
export async function addedBefore(
  app: App,
  ask: Asking,
  fileName: string,
  { record, more }: Kept,
): Promise<Added> {
  const kept = await readRecord(app, ask, app.registry.of(registers.evidence), record.ref);
  const counted = await readRecord(app, ask, app.registry.of(registers.testRun), String(more?.testRun));
  const { stream } = await storedFile(app, String(kept.values.file).slice('sha256:'.length), kept.ref);
  return {
    evidence: toView(kept),
    testRun: toView(counted),
    inspection: await inspectUpload(app, ask, stream, fileName),
  };
}

const cut = (text: string, max: number) =>
  (text.length > max ? `${text.slice(0, max - 1)}…` : text).toWellFormed();
/** Controls become spaces: a title is one line, and the database takes no NUL. */
const oneLine = (text: string) => text.replace(/\p{Cc}+/gu, ' ').trim();

type Release = As<Registers['release'], Stored>;

function evidenceContents(
  app: App,
  ask: Asking,
  o: HandedIn,
  release: Release | undefined,
  i: Inspection,
  staged: { sha256: string; bytes: number },
  at: Date,
  trust: string,
): Contents {
  const register = app.registry.of(registers.evidence);
  return contentsFrom(
    register,
    {
      title: cut(oneLine(o.title || i.config.description || o.fileName) || 'Evidence', 200),
      file: `sha256:${staged.sha256}`,
      fileName: cut(oneLine(o.fileName), 300) || 'unnamed',
      bytes: staged.bytes,
      mediaType: 'application/json',
      format: i.format ?? 'unknown',
      formatVersion: i.formatVersion,
      capturedAt: i.endedAt ?? i.startedAt,
      receivedAt: at.toISOString(),
      coversFrom: o.coversFrom || (i.startedAt?.slice(0, 10) ?? null),
      coversTo: o.coversTo || ((i.endedAt ?? i.startedAt)?.slice(0, 10) ?? null),
      claim: o.claim ? cut(oneLine(o.claim), 1000) : null,
      trust,
      collector: ask.actor.name,
      ...(release ? { release: [release.ref] } : {}),
    },
    'engine',
  );
}

function runContents(
  app: App,
  o: HandedIn,
  release: Release | undefined,
  digest: string | undefined,
  i: Inspection,
  evidence: string,
  at: Date,
  trust: string,
): Contents {
  const register = app.registry.of(registers.testRun);
  const released = release?.values.releaseVersion;
  // A file may compare several things: those of the release's own version speak for it, the others are told as left out.
  const about = aboutVersion(i, released ?? null);
  const versions = [...new Set(about.subjects.map((s) => s.version).filter((v) => v !== null))];
  return contentsFrom(
    register,
    {
      title: cut(oneLine(o.title || i.config.description || o.fileName) || 'Test run', 200),
      kind: i.kind,
      tool: i.tool?.name,
      toolVersion: i.tool?.version,
      toolRunId: i.toolRunId ? cut(oneLine(i.toolRunId), 300) : null,
      status: i.status,
      startedAt: i.startedAt,
      endedAt: i.endedAt,
      receivedAt: at.toISOString(),
      ...about.counts,
      hazards: about.hazards.slice(0, 500).map((h) => ({
        id: cut(h.id, 2000),
        planned: h.planned,
        executed: h.executed,
        failed: h.failed,
        inconclusive: h.inconclusive,
        error: h.error,
        severity: h.severity,
      })),
      subjectName:
        about.subjects.length > 0 ? cut(oneLine(about.subjects.map((s) => s.name).join(', ')), 300) : null,
      // A file about several versions names them all: it then agrees with no single release.
      subjectVersion: versions.length > 0 ? cut(oneLine(versions.join(', ')), 120) : null,
      subjectDigest: digest,
      trust,
      findings: about.findings.slice(0, 200).map((f) => ({
        code: f.code,
        severity: f.severity,
        location: cut(f.location, 500),
        message: cut(f.message, 1500),
      })),
      evidence: [evidence],
      ...(release ? { release: [release.ref] } : {}),
    },
    'engine',
  );
}

/** The stored bytes of a piece of evidence: those that were handed in, or none. Throws DAMAGED, and tells the log. */
export async function evidenceFile(
  app: App,
  ask: Asking,
  ref: string,
): Promise<{ stream: Readable; name: string; bytes: number; sha256: string }> {
  const register = app.registry.of(registers.evidence);
  const [rows] = await app.db.run(ask.actor.organisation, [readStatement(register, ref)]);
  if (!rows![0]) throw notThere(registers.evidence, ref);
  const { values } = toRec(registers.evidence)(rows![0]);
  const sha256 = String(values.file).slice('sha256:'.length);
  return { ...(await storedFile(app, sha256, ref)), name: String(values.fileName), sha256 };
}

/** The one way to the bytes of a file: whatever is wrong with it is told in the log, by the record and the digest. */
export async function storedFile(
  app: App,
  sha256: string,
  ref: string,
): Promise<{ stream: Readable; bytes: number }> {
  const tell = (error: unknown) => {
    if (error instanceof Failure && error.code === 'DAMAGED') app.log(`evidence: ${error.message}`);
  };
  try {
    const file = await app.blobs.open(sha256, ref);
    file.stream.on('error', tell);
    return file;
  } catch (error) {
    tell(error);
    throw error;
  }
}
