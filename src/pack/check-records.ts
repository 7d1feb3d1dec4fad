import { canonicalJson } from '../base/canonical.ts';
import type { RecordEntry } from '../ledger/entry.ts';
import { type CheckedLog, type Histories, KIND } from './check-log.ts';
import { checkVersion, type Late, type Say } from './check-version.ts';
import { PACK_FILES, type PackManifest, type PackRecord, type PackVersion } from './format.ts';
import { isObject, jsonLine } from './json-line.ts';
import { LATE_ROWS_NAMED, type LateRow } from './late-row.ts';
import { numberOf } from './log-files.ts';
import type { Place, Problems } from './problems.ts';
import { partValue, recordOf } from './record-line.ts';
import { FileFault, type PackZip } from './zip-read.ts';

/** What a caller that knows the registers can add: what nothing in a log commits to. */
export interface RegisterKnowledge {
  /** `RSK` of `risk`; undefined when the register is not known. */
  prefix(register: string): string | undefined;
  /** Values derived from values, as the register declares them. */
  derive(register: string, values: Record<string, unknown>): Record<string, unknown> | undefined;
}

/** What the records of a pack came to. */
export interface RecordsChecked {
  records: number;
  versions: number;
  erasedParts: number;
  /** Records whose row was newer than the log, so that nothing could be compared with it. */
  notCompared: number;
  /** Versions whose rows are later than their entries, as 0.1.0 wrote them in bulk; the first of them by name. */
  late: { count: number; rows: LateRow[] };
  /** SHA-256 of evidence files that records name -> those records, and what they call the file. */
  files: Map<string, { ref: string; fileName: string }>;
  /** Signed statements that gate decisions committed to, by reference. */
  statements: Map<string, string>;
}

const EVIDENCE = 'evidence';
const GATE_DECISION = 'gateDecision';

/** Every record of the pack: versions against entries, the present row against the newest version; then what is missing. */
export async function checkRecords(
  zip: PackZip,
  manifest: PackManifest,
  logs: ReadonlyMap<number, CheckedLog>,
  histories: Histories,
  registers: RegisterKnowledge | undefined,
  problems: Problems,
): Promise<RecordsChecked> {
  const out: RecordsChecked = {
    records: 0,
    versions: 0,
    erasedParts: 0,
    notCompared: 0,
    late: { count: 0, rows: [] },
    files: new Map(),
    statements: new Map(),
  };
  const refs = new Map<string, string>();
  const prefixes = new Map<string, string>();
  for (const file of [...zip.names].filter((n) => n.startsWith(PACK_FILES.records)).sort()) {
    const register = file.slice(PACK_FILES.records.length).replace(/\.jsonl$/, '');
    let last = 0;
    try {
      for await (const { line, bytes } of zip.lines(file)) {
        const { value, problem } = jsonLine(bytes);
        const { record, problem: shape } = problem ? { problem } : recordOf(value);
        if (record === undefined) {
          problems.add('versions', { file, line }, shape ?? 'the line cannot be read');
          continue;
        }
        const place = { file, line, ref: record.ref.slice(0, 40) };
        const say = (message: string) => problems.add('versions', place, message);
        if (record.register !== register)
          say(`the record is of the register ${record.register.slice(0, 64)}`);
        if (record.number <= last) say(`record number ${record.number} follows number ${last}: lines ascend`);
        last = record.number;
        checkRef(record, prefixes, registers, say);
        if (refs.has(record.id)) say(`the record is in the pack twice, see ${refs.get(record.id)}`);
        refs.set(record.id, record.ref);
        await checkRecord(record, place, logs, histories, problems, out);
        checkPresent(record, place, manifest, registers, problems, out);
        collect(record, out);
      }
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      const line = error.line === undefined ? {} : { line: error.line };
      problems.add('versions', { file, ...line }, error.message);
    }
  }
  if (manifest.system === null)
    await checkComplete(logs, refs, (name) => registers?.prefix(name) ?? prefixes.get(name), problems);
  return out;
}

/** A reference is its register's prefix and the number; the log holds only the number. */
function checkRef(
  record: PackRecord,
  prefixes: Map<string, string>,
  registers: RegisterKnowledge | undefined,
  say: (message: string) => void,
): void {
  const prefix = record.ref.slice(0, record.ref.lastIndexOf('-'));
  const known = registers?.prefix(record.register) ?? prefixes.get(record.register);
  if (record.ref !== `${prefix}-${String(record.number).padStart(4, '0')}` || !/^[A-Z]{3}$/.test(prefix))
    say(`the reference of number ${record.number} does not read so`);
  else if (known !== undefined && known !== prefix) say(`references of this register begin with ${known}`);
  if (!prefixes.has(record.register)) prefixes.set(record.register, prefix);
}

