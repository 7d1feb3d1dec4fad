import type { ChangedValue, Difference, Differences } from '../../answers/log.ts';
import type { Draft } from '../../answers/shape.ts';
import { failures } from '../../base/refusals.ts';
import type { Register } from '../../register/register.ts';
import { type Contents, changedNames, titleOf } from '../../register/values.ts';
import { admittedAs } from '../../register/who.ts';
import * as cell from '../../store/db/cells.ts';
import {
  toEntered,
  touchedCountsStatement,
  touchedStatement,
  versionsBetweenStatement,
} from '../../store/facts/entered.ts';
import { pointStatement, toPoint } from '../../store/facts/point.ts';
import type { App, Asking } from '../context.ts';
import { demandRead } from '../write/access.ts';
import {
  type CheckedVersion,
  checkVersion,
  type Point,
  pointOf,
  type Query,
  referencesThen,
} from './as-of.ts';
import { changedSeen } from './hidden.ts';

export interface DifferencesQuery {
  from?: string;
  to?: string;
  register?: string;
  after?: string;
  limit: number;
}

const no = failures('differences', {
  noFrom: ['BAD_INPUT', 'from: say from when on: a time, a day, or a size of the log.', '/from'],
  reversed: [
    'BAD_INPUT',
    'from: entry {size} of log {log} ({at}) comes after to, entry {toSize} of log {toLog} ({toAt}); exchange them.',
    '/from',
  ],
  noRegister: ['BAD_INPUT', 'register: there is no register {name}; there are {known}.', '/register'],
  strangeCursor: [
    'BAD_INPUT',
    'after: this cursor does not belong to these differences; begin again without it.',
    '/after',
  ],
});

/** Versions of one record that are named between two points. */
const VERSIONS = 20;

/** Where the next page begins. It carries both points, so that `to` keeps its meaning while the log grows. */
interface Cursor {
  f: [number, number];
  t: [number, number];
  r: string | null;
  a: [string, number];
}

/**
 * What was created and changed between two points, over the registers that may be read: by register and number, a page at a time. Both
 * states, and every version between, were checked against the log. Throws BAD_INPUT, NOT_FOUND, and INTERNAL for what does not hold.
 */
export async function differences(app: App, ask: Asking, q: DifferencesQuery): Promise<Differences> {
  const cursor = q.after === undefined ? undefined : decode(app, q.after, q.register);
  const registers = registersOf(app, ask, q.register ?? cursor?.r ?? undefined);
  const names = registers.map((r) => r.name);
  if (!cursor && q.from === undefined) throw no('noFrom');
  return app.db.converse(
    ask.actor.organisation,
    async (query) => {
      const from = cursor ? await kept(query, cursor.f) : await pointOf(app, query, q.from, 'from');
      const to = cursor ? await kept(query, cursor.t) : await pointOf(app, query, q.to, 'to');
      if (from.log > to.log || (from.log === to.log && from.size > to.size))
        throw no('reversed', {
          size: from.size,
          log: from.log,
          at: from.at,
          toSize: to.size,
          toLog: to.log,
          toAt: to.at,
        });
      const counts = await query(touchedCountsStatement(from, to, names));
      const after = cursor && { register: cursor.a[0], number: cursor.a[1] };
      const rows = await query(touchedStatement(from, to, names, after, q.limit + 1));
      const page = rows.slice(0, q.limit);
      const entered = await query(
        versionsBetweenStatement(
          page.map((r) => cell.text(r.id)),
          from,
          to,
          VERSIONS,
        ),
      );
      const versions = new Map<string, CheckedVersion[]>(page.map((r) => [cell.text(r.id), []]));
      for (const row of entered)
        versions.get(cell.text(row.id))?.push(checkVersion(app.registry, toEntered(row)));
      const items = page.map((row) =>
        difference(
          app.registry.get(cell.text(row.register)),
          versions.get(cell.text(row.id))!,
          cell.flag(row.created),
          cell.number(row.versions),
        ),
      );
      const references = await referencesThen(app, query, mentioned(app, items), to);
      for (const item of items) item.changed = changedSeen(item.changed, references);
      for (const v of items.flatMap((i) => i.versions))
        v.actor.name = references[v.actor.ref]?.title ?? v.actor.ref;
      const last = page.at(-1);
      return {
        from,
        to,
        counts: counts.map((c) => ({
          register: cell.text(c.register),
          label: app.registry.get(cell.text(c.register)).label.many,
          created: cell.number(c.created),
          changed: cell.number(c.changed),
        })),
        items,
        next:
          rows.length > q.limit && last
            ? encode({
                f: [from.log, from.size],
                t: [to.log, to.size],
                r: q.register ?? cursor?.r ?? null,
                a: [cell.text(last.register), cell.number(last.number)],
              })
            : null,
        references,
      };
    },
    { snapshot: true },
  );
}

