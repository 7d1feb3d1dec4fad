import { Failure } from '../../base/failure.ts';
import type { Register } from '../../register/register.ts';
import type { Contents } from '../../register/values.ts';
import { admittedAs, type Relations } from '../../register/who.ts';
import * as cell from '../../store/db/cells.ts';
import { everyLinkStatement, hiddenStatement } from '../../store/records/hidden.ts';
import { referencesStatement, type StoredWithRelations } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { mayRead } from '../write/access.ts';

/**
 * What is kept from somebody (a concern about them, any record of a register that they may not read) is not there for them, links to it neither: the
 * database sees to that. But when they change a record that links to it, the new version must commit to all its links: otherwise the row and its
 * newest version would say different things.
 */

/** A record about to be changed; `unseen` are links that whoever changes it does not see. */
export type Changing = StoredWithRelations & { unseen?: Record<string, string[]> };

/** The application as it works on one record of this register, which somebody may do without reading the register: see `withinReach`. */
export const opened = (app: App, register: Register): App => ({
  ...app,
  db: app.db.opened([register.name, register.prefix]),
});

/** May whoever asks know of this record: do they read its register, or does it give them, by their part in it, something to do? */
export function withinReach(ask: Asking, register: Register, record: { relations: Relations }): boolean {
  if (mayRead(ask.actor, register)) return true;
  const deeds = [register.permissions.edit, ...Object.values(register.transitions).map((t) => t.by)];
  return deeds.some((who) => admittedAs(ask.actor, [who].flat(), record.relations) !== undefined);
}

/** Records with all their links. One statement more, however many there are, and only for registers that link to what can be kept from somebody. */
export async function withUnseen(
  app: App,
  ask: Asking,
  register: Register,
  records: readonly StoredWithRelations[],
): Promise<Changing[]> {
  const kept = (r: Register) => r.hiddenFrom !== undefined || !mayRead(ask.actor, r);
  const targets = Object.entries(register.links).map(([name, l]) => ({ name, to: app.registry.get(l.to) }));
  // Of a record whose own register is closed, every link is.
  const links = kept(register) ? targets : targets.filter((l) => kept(l.to));
  if (links.length === 0 || records.length === 0) return [...records];
  const [rows] = await app.db.as('').run(ask.actor.organisation, [
    everyLinkStatement(
      records.map((r) => r.id),
      links.map((l) => l.name),
      ask.actor.ref,
    ),
  ]);
  const closed = links.filter((l) => l.to !== register && !mayRead(ask.actor, l.to)).map((l) => l.name);
  return records.map((record) => {
    const mine = rows!.filter((row) => row.id === record.id);
    if (mine.length === 0) return record;
    const named = (hidden: boolean) =>
      Object.fromEntries(
        links
          .map(({ name }): [string, string[]] => [
            name,
            mine
              .filter((row) => row.name === name && (!hidden || row.hidden === true || closed.includes(name)))
              .map((row) => cell.text(row.ref)),
          ])
          .filter(([, refs]) => refs.length > 0),
      );
    const unseen = named(true);
    return {
      ...record,
      links: { ...record.links, ...named(false) },
      ...(Object.keys(unseen).length > 0 ? { unseen } : {}),
    };
  });
}

/** Nobody takes away, or adds to, a list of which they do not see everything. What is given as it is seen is no change. */
export function keepingUnseen(
  register: Register,
  before: Changing,
  part: Partial<Contents>,
): Partial<Contents> {
  if (!before.unseen || !part.links) return part;
  const links = { ...part.links };
  for (const [name, hidden] of Object.entries(before.unseen)) {
    const given = links[name];
    if (!given) continue;
    const seen = (before.links[name] ?? []).filter((ref) => !hidden.includes(ref));
    if ([...given].sort().join() !== seen.join())
      throw new Failure(
        'NOT_ALLOWED',
        `${before.ref}: ${register.links[name]!.label} contains records that you cannot see, so you cannot change this list. Ask someone who sees all of it.`,
        [{ path: `/${name}`, message: 'holds what is kept from you' }],
      );
    delete links[name];
  }
  return { ...part, links };
}

/**
 * What a rule makes of another record, with the links that whoever asks does not see: the rule read it with their eyes, and its new version commits to all
 * of them.
 */
export async function whole<
  R extends {
    readonly register: Register;
    readonly before?: StoredWithRelations;
    readonly contents: Contents;
  },
