import type { Readable } from 'node:stream';
import { Failure } from '../../base/failure.ts';
import type { Content } from '../../evidence/content.ts';
import { inspectionJson } from '../../evidence/inspect.ts';
import type { Inspection } from '../../evidence/model.ts';
import { runValues } from '../../evidence/recorded.ts';
import { contentsFrom, type Given } from '../../register/values.ts';
import { type Registers, registers } from '../../registers/index.ts';
import type { StagedBlob } from '../../store/files/blobs.ts';
import { type App, type Asking, arrivalAt } from '../context.ts';
import { planCreate } from '../write/create.ts';
import { presentBinding } from '../write/decisions.ts';
import { readRecord } from '../write/idempotent.ts';
import type { Planned } from '../write/plan.ts';
import { releasesIn, type Supported } from './evidence-supports.ts';

/** Reads a file and says what was understood; stores nothing. */
export async function inspectUpload(app: App, ask: Asking, source: Readable, fileName: string) {
  const staged = await app.blobs.stage(source, app.limits.evidenceBytes);
  try {
    return inspectionJson(await inspected(app, ask, staged, fileName));
  } finally {
    await staged.discard();
  }
}

const inspected = (app: App, ask: Asking, staged: StagedBlob, fileName: string): Promise<Inspection> =>
  app.intake.read('evidence', arrivalAt(ask, staged.path, staged.bytes), { fileName });

/** The file as a test report, where it is one, or has to be. Throws EVIDENCE_REFUSED where that contradicts itself. */
export async function reportIn(
  app: App,
  ask: Asking,
  staged: StagedBlob,
  content: Content,
  fileName: string,
  must: boolean,
): Promise<Inspection | undefined> {
  const may = content.mediaType === 'application/json' && staged.bytes <= app.limits.evidenceBytes;
  if (!must && !may) return undefined;
  const report = await inspected(app, ask, staged, fileName);
  if (!must && report.format === null) return undefined;
  if (report.accepted) return report;
  const bad = report.findings.filter((f) => f.severity === 'refuse');
  throw new Failure(
    'EVIDENCE_REFUSED',
    `${fileName.slice(0, 120) || 'The file'} is refused: ${bad[0]?.message ?? 'it cannot be read as evidence'} Nothing was stored.${report.format ? '' : ' A file that is no test report says which records it supports (for).'}`,
    bad.map((f) => ({ path: f.location || '/', message: `${f.code}: ${f.message}` })),
  );
}

/** The run that a test report tells, bound to its release as that is now. */
export async function planRun(
  app: App,
  ask: Asking,
  { as, at, on, given: file }: { as: string; at: Date; on: Supported; given: Given<Registers['evidence']> },
  report: Inspection,
  evidence: string,
): Promise<Planned> {
  const [release] = await Promise.all(
    releasesIn(on).map((ref) => readRecord(app, ask, registers.release, ref)),
  );
  const register = app.registry.of(registers.testRun);
  const bound =
    release &&
    (await presentBinding(
      app,
      ask.actor.organisation,
      app.registry.of(registers.release),
      release.ref,
      release,
    ));
  const given: Given<Registers['testRun']> = {
    ...runValues(report, release?.values.releaseVersion ?? null),
    title: file.title,
    receivedAt: at.toISOString(),
    subjectDigest: bound?.content.digest,
    trust: file.trust,
    evidence: [evidence],
    ...(release ? { release: [release.ref] } : {}),
  };
  return planCreate(app, ask, register, contentsFrom(register, given, 'engine'), { as });
}
