import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { deed, mayNot } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { formatPolicy, verifierFromVkey, witnessFromVkey } from '../../ledger/index.ts';
import { PACK_FILES, PACK_FORMAT, type PackManifest, PackWriter, packReadme } from '../../pack/index.ts';
import { admittedAs, type Role, whoText } from '../../register/who.ts';
import * as cell from '../../store/db/cells.ts';
import { WAITING_ENTRIES, WITNESSES } from '../../store/pack/pack-rows.ts';
import type { App, Asking } from '../context.ts';
import type { Organisation } from '../people/organisations.ts';
import { parsePoint, type Query } from '../read/as-of.ts';
import { somethingHidden } from '../read/hidden.ts';
import { demandRead } from '../write/access.ts';
import { headOver, type PackPoint, packPoint, writeCheckpoints, writeLogs } from './pack-log.ts';
import { writeAttached, writeRecords } from './pack-records.ts';
import { recordsAround } from './pack-walk.ts';

const WHO: readonly Role[] = ['topManagement', 'aimsManager', 'auditor'];
/** Packs made at the same time: each holds a connection and reads everything. */
const AT_ONCE = 2;
/** Times the log is brought to rest before a pack is made beside ongoing writes. */
const ATTEMPTS = 5;
const VERIFIERS = ['audit.py', 'audit.go', 'README.md'];

let making = 0;

/** What is asked for: the records around a system, or all; now, or at a time or size of the log. */
export interface PackRequest {
  system?: string;
  asOf?: string;
}

/** A pack that is ready: it was written whole before its first byte is read. */
export interface MadePack {
  stream: Readable;
  bytes: number;
  fileName: string;
}

/**
 * Makes an audit pack: everything the log holds so far, read in one snapshot. Rows go in as they stand, also those that somebody changed past
 * the ledger: nothing is repaired or left out because it does not fit, so that whoever verifies sees what is there. Throws NOT_ALLOWED,
 * NOT_FOUND, BAD_INPUT, TOO_MANY, TOO_LARGE.
 */
export async function makePack(
  app: App,
  ask: Asking,
  organisation: Organisation,
  o: PackRequest,
): Promise<MadePack> {
  if (!admittedAs(ask.actor, WHO)) throw mayNot(deed('makePack'), WHO);
  for (const register of app.registry.all) demandRead(ask, register);
  // Whoever verifies misses what is left out, and rightly so: a pack is whole or it is not made.
  if (await somethingHidden(app, organisation.id, ask.actor.ref))
    throw new Failure(
      'NOT_ALLOWED',
      `A pack that you make would lack records that are kept from you because they are about you, and so would not verify: none was made. Somebody else of ${whoText(WHO)} can make it.`,
    );
  if (making >= AT_ONCE)
    throw new Failure('TOO_MANY', `${AT_ONCE} packs are being made already. Ask again when they are done.`);
  making += 1;
  let folder: string | undefined;
  const discard = async () => folder && rm(folder, { recursive: true, force: true });
  try {
    // What is inside is for this person alone, salts included: the folder is its owner's, and gone when the file was sent.
    folder = await mkdtemp(join(tmpdir(), 'aims-pack-'));
    const path = join(folder, 'pack.zip');
    const system = await writePackFile(app, organisation, o, path);
    const stream = createReadStream(path);
    stream.once('close', () => void discard());
    const day = app.clock.now().toISOString().slice(0, 10);
    const fileName = [organisation.slug, 'audit-pack', ...(system ? [system] : []), day].join('-');
    return { stream, bytes: (await stat(path)).size, fileName: `${fileName}.zip` };
  } catch (error) {
    await discard();
    throw error;
  } finally {
    making -= 1;
  }
}

async function writePackFile(
  app: App,
  organisation: Organisation,
  o: PackRequest,
  path: string,
): Promise<string | undefined> {
  const out = createWriteStream(path, { mode: 0o600 });
  const broken = finished(out);
  broken.catch(() => {});
  try {
    const system = await atRest(app, organisation, async (query) => {
      const writer = new PackWriter(async (chunk) => {
        if (!out.write(chunk)) await Promise.race([once(out, 'drain'), broken]);
      }, app.clock.now());
      await writePack(app, query, organisation, o, writer);
      return o.system;
    });
    out.end();
    await broken;
    return system;
  } catch (error) {
    out.destroy();
    throw error;
  }
}

/** Runs `body` in a snapshot in which nothing waits for its place, as far as that can be had beside ongoing writes. */
async function atRest<T>(
  app: App,
  organisation: Organisation,
  body: (query: Query) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    // A log that may not be signed on is packed as it is: then more than ever somebody wants to see it.
    await app.sequencer
      .settle(organisation.id)
      .catch((error: Error) =>
        app.log(`audit pack of ${organisation.slug}: the log is not at rest: ${error.message}`),
      );
    const done = await app.db.converse(
      organisation.id,
      async (query) => {
        const [waiting] = await query(WAITING_ENTRIES);
        const some = cell.number(waiting!.versions) + cell.number(waiting!.others) > 0;
        return some && attempt < ATTEMPTS ? undefined : { packed: await body(query) };
      },
      { snapshot: true },
    );
    if (done) return done.packed;
  }
}

