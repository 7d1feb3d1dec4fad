import { Failure } from '../../base/failure.ts';
import { notThere } from '../../register/said.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import {
  aboutStatement,
  byRefStatement,
  namedStatement,
  neighboursStatement,
  ofOthersStatement,
  recordIdStatement,
} from '../../store/pack/pack-rows.ts';
import type { App } from '../context.ts';
import type { Query } from '../read/as-of.ts';

/** Records asked about at once. */
const CHUNK = 1_000;
/** More records around one system than this are not one system's. */
const MOST = 500_000;
const REF = /^[A-Z]{3}-\d{4,9}$/;

/**
 * The records around an AI system, by identity. Walks the links that the registers declare, in both directions:
 *
 * 1. The system, and whatever links to it, and whatever links to that, belong to it: releases, their test runs, risks, plans, drills.
 * 2. What those link to is named by them and comes too, and what that names in turn; but not whatever else links there: a supplier or a
 *    person is shared, and other systems hang on it.
 * 3. A record that links to AI systems, none of them this one, belongs to others and is left out, in either direction.
 * 4. People, keys and policies named in fields, whoever wrote a version, and decisions and log changes about any of the records come too.
 *
 * Links are those of the present: what a record linked to in earlier versions only is not followed. Throws NOT_FOUND, TOO_LARGE.
 */
export async function recordsAround(app: App, query: Query, ref: string): Promise<Set<string>> {
  const [start] = await query(recordIdStatement(ref));
  if (!start || start.register !== registers.aiSystem.name)
    throw notThere(registers.aiSystem, ref, '/system');
  const id = cell.text(start.id);
  const others = otherSystems(query, id);
  const own = new Set([id]);
  await spread([id], own, async (ids) => others(await neighbours(query, ids, true)));
  const all = new Set(own);
  await spread([...own], all, async (ids) => others(await neighbours(query, ids, false)));
  await addNamed(app, query, all, others);
  return all;
}

/** Adds what `next` finds from the newly found ones, until nothing new is found. */
async function spread(
  from: string[],
  into: Set<string>,
  next: (ids: string[]) => Promise<string[]>,
): Promise<void> {
  for (let frontier = from; frontier.length > 0; ) {
    const found: string[] = [];
    for (let at = 0; at < frontier.length; at += CHUNK)
      for (const id of await next(frontier.slice(at, at + CHUNK)))
        if (!into.has(id)) {
          into.add(id);
          found.push(id);
        }
    if (into.size > MOST)
      throw new Failure(
        'TOO_LARGE',
        `More than ${MOST} records are around this system. Make a pack of everything instead.`,
      );
    frontier = found;
  }
}

const neighbours = async (query: Query, ids: string[], back: boolean): Promise<string[]> =>
  (await query(neighboursStatement(ids, back))).map((r) => cell.text(r.id));

/** Leaves out AI systems that are not `start`, and records that link to such alone. */
function otherSystems(query: Query, start: string): (ids: string[]) => Promise<string[]> {
  return async (ids) => {
    if (ids.length === 0) return ids;
    const strangers = new Set(
      (await query(ofOthersStatement(ids, registers.aiSystem.name, start))).map((r) => cell.text(r.id)),
    );
    const named = await query(namedStatement(ids));
    for (const row of named)
      if (row.register === registers.aiSystem.name && row.id !== start) strangers.add(cell.text(row.id));
    return ids.filter((id) => !strangers.has(id));
  };
}

/** Whoever and whatever the records name in their fields, and decisions about them, until nothing new is named. */
async function addNamed(
  app: App,
  query: Query,
  all: Set<string>,
  others: (ids: string[]) => Promise<string[]>,
): Promise<void> {
  const about = [registers.decision.name, registers.logChange.name].filter((name) => app.registry.find(name));
  await spread([...all], all, async (ids) => {
    const refs = new Set<string>();
    const own: string[] = [];
    for (const row of await query(namedStatement(ids))) {
      own.push(cell.text(row.ref));
      const values = Object.values(cell.orNull(cell.object)(row.values) ?? {}).flat();
      for (const v of [...values, row.created_by, row.updated_by, ...cell.list(cell.anything)(row.actors)])
        if (typeof v === 'string' && REF.test(v)) refs.add(v);
    }
    const named = (await query(byRefStatement([...refs]))).map((r) => cell.text(r.id));
    const said = (await query(aboutStatement(about, own))).map((r) => cell.text(r.id));
    return others([...named, ...said]);
  });
}
