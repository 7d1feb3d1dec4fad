import { AS_OF, type AsOf, checkAsOf, readAsOf, shownOf } from './as-of.ts';
import { checkDecisions, checkEvidence, checkStamps, digestOf, type Stamped } from './attached.ts';
import { Findings, need, type Problem, sentence } from './findings.ts';
import { Histories } from './histories.ts';
import { type Cosigned, checkKeys, type Signed } from './keys.ts';
import { type PackLog, readLog } from './log.ts';
import { isPackName } from './names.ts';
import { checkOlder, type Older } from './older.ts';
import { asList, asObject, asText, asTexts, asWhole, exactly, type Json, jsonObject } from './reading.ts';
import { Records } from './records.ts';
import { checkTables } from './tables.ts';
import { NotAPack, PackFiles } from './zip.ts';

/** What a pack that was read says of itself. Believe it only when the pack holds. */
export interface Facts {
  organisation: string;
  origin: string;
  /** Entries of the log, and the root over them in base64. */
  size: number;
  root: string;
  madeAt: string;
  system: string | null;
  asOf: AsOf | null;
  logs: number;
  records: number;
  versions: number;
  erased: number;
  /** Records whose present state was ahead of the log: what they say now could not be compared. */
  uncompared: number;
  /** Versions whose rows say a time a little after their entry's: a known fault of 0.1.0. The first hundred in words. */
  late: { count: number; named: string[] };
  evidence: number;
  decisions: number;
  stamps: Stamped[];
  cosigned: Cosigned[];
  lost: Signed['lost'];
  keyLost: Signed['keyLost'];
  /** Sizes of the kept checkpoints that the log continues. */
  older: Older[];
  /** True when no key was given: then the pack shows only that it agrees with itself. */
  keyFromPack: boolean;
}

export interface Verdict {
  ok: boolean;
  /** Problems found; the first hundred are listed. */
  total: number;
  problems: Problem[];
  facts?: Facts;
}

export interface Options {
  /** Verifier keys of the log and of witnesses that the reader trusts. */
  keys: { log: string[]; witnesses: string[] };
  /** Checkpoints kept from before. */
  older?: { name: string; note: string }[];
  /** Hears how far the work is, 0 to 1. */
  progress?: (part: number) => void;
}

const MANIFEST =
  'format origin log organisation name size root asOf system madeAt vkeys gateKey former files';

/**
 * Verifies an audit pack (format openaims.audit-pack/1): files, signatures, entries, histories, every version, completeness, present
 * values, attachments. Shares no code with what made the pack. Fails NotAPack; everything else that is wrong is the verdict.
 */
export async function verifyPack(blob: Blob, options: Options): Promise<Verdict> {
  const files = await PackFiles.open(blob);
  let work = 1;
  const findings = new Findings((done) => options.progress?.(Math.min(1, done / work)));
  const close = (facts?: Facts): Verdict => ({
    ok: findings.total === 0 && facts !== undefined,
    total: findings.total,
    problems: findings.problems,
    facts,
  });
  let manifest: Json = {};
  const readable = await findings.attempt({ file: 'pack.json' }, async () => {
    const text = await files.text('pack.json');
    manifest = exactly(jsonObject(text, 'it'), MANIFEST, 'it');
    need(
      `${JSON.stringify(manifest, null, 1)}\n` === text,
      'it is not spelt as packs are: it was written by hand',
    );
    need(
      manifest.format === 'openaims.audit-pack/1',
      `its format is ${String(manifest.format)}, expected openaims.audit-pack/1`,
    );
    for (const member of ['origin', 'organisation', 'name', 'madeAt', 'gateKey'])
      asText(manifest[member], `"${member}"`);
    need(
      manifest.system === null || /^[A-Z]{3}-[0-9]{4,9}$/.test(asText(manifest.system, '"system"')),
      '"system" is a reference or null',
    );
    work = (files.total / 4096) * 1.3 + asWhole(manifest.size, '"size"') * 8 + 1;
  });
  if (!readable) return close();
  await findings.attempt({ file: 'pack.json' }, () => checkFiles(files, manifest, findings));
  let asOf: AsOf | null = null;
  await findings.attempt({ file: 'pack.json' }, () => {
    asOf = readAsOf(manifest);
  });
  const logs: PackLog[] = [];
  if (!(await findings.attempt({ file: 'pack.json' }, () => readLogs(files, manifest, asOf, logs, findings))))
    return close();
  const histories = new Histories();
  for (const log of logs) await histories.read(log, findings);
  let signed: Signed = { keys: new Map(), cosigned: [], texts: new Map(), lost: [], keyLost: [] };
  await findings.attempt({ file: 'log/checkpoint' }, async () => {
    signed = await checkKeys(files, manifest, logs, options.keys, findings);
  });
  const older = await checkOlder(options.older ?? [], logs, signed, findings);
  await findings.attempt({ file: AS_OF }, () => checkAsOf(files, asOf, logs, signed));
  const records = new Records(logs, histories, manifest.asOf !== null, findings);
  for (const name of files.under('records/')) await records.read(files, name);
  await records.complete(manifest.system === null);
  await checkTables(files, manifest.asOf !== null, findings);
  const evidence = await checkEvidence(files, records, findings);
  const decisions = await checkDecisions(files, records, manifest.gateKey, findings);
  const stamps = await checkStamps(files, signed.texts, findings);
  options.progress?.(1);
  const log = logs.at(-1)!;
  return close({
    organisation: String(manifest.name),
    origin: log.origin,
    size: log.size,
    root: log.rootText,
    madeAt: String(manifest.madeAt),
    system: manifest.system === null ? null : String(manifest.system),
    asOf,
    logs: logs.length,
    records: records.refs.size,
    versions: records.versions,
    erased: records.erased,
    uncompared: records.uncompared,
    late: { count: records.lateCount, named: records.late },
    evidence,
    decisions,
    stamps,
    cosigned: signed.cosigned,
    lost: signed.lost,
    keyLost: signed.keyLost,
    older,
    keyFromPack: options.keys.log.length === 0,
  });
}

