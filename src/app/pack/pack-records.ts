import { canonicalJson } from '../../base/canonical.ts';
import { Failure } from '../../base/failure.ts';
import {
  decisionPath,
  documentPath,
  evidencePath,
  PACK_FILES,
  PACK_LIMITS,
  type PackEvidence,
  type PackPresent,
  type PackRecord,
  type PackVersion,
  type PackWriter,
  recordsPath,
} from '../../pack/index.ts';
import { kindOf } from '../../register/kinds.ts';
import type { Register } from '../../register/register.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import {
  instantOf,
  REGISTERS_HELD,
  recordRowsStatement,
  versionRowsStatement,
  wholeOf,
} from '../../store/pack/pack-rows.ts';
import type { App } from '../context.ts';
import { csvLines, type Exported } from '../exchange/exporting.ts';
import type { Query } from '../read/as-of.ts';
import { storedFile } from '../release/evidence-files.ts';
import type { PackedLog } from './pack-log.ts';

/** Records whose versions are in memory at once. */
const PAGE = 50;
const SHA256 = /^sha256:([0-9a-f]{64})$/;

/** What goes into the pack, and what was found on the way. */
export interface RecordScope {
  logs: readonly PackedLog[];
  /** Only versions entered in this state, and no present rows. */
  asOf: { log: number; size: number; at: string } | undefined;
  /** Only these records; all when absent. */
  ids: ReadonlySet<string> | undefined;
}

/** Files that records of the pack stand for. */
export interface Attached {
  evidence: Omit<PackEvidence, 'bytes'>[];
  statements: Map<string, string>;
}

/** Writes one file a register, lines ascending by number, and the same records as tables for people. */
export async function writeRecords(
  app: App,
  query: Query,
  pack: PackWriter,
  scope: RecordScope,
): Promise<Attached> {
  const attached: Attached = { evidence: [], statements: new Map() };
  const held = new Set((await query(REGISTERS_HELD)).map((r) => cell.text(r.register)));
  // A register whose name cannot be a file name was never one of ours; its records are missed by whoever verifies.
  const names = [...held].filter((name) => /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name)).sort();
  for (const name of names) {
    const said = new Set<string>();
    const lines = recordLines(query, name, scope, attached, said);
    const first = await lines.next();
    if (first.done) continue;
    await pack.add(recordsPath(name), rest(first.value, lines));
    const register = app.registry.find(name);
    if (register && scope.asOf === undefined)
      // A column of which no record says anything would be a heading that nothing vouches for.
      await pack.add(
        documentPath(name),
        csvLines(register, tablePages(query, register, scope), false, (column) => said.has(column)),
      );
  }
  return attached;
}

async function* rest(first: string, lines: AsyncGenerator<string>): AsyncGenerator<string> {
  yield first;
  yield* lines;
}

async function* rowPages(query: Query, register: string, scope: RecordScope): AsyncGenerator<Row[]> {
  const ids = scope.ids && [...scope.ids];
  for (let after = -(2 ** 31); ; ) {
    const rows = await query(recordRowsStatement(register, after, PAGE, ids));
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    after = cell.number(rows.at(-1)!.number);
  }
}

async function* recordLines(
  query: Query,
  register: string,
  scope: RecordScope,
  attached: Attached,
  said: Set<string>,
): AsyncGenerator<string> {
  for await (const rows of rowPages(query, register, scope)) {
    const versions = await query(versionRowsStatement(rows.map((r) => cell.text(r.id))));
    const byRecord = new Map<string, PackVersion[]>();
    for (const row of versions) {
      const version = versionOf(row, scope);
      if (version) byRecord.set(cell.text(row.id), [...(byRecord.get(cell.text(row.id)) ?? []), version]);
    }
    for (const row of rows) {
      const own = byRecord.get(cell.text(row.id));
      if (own === undefined) continue;
      const record: PackRecord = {
        ref: cell.text(row.ref),
        id: cell.text(row.id),
        register: cell.text(row.register),
        number: cell.number(row.number),
        present: scope.asOf || row.waiting ? null : presentOf(row),
        versions: own,
      };
      collect(record, attached);
      for (const column of columnsOf(record)) said.add(column);
      yield `${JSON.stringify(record)}\n`;
    }
  }
}

/** Fields, links and derived values of which a record says something now. */
const columnsOf = ({ present }: PackRecord): string[] =>
  [present?.values, present?.links, present?.derived].flatMap((o) =>
    Object.entries(o ?? {}).flatMap(([name, value]) => (value === null ? [] : [name])),
  );

function presentOf(row: Row): PackPresent {
  return {
    version: cell.number(row.version),
    state: cell.text(row.state),
    title: cell.text(row.title),
    values: objectOf(row.values),
    derived: objectOf(row.derived),
    links: objectOf(row.links) as Record<string, string[]>,
  };
}

const objectOf = (v: unknown): Record<string, unknown> =>
  typeof v === 'object' && v !== null && !Array.isArray(v) ? { ...cell.object(v) } : { '': v };

