import { setImmediate as letOthers } from 'node:timers/promises';
import type { Committed } from '../../answers/record.ts';
import type { RowDifference, RowDifferences } from '../../answers/rows.ts';
import { canonicalJson } from '../../base/canonical.ts';
import { failures } from '../../base/refusals.ts';
import { messageOf } from '../../base/thrown.ts';
import type { Register } from '../../register/register.ts';
import { NO_TEXT } from '../../register/slots.ts';
import { type Contents, contentsOf, hiddenFrom, partsOf } from '../../register/values.ts';
import { admittedAs } from '../../register/who.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { toStored } from '../../store/records/records.ts';
import {
  recordByRef,
  rowBesideVersion,
  rowsBesideVersions,
  seenAmong,
} from '../../store/records/row-check.ts';
import type { App, Asking } from '../context.ts';
import { KEEPERS } from '../log/log-admin.ts';
import { store } from '../write/commit.ts';

const PAGE = 200;
/** Differences that are kept by name; beyond, they are counted. */
const NAMED = 200;
/** Before the first look of a process, and between looks (ms): what it looks for comes of faults of the past, or of somebody at the tables. */
const FIRST = 10 * 60_000;
const LOOK = 7 * 86_400_000;

const no = failures('rowCheck', {
  notYours: ['NOT_ALLOWED', 'Only top management and AIMS managers can compare rows with versions.'],
  none: ['NOT_FOUND', 'There is no record {ref}.'],
  noReason: ['INVALID', 'Say why (reason): the new version keeps it for good.'],
  agrees: ['CONFLICT', '{ref}: the row says what its newest version says. There is nothing to mend.'],
  byStepsAlone: [
    'CONFLICT',
    '{ref}: the row says another state than its newest version, and a state comes about by steps alone. Mend it by what the version says.',
  ],
  noVersion: [
    'CONFLICT',
    '{ref}: the row counts another version than its newest one. No new version can follow that: restore the database from a backup (docs/guide/restore.md).',
  ],
  erased: [
    'CONFLICT',
    '{ref}: parts of its newest version were erased, so that it does not say all of the record. Mend it by what the row says.',
  ],
});

const same = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null);

/** Links by name in an order of their own; a name without any says nothing. */
const inOrder = (links: Contents['links']): Contents['links'] =>
  Object.fromEntries(
    Object.entries(links)
      .filter(([, refs]) => refs.length > 0)
      .map(([name, refs]) => [name, [...refs].sort()]),
  );

/** What a row says otherwise than the newest version of its record; empty when they agree. What was erased of the version says nothing. */
export function differencesIn(register: Register | undefined, row: Row): string[] {
  const stored = toStored(row);
  if (row.said_version !== stored.version) return ['version'];
  const parts = cell.byName((v) => v)(row.said_parts);
  const said = contentsOf(parts);
  const groups = cell.orNull(cell.texts)(row.said_groups) ?? [];
  const gone = new Set(groups.filter((g) => !(g in parts)));
  const groupOf = (name: string, v: unknown) =>
    register ? Object.keys(partsOf(register, { values: { [name]: v }, links: {} }))[0] : undefined;
  const found: string[] = [];
  if (row.said_state !== stored.state) found.push('state');
  for (const name of new Set([...Object.keys(stored.values), ...Object.keys(said.values)])) {
    if (same(stored.values[name], said.values[name])) continue;
    const group = groupOf(name, stored.values[name]);
    if (name in said.values || gone.size === 0 || (group && !gone.has(group))) found.push(name);
  }
  const [here, there] = [inOrder(stored.links), inOrder(said.links)];
  if (!gone.has('links'))
    for (const name of new Set([...Object.keys(here), ...Object.keys(there)]))
      if (!same(here[name], there[name])) found.push(name);
  if (register) {
    const { owner } = stored.values;
    const owned = typeof owner === 'string' ? owner : register.fields.owner ? NO_TEXT : null;
    if (row.owner !== owned) found.push('owner');
    if (!same(row.hidden_from, hiddenFrom(register, stored.values))) found.push('hidden from');
  }
  return [...new Set(found)];
}

/** What a look over all records of an organisation came to. */
interface Looked {
  at: string;
  records: number;
  total: number;
  found: (RowDifference & { id: string })[];
}

/**
 * Compares the row of every record with its newest version, a page at a time: memory does not grow with the organisation, and whoever else works comes
 * between pages. Each page is of one moment.
 */
export async function compareRows(
  app: App,
  organisation: number,
  { page = PAGE, ended = () => false }: { page?: number; ended?: () => boolean } = {},
): Promise<Looked> {
  const db = app.db.as('');
  const looked: Looked = { at: app.clock.now().toISOString(), records: 0, total: 0, found: [] };
  for (let after = '00000000-0000-0000-0000-000000000000'; !ended(); ) {
    const [rows] = await db.run(organisation, [rowsBesideVersions(after, page)]);
    for (const row of rows!) {
      looked.records += 1;
      const register = app.registry.find(cell.text(row.register));
      const differs = differencesIn(register, row);
      if (differs.length === 0) continue;
      looked.total += 1;
      const { ref, title, version, id } = toStored(row);
      if (looked.found.length < NAMED)
        looked.found.push({ ref, register: cell.text(row.register), title, version, differs, id });
    }
    if (rows!.length < page) break;
    after = cell.text(rows!.at(-1)!.id);
    await letOthers();
  }
  return looked;
}

