import type { FilesChecked } from '../../answers/evidence.ts';
import type { Draft } from '../../answers/shape.ts';
import { deed, mayNot } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { admittedAs, type Role } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { filesStatement } from '../../store/files/evidence-files.ts';
import type { App, Asking } from '../context.ts';
import { storedFile } from './evidence.ts';

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