/** A version as its rows say; undefined when it is later than the state the pack shows. */
function versionOf(row: Row, scope: RecordScope): PackVersion | undefined {
  const last = scope.logs.at(-1)!;
  const log = row.log === null ? undefined : scope.logs.find((l) => l.number === row.log);
  const index = wholeOf(row.index ?? -1);
  const at = instantOf(row.at);
  if (scope.asOf && isAfter(cell.numberOrNull(row.log), index, at, scope.asOf)) return undefined;
  const parts = partsOf(cell.byName(cell.texts)(row.parts));
  return {
    version: cell.number(row.version),
    log: cell.numberOrNull(row.log) ?? last.number,
    index,
    at,
    act: cell.text(row.act),
    transition: cell.textOrNull(row.transition),
    state: cell.text(row.state),
    actor: cell.text(row.actor),
    digest: cell.text(row.digest),
    proof:
      log && index >= 0 && index < log.end
        ? log.tree.proof(index).map((hash) => hash.toString('base64'))
        : [],
    parts,
    erased: groupsOf(row.entry).filter((group) => !Object.hasOwn(parts, group)),
  };
}

/** True for a version entered after a state; one that lost its entry goes by its time. */
function isAfter(
  log: number | null,
  index: number,
  at: string,
  state: { log: number; size: number; at: string },
): boolean {
  if (log === null) return at > state.at;
  return log > state.log || (log === state.log && index >= state.size);
}

function partsOf(rows: Record<string, string[]>): PackVersion['parts'] {
  return Object.fromEntries(
    Object.entries(rows).map(([group, [salt = '', text = '']]) => [
      group,
      { salt, json: canonicalText(text) },
    ]),
  );
}

/** The canonical spelling of what the database holds as JSON; as it stands when it has none. */
function canonicalText(text: string): string {
  try {
    return canonicalJson(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Groups an entry commits to; none when it cannot be read. */
function groupsOf(entry: unknown): string[] {
  try {
    const value: unknown = JSON.parse(cell.bytes(entry).toString('utf8'));
    return Object.keys(cell.orNull(cell.object)(cell.object(value).c) ?? {});
  } catch {
    return [];
  }
}

function collect(record: PackRecord, attached: Attached): void {
  if (record.register !== registers.evidence.name && record.register !== registers.gateDecision.name) return;
  for (const version of record.versions) {
    const values = partOf(version, 'values');
    const sha256 = SHA256.exec(String(values.file))?.[1];
    if (record.register === registers.evidence.name && sha256) {
      const one = { sha256, fileName: String(values.fileName ?? ''), ref: record.ref };
      // A file that was withdrawn and handed in again is packed once, and told by the newer record, as verifiers read it.
      const known = attached.evidence.findIndex((e) => e.sha256 === sha256);
      if (known < 0) attached.evidence.push(one);
      else attached.evidence[known] = one;
    }
    const statement = partOf(version, 'text').attestation;
    if (record.register === registers.gateDecision.name && typeof statement === 'string')
      attached.statements.set(record.ref, statement);
  }
}

function partOf(version: PackVersion, group: string): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(version.parts[group]?.json ?? '{}'));
  } catch {
    return {};
  }
}

/** Evidence files with their index, and signed statements. A file that is gone or altered is left out and told in the log: whoever verifies misses it. */
export async function writeAttached(app: App, pack: PackWriter, attached: Attached): Promise<void> {
  const index: string[] = [];
  for (const { sha256, fileName, ref } of attached.evidence) {
    let bytes = 0;
    const file = await storedFile(app, sha256, ref).catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'DAMAGED') return undefined;
      throw error;
    });
    if (file) {
      bytes = file.bytes;
      // Nothing larger may be packed however tightly: see PACK_LIMITS.
      await pack.add(evidencePath(sha256), file.stream, { stored: bytes > PACK_LIMITS.free });
    }
    index.push(`${JSON.stringify({ sha256, bytes, fileName, ref } satisfies PackEvidence)}\n`);
  }
  await pack.add(PACK_FILES.evidenceIndex, index);
  for (const [ref, statement] of attached.statements)
    if (/^[A-Z]{3}-\d{4,9}$/.test(ref)) await pack.add(decisionPath(ref), statement);
}

/** Rows for the tables; a value that has no text, because somebody changed it past the program, is left out of them. */
async function* tablePages(query: Query, register: Register, scope: RecordScope): AsyncGenerator<Exported[]> {
  for await (const rows of rowPages(query, register.name, scope))
    yield rows.map((row) => shownOf(register, row));
}

function shownOf(register: Register, row: Row): Exported {
  const present = presentOf(row);
  const values = Object.fromEntries(
    Object.entries(present.values).filter(([name, v]) => {
      const field = register.fields[name];
      try {
        return field !== undefined && typeof kindOf(field).text(v, field) === 'string';
      } catch {
        return false;
      }
    }),
  );
  return {
    ...present,
    values,
    id: cell.text(row.id),
    ref: cell.text(row.ref),
    register: register.name,
    number: cell.number(row.number),
    createdAt: instantOf(row.created_at),
    createdBy: cell.text(row.created_by),
    updatedAt: instantOf(row.updated_at),
    updatedBy: cell.text(row.updated_by),
    // Its row is ahead of the log: what it says is in no file of the pack.
    unsaid: row.waiting === true,
  };
}