async function writePack(
  app: App,
  query: Query,
  organisation: Organisation,
  o: PackRequest,
  pack: PackWriter,
): Promise<void> {
  const point = o.asOf === undefined ? undefined : await pointOf(app, query, o.asOf);
  const ids = o.system === undefined ? undefined : await recordsAround(app, query, o.system);
  const head = point && (await headOver(query, point));
  const logs = await writeLogs(query, pack, head);
  const log = logs.at(-1)!;
  await pack.add(PACK_FILES.vkey, `${log.vkeys[0] ?? ''}\n`);
  await pack.add(PACK_FILES.policy, await policyOf(query, log.vkeys));
  const stamps = await writeCheckpoints(query, pack, log, point === undefined);
  const asOf = point && { log: point.log, size: point.size, at: point.at.replace(/(\.\d{3})000Z$/, '$1Z') };
  const goesOn = point !== head;
  if (point && goesOn) await pack.add(PACK_FILES.asOf, point.note);
  const attached = await writeRecords(app, query, pack, { logs, asOf, ids });
  await writeAttached(app, pack, attached);
  const html = await writeTools(pack);
  const manifest: Omit<PackManifest, 'files'> = {
    format: PACK_FORMAT,
    origin: log.origin,
    log: log.number,
    organisation: organisation.slug,
    name: organisation.name,
    size: log.size,
    root: log.root,
    asOf: asOf ? (goesOn ? asOf : { size: asOf.size, at: asOf.at }) : null,
    system: o.system ?? null,
    madeAt: app.clock.now().toISOString(),
    vkeys: log.vkeys,
    gateKey: app.keys.gatePublicPem(organisation.slug),
    former: logs
      .slice(0, -1)
      .map(({ number, origin, size, root, vkeys }) => ({ number, origin, size, root, vkeys })),
  };
  await pack.add(PACK_FILES.readme, packReadme({ manifest, html, stamps: stamps > 0 }));
  await pack.finish(manifest);
}

async function pointOf(app: App, query: Query, text: string): Promise<PackPoint> {
  const asked = parsePoint(text, 'asOf', app.clock.now())!;
  const { point, below, above, open } = await packPoint(query, asked);
  if (point) return point;
  const near = [below, above].filter((s) => s !== null);
  throw new Failure(
    'NOT_FOUND',
    'size' in asked
      ? `asOf: ${open > 1 ? `log ${open}` : 'the log'} has no checkpoint of exactly ${asked.size} entries` +
          `${near.length > 0 ? `; nearest: ${near.join(' and ')}` : ''}.${open > 1 ? ' For a state of a log before it give the time.' : ''}`
      : 'asOf: there was no checkpoint of the log then.',
    [{ path: '/asOf', message: 'expected a time, or the size of a checkpoint' }],
  );
}

/**
 * The log's keys and every witness there ever was, so that each signature line in the pack can be told whose it is; one of the present
 * witnesses is asked for. What the database holds instead of keys is left out: whoever verifies then finds lines of nobody.
 */
async function policyOf(query: Query, vkeys: readonly string[]): Promise<string> {
  const rows = await query(WITNESSES);
  const named = rows.map((w, i) => ({
    name: `witness${i + 1}`,
    vkey: cell.text(w.vkey),
    present: cell.flag(w.present),
  }));
  const witnesses = named.filter((w) => reads(() => witnessFromVkey(w.vkey)));
  const members = witnesses.filter((w) => w.present).map((w) => w.name);
  const logs = vkeys.filter((vkey) => reads(() => verifierFromVkey(vkey))).map((vkey) => ({ vkey }));
  const full = {
    logs,
    witnesses: witnesses.map(({ name, vkey }) => ({ name, vkey })),
    groups: members.length > 0 ? [{ name: 'any-witness', threshold: 1, members }] : [],
    quorum: members.length > 0 ? 'any-witness' : 'none',
  };
  const bare = { logs: [], witnesses: [], groups: [], quorum: 'none' };
  return formatPolicy([full, { ...bare, logs }].find((policy) => reads(() => formatPolicy(policy))) ?? bare);
}

const reads = (read: () => unknown): boolean => {
  try {
    read();
    return true;
  } catch {
    return false;
  }
};

/** The programs that check a pack without us, as they lie beside this one. Answers whether the page is among them. */
async function writeTools(pack: PackWriter): Promise<boolean> {
  const root = packageFolder();
  if (root === undefined) return false;
  for (const name of VERIFIERS) {
    const path = join(root, 'verifiers', name);
    if (existsSync(path)) await pack.add(`${PACK_FILES.verifiers}${name}`, await readFile(path));
  }
  const page = join(root, 'dist', 'web-verifier', 'verify.html');
  if (!existsSync(page)) return false;
  await pack.add(PACK_FILES.html, await readFile(page));
  return true;
}

/** The folder of this package: it lies above the sources and above what was built from them. */
function packageFolder(): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'verifiers')) && existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}