/** Every file is the one pack.json names, and there are no others. */
async function checkFiles(files: PackFiles, manifest: Json, findings: Findings): Promise<void> {
  const listed = asObject(manifest.files, '"files"');
  for (const file of files.names) {
    if (file === 'pack.json') continue;
    await findings.attempt({ file }, async () => {
      const said = Object.hasOwn(listed, file) ? listed[file] : undefined;
      need(said !== undefined, 'pack.json does not name this file');
      need(isPackName(file) && !isStray(file, files), 'a pack has no such file');
      const { sha256 } = await digestOf(files, file, findings);
      need(sha256 === said, `the file was changed: its SHA-256 is ${sha256}, pack.json says ${String(said)}`);
    });
  }
  for (const file of Object.keys(listed)) if (!files.has(file)) findings.add({ file }, 'the file is missing');
}

/** A table of records that are not in the pack. */
const isStray = (file: string, files: PackFiles): boolean =>
  file.startsWith('documents/') && !files.has(`records/${file.slice(10).replace(/\.csv$/, '')}.jsonl`);

async function readLogs(
  files: PackFiles,
  manifest: Json,
  asOf: AsOf | null,
  logs: PackLog[],
  findings: Findings,
): Promise<void> {
  const former = asList(manifest.former, '"former"').map((f) =>
    exactly(f, 'number origin size root vkeys', 'a former log'),
  );
  for (const said of [...former, { ...manifest, number: manifest.log }]) {
    const number = asWhole(said.number, 'the number of a log');
    need(number > (logs.at(-1)?.number ?? 0), `log ${number} stands after log ${logs.at(-1)?.number}`);
    const present = logs.length === former.length;
    const head = {
      at: present ? 'log/' : `log/former/${number}/`,
      number,
      present,
      origin: asText(said.origin, '"origin"'),
      size: asWhole(said.size, '"size"'),
      shown: shownOf(asOf, number, asWhole(said.size, '"size"')),
      rootText: asText(said.root, '"root"'),
    };
    const log = await readLog(files, head, findings);
    logs.push({ ...log, told: asTexts(said.vkeys, '"vkeys"') });
  }
  const known = [
    'log/checkpoint',
    'log/vkey',
    'log/policy',
    'log/checkpoints.jsonl',
    ...(asOf?.log === undefined ? [] : [AS_OF]),
    ...logs.map((l) => `${l.at}checkpoint`),
  ];
  for (const file of files.under('log/'))
    if (!known.includes(file) && !logs.some((l) => file.startsWith(`${l.at}tile/`)))
      findings.add({ file }, 'a pack has no such file');
}

/** `verifyPack`, with a file that is no pack as a verdict too. */
export async function verdictOf(blob: Blob, options: Options): Promise<Verdict> {
  try {
    return await verifyPack(blob, options);
  } catch (error) {
    const message =
      error instanceof NotAPack ? `This file is not an audit pack: ${error.message}.` : sentence(error);
    return { ok: false, total: 1, problems: [{ message }] };
  }
}