/** Rows that differ, as whoever asks may know of them; of the others only that there are some. */
async function told(app: App, ask: Asking, { at, records, total, found }: Looked): Promise<RowDifferences> {
  const [seen] = found.length
    ? await app.db.run(ask.actor.organisation, [seenAmong(found.map((f) => f.id))])
    : [[]];
  const known = new Set(seen!.map((r) => cell.text(r.id)));
  const items = found.filter((f) => known.has(f.id)).map(({ id: _, ...item }) => item);
  return { at, records, total, items };
}

/** Looks at all records now. */
export async function rowDifferences(app: App, ask: Asking): Promise<RowDifferences> {
  if (!admittedAs(ask.actor, KEEPERS)) throw no('notYours');
  const looked = await compareRows(app, ask.actor.organisation);
  app.rows.keep(ask.actor.organisation, looked);
  return told(app, ask, looked);
}

/** What the newest look found, for whoever sees to it; undefined when all agrees, or nobody looked yet. */
export async function knownDifferences(app: App, ask: Asking): Promise<RowDifferences | undefined> {
  const looked = app.rows.newest(ask.actor.organisation);
  if (!looked || looked.total === 0 || !admittedAs(ask.actor, KEEPERS)) return undefined;
  return told(app, ask, looked);
}

/**
 * Mends a record of which row and newest version differ: a new version says what the row says, or the row becomes again what its newest version says and a
 * new version says that once more. The reason is kept; no version is changed. A state is mended by the version alone: it comes about by steps.
 */
export async function mendRow(
  app: App,
  ask: Asking,
  o: { ref: string; keep: 'row' | 'version'; reason: string },
): Promise<Committed> {
  const as = admittedAs(ask.actor, KEEPERS);
  if (!as) throw no('notYours');
  if (o.reason.trim() === '') throw no('noReason');
  const { organisation } = ask.actor;
  const ref = o.ref.slice(0, 40);
  const [seen] = await app.db.run(organisation, [recordByRef(o.ref)]);
  const [rows] = await app.db.as('').run(organisation, [rowBesideVersion(o.ref)]);
  const row = rows![0];
  const register = row && app.registry.find(cell.text(row.register));
  if (!row || !register || !seen![0]) throw no('none', { ref });
  const differs = differencesIn(register, row);
  if (differs.length === 0) throw no('agrees', { ref });
  if (differs.includes('version')) throw no('noVersion', { ref });
  const stored = toStored(row);
  const parts = cell.byName((v) => v)(row.said_parts);
  if (o.keep === 'row' && differs.includes('state')) throw no('byStepsAlone', { ref });
  const groups = cell.orNull(cell.texts)(row.said_groups) ?? [];
  if (
    o.keep === 'version' &&
    ['values', 'people', 'text', 'links'].some((g) => groups.includes(g) && !(g in parts))
  )
    throw no('erased', { ref });
  const contents = o.keep === 'row' ? { values: stored.values, links: stored.links } : contentsOf(parts);
  const done = await store(app, ask, {
    records: [
      {
        register,
        before: { ...stored, digest: cell.text(row.said_digest) },
        contents,
        state: cell.text(row.said_state),
        act: 'edit',
        actor: { ref: ask.actor.ref, as },
        reason: o.reason,
        mended: true,
      },
    ],
  });
  app.rows.mended(organisation, stored.id);
  return done;
}

/** Compares rows with versions seldom, beside the requests, and keeps what it found until the next look. */
export class RowWatch {
  private readonly found = new Map<number, Looked>();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly o: { look?: number; first?: number } = {}) {}

  start(app: App): void {
    const look = () => {
      this.running = this.look(app).finally(() => {
        if (!this.stopped) this.timer = setTimeout(look, this.o.look ?? LOOK);
      });
      this.running.catch(() => {});
    };
    this.timer = setTimeout(look, this.o.first ?? FIRST);
  }

  newest = (organisation: number): Looked | undefined => this.found.get(organisation);

  keep(organisation: number, looked: Looked): void {
    this.found.set(organisation, looked);
  }

  /** Somebody mended this one: not told again before the next look. */
  mended(organisation: number, id: string): void {
    const looked = this.found.get(organisation);
    if (!looked?.found.some((f) => f.id === id)) return;
    const found = looked.found.filter((f) => f.id !== id);
    this.found.set(organisation, { ...looked, total: looked.total - 1, found });
  }

  async look(app: App): Promise<void> {
    try {
      for (const { id, slug } of await app.db.organisationsWith('log', app.clock.now())) {
        const looked = await compareRows(app, id, { ended: () => this.stopped });
        if (this.stopped) return;
        this.keep(id, looked);
        if (looked.total > 0)
          app.log(
            `${slug}: ${looked.total} records say otherwise than their newest version; see: aims rows check`,
          );
      }
    } catch (error) {
      if (!this.stopped) app.log(`rows and versions: ${messageOf(error)}`);
    }
  }

  /** Waits for what is being looked at. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }
}