async function checkRecord(
  record: PackRecord,
  place: Place,
  logs: ReadonlyMap<number, CheckedLog>,
  histories: Histories,
  problems: Problems,
  out: RecordsChecked,
): Promise<void> {
  out.records += 1;
  let expected = 1;
  for (const version of record.versions) {
    out.versions += 1;
    out.erasedParts += version.erased.length;
    const at: Place = { ...place, version: version.version };
    if (version.version !== expected)
      problems.add(
        'versions',
        at,
        `version ${String(version.version).slice(0, 20)} stands where ${expected} should`,
      );
    expected += 1;
    const say: Say = (message, entry) => {
      const log = logs.get(version.log);
      const where = entry === undefined ? {} : { entry, ...(log ? numberOf(log) : {}) };
      problems.add('versions', { ...at, ...where }, `${record.ref} version ${version.version}: ${message}`);
    };
    const late: Late = (entry, signed, ms) => {
      out.late.count += 1;
      if (out.late.rows.length === LATE_ROWS_NAMED) return;
      out.late.rows.push({ ...at, ...numberOf(logs.get(version.log)!), entry, at: signed, ms });
    };
    await checkVersion(record, version, logs, histories, say, late);
  }
  const newest = histories.shown.get(record.id) ?? 0;
  const held = record.versions.at(-1)!.version;
  if (held < newest)
    problems.add(
      'completeness',
      { ...place, version: held + 1 },
      `${record.ref}: the log holds ${newest} versions, the pack ends with version ${held}`,
    );
}

/** The row people see must say what its newest version committed to. */
function checkPresent(
  record: PackRecord,
  place: Place,
  manifest: PackManifest,
  registers: RegisterKnowledge | undefined,
  problems: Problems,
  out: RecordsChecked,
): void {
  const { present } = record;
  if (present === null) {
    if (manifest.asOf === null) out.notCompared += 1;
    return;
  }
  const latest = record.versions.at(-1)!;
  const at: Place = { ...place, version: latest.version, entry: latest.index };
  const say = (message: string) => problems.add('present', at, `${record.ref}: the row ${message}`);
  if (present.version !== latest.version)
    say(`says version ${String(present.version).slice(0, 20)}, the newest version is ${latest.version}`);
  if (present.state !== latest.state)
    say(`says the state ${present.state.slice(0, 64)}, the newest version ${latest.state}`);
  const committed: Record<string, unknown> = {};
  for (const group of ['values', 'people', 'text']) {
    const value = partValue(latest, group);
    if (isObject(value)) Object.assign(committed, value);
  }
  // Of the newest version nothing that a row shows is ever erased: a name that its parts do not have is nobody's word.
  for (const name of new Set([...Object.keys(committed), ...Object.keys(present.values)])) {
    const there = Object.hasOwn(committed, name);
    if (Object.hasOwn(present.values, name) === there && same(present.values[name], committed[name]))
      continue;
    say(`differs from version ${latest.version} in the field ${name.slice(0, 64)}`);
  }
  if (!same(present.links, partValue(latest, 'links') ?? {}))
    say(`differs from version ${latest.version} in its links`);
  const titles = Object.values(committed).map((v) => (typeof v === 'string' ? v.slice(0, 300) : undefined));
  if (present.title !== record.ref && !titles.includes(present.title))
    say('has a title that is none of its values');
  const derived = registers?.derive(record.register, present.values);
  if (derived !== undefined && !same(derived, present.derived))
    say('has derived values that do not follow from its values by the rules of this program');
}

/** What the records say must be in the pack beside them. */
function collect(record: PackRecord, out: RecordsChecked): void {
  if (record.register !== EVIDENCE && record.register !== GATE_DECISION) return;
  for (const version of record.versions) {
    const file = field(version, 'values', 'file');
    if (record.register === EVIDENCE && /^sha256:[0-9a-f]{64}$/.test(file))
      out.files.set(file.slice(7), { ref: record.ref, fileName: field(version, 'values', 'fileName') });
    const statement = field(version, 'text', 'attestation');
    if (record.register === GATE_DECISION && statement) out.statements.set(record.ref, statement);
  }
}

function field(version: PackVersion, group: string, name: string): string {
  const value = partValue(version, group);
  const inner = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof inner === 'string' ? inner : '';
}

/** Every entry about a record must have its version in the pack. */
async function checkComplete(
  logs: ReadonlyMap<number, CheckedLog>,
  refs: ReadonlyMap<string, string>,
  prefixOf: (register: string) => string | undefined,
  problems: Problems,
): Promise<void> {
  for (const log of logs.values())
    for (let index = 0; index < log.shown; index++) {
      if (log.kinds[index] !== KIND.record || log.claimed[index] === 1) continue;
      const bytes = await log.entries.at(index);
      if (bytes === undefined) continue;
      const entry = JSON.parse(bytes.toString('utf8')) as RecordEntry;
      const prefix = prefixOf(entry.register);
      const ref =
        refs.get(entry.id) ?? (prefix ? `${prefix}-${String(entry.number).padStart(4, '0')}` : undefined);
      problems.add(
        'completeness',
        { ...numberOf(log), entry: index, ...(ref ? { ref } : {}), version: entry.version },
        `entry ${index} is version ${entry.version} of ${ref ?? `${entry.register} number ${entry.number}`}; the pack has no such version`,
      );
    }
}

/** True for values that are the same as JSON, whatever the order of their names. */
function same(a: unknown, b: unknown): boolean {
  try {
    return JSON.stringify(a) === JSON.stringify(b) || canonicalJson(a) === canonicalJson(b);
  } catch {
    return false;
  }
}
