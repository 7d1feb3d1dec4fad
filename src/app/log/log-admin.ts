import { createHash } from 'node:crypto';
import type { Committed } from '../../answers/record.ts';
import { deed, mayNot } from '../../authority/refusal.ts';
import { secretToken } from '../../base/random.ts';
import { failures } from '../../base/refusals.ts';
import type { Sentence } from '../../base/sentence.ts';
import { encodeEntry, type LogEntry } from '../../ledger/index.ts';
import { contentsFrom } from '../../register/values.ts';
import { type Actor, admittedAs } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { endOpenKey, insertKey, lockOpen, setLogToken, setPublic } from '../../store/log/log-admin.ts';
import { type Also, notesStatement } from '../../store/records/write.ts';
import type { App, Asking } from '../context.ts';
import type { Organisation } from '../people/organisations.ts';
import { noLongerSo } from '../write/anew.ts';
import { createChecked } from '../write/commit.ts';
import type { WritePlan } from '../write/plan.ts';
import { demandPerson } from '../write/step.ts';
import { logHead } from './log-heads.ts';

const no = failures('logAct', {
  isPublic: ['CONFLICT', 'The log is public already.'],
  isPrivate: ['CONFLICT', 'The log is private already.'],
  moved: [
    'CONFLICT',
    'Somebody else began a new log at this moment; nothing of yours was stored. Look at the log, then try again.',
  ],
});

/** Who may do something to the log itself. */
export const KEEPERS = ['topManagement', 'aimsManager'] as const;

/** True for whoever keeps the log: has to know when it is not signed. */
export const keepsLog = (actor: Actor): boolean => admittedAs(actor, KEEPERS) !== undefined;

/** What was done, one of the register's choices: it refuses any other. */
type Kind = string;

/** Throws NOT_ALLOWED unless whoever asks keeps the log; answers in which capacity. */
export function demandKeeper(ask: Asking, deed: Sentence): string {
  const as = admittedAs(ask.actor, KEEPERS);
  if (as) return as;
  throw mayNot(deed, KEEPERS);
}

/**
 * Records an act on the log: who, what, why, with the statements that carry it out and the entries that say so, in one transaction.
 */
export async function recordLogChange(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: {
    as: string;
    /** When; now unless told. */
    at?: Date;
    kind: Kind;
    subject?: string;
    basis?: string;
    reason?: string;
    detail?: string;
    notes?: (Partial<LogEntry> & { about: string })[];
    also?: Also[];
  } & Pick<WritePlan, 'told' | 'whileRefused'>,
): Promise<Committed> {
  const register = app.registry.of(registers.logChange);
  const { kind, subject, basis, reason, detail } = o;
  const contents = contentsFrom(register, { kind, subject, basis, reason, detail }, 'engine');
  const at = o.at ?? app.clock.now();
  const entries = (o.notes ?? []).map((n) => logNote(at, organisation.origin, n));
  return createChecked(app, ask, register, contents, {
    as: o.as,
    at,
    told: o.told,
    whileRefused: o.whileRefused,
    also: () => [...(o.also ?? []), ...(entries.length > 0 ? [notesStatement(entries)] : [])],
  });
}

/** Canonical text of an entry about the log itself. */
export function logNote(at: Date, origin: string, note: Partial<LogEntry> & { about: string }): string {
  return encodeEntry({
    v: 1,
    type: 'log',
    at: at.toISOString(),
    act: 'note',
    origin,
    ...note,
  }).toString('utf8');
}

/** Opens the log to everybody, or closes it to all but members and holders of the read token. */
export async function setLogPublic(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: { public: boolean; reason?: string },
): Promise<Committed> {
  const as = demandKeeper(ask, deed('openLog'));
  if (organisation.logPublic === o.public) throw no(o.public ? 'isPublic' : 'isPrivate');
  return recordLogChange(app, ask, organisation, {
    as,
    kind: o.public ? 'opened' : 'closed',
    reason: o.reason,
    notes: [{ about: o.public ? 'log.public' : 'log.private' }],
    also: [setPublic(o.public)],
  });
}

/** Makes the read token of a private log, in place of an earlier one. It is answered once and kept as a digest only. */
export async function makeReadToken(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: { withdraw?: boolean; reason?: string },
): Promise<Committed & { token?: string }> {
  const as = demandKeeper(ask, deed('readToken'));
  const token = o.withdraw ? undefined : `aimslog_${secretToken(app.random, 32)}`;
  const done = await recordLogChange(app, ask, organisation, {
    as,
    kind: 'readToken',
    subject: token ? 'given out' : 'withdrawn',
    reason: o.reason,
    also: [setLogToken(token ? createHash('sha256').update(token).digest() : null)],
  });
  return token ? { ...done, token } : done;
}

/**
 * Gives the log a new key. From the next checkpoint on both keys sign, until the old one's end; the entry that names the new key is so
 * signed by the old one, and whoever trusts the old one can go on.
 */
export async function rotateKey(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: { overlapDays: number; reason?: string },
): Promise<Committed & { vkey: string; until: string }> {
  const as = demandKeeper(ask, deed('changeKey'));
  await demandPerson(ask, 'changing the key of the log');
  await app.sequencer.settle(organisation.id);
  const head = await logHead(app, organisation);
  const { name, vkey } = await newKey(app, organisation.slug, head.origin);
  const now = app.clock.now();
  const until = new Date(now.getTime() + o.overlapDays * 86_400_000);
  const told = { vkey, until: until.toISOString() };
  const done = await unlessMoved(() =>
    recordLogChange(app, ask, organisation, {
      as,
      at: now,
      kind: 'keyRotation',
      subject: vkey,
      reason: o.reason,
      told,
      notes: [{ about: 'key.rotate', vkey }],
      also: [lockOpen(head.number), endOpenKey(until, head.number), insertKey(head.number, vkey, name, now)],
    }),
  );
  // Placed while both keys sign, at once: a process that ends here leaves it to the next one, which has the whole overlap for it.
  await app.sequencer.settle(organisation.id);
  return { ...done, ...told };
}

export async function newKey(
  app: App,
  slug: string,
  origin: string,
): Promise<{ name: string; vkey: string }> {
  const name = `log-${slug}-${app.random.bytes(4).toString('hex')}`;
  return { name, vkey: await app.keys.makeLogKey(name, origin) };
}

async function unlessMoved<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!noLongerSo(error)) throw error;
    throw no('moved');
  }
}