>(app: App, ask: Asking, made: R): Promise<R> {
  const [before] = made.before ? await withUnseen(app, ask, made.register, [made.before]) : [];
  if (!before?.unseen) return made;
  const links = { ...made.contents.links };
  for (const [name, refs] of Object.entries(before.unseen))
    links[name] = [...new Set([...(links[name] ?? []), ...refs])].sort();
  const { unseen: _, ...known } = before;
  return { ...made, before: known, contents: { ...made.contents, links } };
}

/** A changed record as whoever changed it sees it: without the links that they do not. */
export function asSeen<R extends { readonly links: Readonly<Record<string, readonly string[]>> }>(
  record: R,
  unseen: Readonly<Record<string, readonly string[]>> | undefined,
): R {
  if (!unseen) return record;
  const links = Object.entries(record.links)
    .map(([name, refs]): [string, string[]] => [name, refs.filter((ref) => !unseen[name]?.includes(ref))])
    .filter(([name, refs]) => refs.length > 0 || !unseen[name]);
  return { ...record, links: Object.fromEntries(links) };
}

/** Links of a version as far as whoever asks sees where they lead: `known` names those. Whoever sees all of them gets the same object. */
export function linksSeen(
  links: Record<string, string[]>,
  known: Readonly<Record<string, unknown>>,
): Record<string, string[]>;
export function linksSeen(
  links: Readonly<Record<string, readonly string[]>>,
  known: Readonly<Record<string, unknown>>,
): Readonly<Record<string, readonly string[]>>;
export function linksSeen(
  links: Readonly<Record<string, readonly string[]>>,
  known: Readonly<Record<string, unknown>>,
): Readonly<Record<string, readonly string[]>> {
  if (Object.values(links).every((refs) => refs.every((ref) => Object.hasOwn(known, ref)))) return links;
  return Object.fromEntries(
    Object.entries(links)
      .map(([name, refs]): [string, string[]] => [name, refs.filter((ref) => Object.hasOwn(known, ref))])
      .filter(([, refs]) => refs.length > 0),
  );
}

/**
 * Records with links as their versions say them, as far as whoever asks sees where those lead. No statement unless one may lead to a record that is
 * hidden from some; a record of which everything is seen stays the same object, and so do its links.
 */
export async function allSeen<R extends { links: Record<string, string[]> }>(
  app: App,
  ask: Asking,
  register: Register,
  records: readonly R[],
): Promise<R[]> {
  const to = (name: string) => app.registry.get(register.links[name]!.to);
  const kept = Object.keys(register.links).filter((n) => to(n).hiddenFrom || !mayRead(ask.actor, to(n)));
  const refs = [...new Set(records.flatMap((r) => kept.flatMap((n) => r.links[n] ?? [])))];
  if (refs.length === 0) return [...records];
  const [rows] = await app.db.run(ask.actor.organisation, [referencesStatement(refs)]);
  const seen = new Set(rows!.map((r) => cell.text(r.ref)));
  return records.map((r) => {
    const unseen = kept.map((n): [string, string[]] => [
      n,
      (r.links[n] ?? []).filter((ref) => !seen.has(ref)),
    ]);
    return unseen.every(([, list]) => list.length === 0) ? r : asSeen(r, Object.fromEntries(unseen));
  });
}

/** What differs, as far as whoever asks sees where changed links lead: `known` names those. */
export const changedSeen = <C extends { link: boolean; from: unknown; to: unknown }>(
  changed: readonly C[],
  known: Readonly<Record<string, unknown>>,
): C[] =>
  changed.flatMap((c) => {
    if (!c.link) return [c];
    const seen = (v: unknown) =>
      Array.isArray(v) ? v.filter((ref) => Object.hasOwn(known, String(ref))) : v;
    const [from, to] = [seen(c.from), seen(c.to)];
    const nothing = (v: unknown) => v === null || (Array.isArray(v) && v.length === 0);
    const hidden = nothing(from) && nothing(to) && !(nothing(c.from) && nothing(c.to));
    return hidden || String(from) === String(to) ? [] : [{ ...c, from, to }];
  });

/** Is anything of the organisation hidden from this person? */
export async function somethingHidden(app: App, organisation: number, person: string): Promise<boolean> {
  const names = app.registry.all.filter((r) => r.hiddenFrom).map((r) => r.name);
  const [rows] = await app.db.as('').run(organisation, [hiddenStatement(person, names)]);
  return rows![0]!.some === true;
}
