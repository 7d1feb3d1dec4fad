import { Readable } from 'node:stream';
import type { FilesChecked } from '../../answers/evidence.ts';
import type { Draft } from '../../answers/shape.ts';
import { deed, mayNot } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import { shownAs } from '../../evidence/content.ts';
import { notThere } from '../../register/said.ts';
import { admittedAs, type Role } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { filesStatement } from '../../store/files/evidence-files.ts';
import { readStatement, toRec } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';

const no = failures('evidence.file', {
  onlyGiven: [
    'INVALID',
    '{ref} is {format}: it is not shown here. Download it and open it with a program of your own.',
  ],
  noFile: ['NOT_FOUND', '{ref} has no file here: it is a reference, or its file was erased.'],
});

/** Who may have every file read: it costs as much as all of them are large. */
const WHO: readonly Role[] = ['aimsManager', 'auditor', 'topManagement', 'ci'];
/** Files of one request, and the bytes after which it ends. */
const FILES = 100;
const BYTES = 128 * 1_048_576;

/** Compares stored files with the digests on record, those of `after` and earlier numbers left out. Each damaged one is told in the log, too. */
export async function checkFiles(app: App, ask: Asking, after: number): Promise<FilesChecked> {
  if (!admittedAs(ask.actor, WHO)) throw mayNot(deed('checkFiles'), WHO);
  const [rows] = await app.db.run(ask.actor.organisation, [
    filesStatement(registers.evidence.name, after, FILES + 1),
  ]);
  const out: Draft<FilesChecked> = { checked: 0, damaged: [], next: null };
  let bytes = 0;
  for (const row of rows!) {
    if (out.checked === FILES || bytes > BYTES) return { ...out, next: after };
    const ref = String(row.ref);
    try {
      const file = await storedFile(app, String(row.file).slice('sha256:'.length), ref);
      bytes += file.bytes;
      file.stream.destroy();
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      out.damaged.push({ ref, message: error.message });
    }
    out.checked += 1;
    after = Number(row.number);
  }
  return out;
}

/** The stored bytes of a piece of evidence: those that were handed in, or none. Throws DAMAGED, and tells the log. */
export async function evidenceFile(
  app: App,
  ask: Asking,
  ref: string,
): Promise<{
  stream: Readable;
  name: string;
  bytes: number;
  sha256: string;
  mediaType: string;
  format: string;
}> {
  const register = app.registry.of(registers.evidence);
  const [rows] = await app.db.run(ask.actor.organisation, [readStatement(register, ref)]);
  if (!rows![0]) throw notThere(registers.evidence, ref);
  const { values } = toRec(registers.evidence)(rows![0]);
  if (values.file === undefined) throw no('noFile', { ref });
  const sha256 = values.file.slice('sha256:'.length);
  return {
    ...(await storedFile(app, sha256, ref)),
    name: String(values.fileName),
    sha256,
    mediaType: values.mediaType ?? '',
    format: values.format ?? '',
  };
}

/** So much of a text is shown; a picture is shown whole, or not at all. */
const SHOWN_TEXT = 1_048_576;
const SHOWN_PICTURE = 32 * SHOWN_TEXT;

/** What of a file is shown in a frame: a picture as what it is, whatever is text as plain text. Throws INVALID for what else there is. */
export async function evidencePreview(app: App, ask: Asking, ref: string) {
  const { stream, bytes, mediaType, format } = await evidenceFile(app, ask, ref);
  const type = shownAs({ mediaType });
  if (type === undefined || (type === mediaType && bytes > SHOWN_PICTURE)) {
    stream.destroy();
    throw no('onlyGiven', { ref, format });
  }
  return { type, stream: type === mediaType ? stream : Readable.from(startOf(stream, SHOWN_TEXT)) };
}

async function* startOf(stream: Readable, most: number): AsyncGenerator<Buffer> {
  let given = 0;
  for await (const piece of stream) {
    if (given >= most) return;
    yield piece.subarray(0, most - given);
    given += piece.length;
  }
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