function registersOf(app: App, ask: Asking, name: string | undefined): readonly Register[] {
  if (name === undefined)
    return app.registry.all.filter((r) => admittedAs(ask.actor, r.permissions.read) !== undefined);
  const register = app.registry.find(name);
  if (!register)
    throw no('noRegister', {
      name: JSON.stringify(name.slice(0, 60)),
      known: { join: 'comma', items: app.registry.all.map((r) => r.name) },
    });
  demandRead(ask, register);
  return [register];
}

/** The point of a cursor; it was resolved before, so all that may fail is a cursor somebody made up. */
async function kept(query: Query, [log, size]: [number, number]): Promise<Point> {
  const asked = { log, size };
  const [row] = await query(pointStatement(asked));
  return toPoint(row, asked, String(size), 'after');
}

function difference(
  register: Register,
  versions: CheckedVersion[],
  created: boolean,
  total: number,
): Draft<Difference> {
  const newest = [...versions].sort((a, b) => b.version - a.version);
  const to = newest[0]!;
  const before = created ? undefined : newest.at(-1)!;
  const none: Contents = { values: {}, links: {} };
  return {
    ref: to.ref,
    register: to.register,
    title: titleOf(register, to.contents.values, to.ref),
    created,
    state: { from: before?.state ?? null, to: to.state },
    version: { from: before?.version ?? null, to: to.version },
    changed: changedValues(register, before?.contents ?? none, to.contents),
    versions: newest
      .filter((v) => v !== before)
      .map((v) => ({
        version: v.version,
        at: v.at,
        act: v.act,
        ...(v.transition ? { transition: v.transition } : {}),
        state: v.state,
        actor: { ref: v.actor, name: v.actor },
        ...(v.as ? { as: v.as } : {}),
        ...(v.reason ? { reason: v.reason } : {}),
        log: v.log,
        logIndex: v.logIndex,
        erased: v.erased,
      })),
    versionsTotal: total,
    erased: { from: before?.erased ?? [], to: to.erased },
  };
}

/** Fields and links that differ, each with both values. */
export function changedValues(register: Register, a: Contents, b: Contents): ChangedValue[] {
  return changedNames(a, b).map((name) => {
    const link = register.links[name];
    return {
      name,
      label: link?.label ?? register.fields[name]?.label ?? name,
      link: link !== undefined,
      from: (link ? a.links[name] : a.values[name]) ?? null,
      to: (link ? b.links[name] : b.values[name]) ?? null,
    };
  });
}

/** Records and people that the differences speak of. */
function mentioned(app: App, items: readonly Difference[]): string[] {
  return items.flatMap((i) => {
    const register = app.registry.get(i.register);
    const named = i.changed
      .filter((c) => c.link || ['person', 'people'].includes(register.fields[c.name]?.kind ?? ''))
      .flatMap((c) => [c.from, c.to].flat())
      .filter((v): v is string => typeof v === 'string');
    return [...named, ...i.versions.map((v) => v.actor.ref)];
  });
}

const encode = (c: Cursor): string => Buffer.from(JSON.stringify(c)).toString('base64url');

function decode(app: App, text: string, register: string | undefined): Cursor {
  const place = (v: unknown): v is [number, number] =>
    Array.isArray(v) && v.length === 2 && v.every((n) => Number.isSafeInteger(n) && n > 0) && v[0] < 2 ** 31;
  try {
    const read: unknown = JSON.parse(Buffer.from(text.slice(0, 1_000), 'base64url').toString('utf8'));
    const { f, t, r, a } = cell.object(read);
    const known = (name: unknown): name is string =>
      typeof name === 'string' && app.registry.find(name) !== undefined;
    const [name, number] = cell.list(cell.anything)(a);
    if (place(f) && place(t) && known(name) && place([1, number]) && Number(number) < 2 ** 31)
      if ((r === null || known(r)) && (register ?? r) === r) return { f, t, r, a: [name, Number(number)] };
  } catch {
    // fall through to the one answer
  }
  throw no('strangeCursor');
}
