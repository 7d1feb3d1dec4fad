import { timingSafeEqual } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerOptions } from './api/options.ts';
import { createServer, type Served } from './api/server.ts';
import type { App } from './app/context.ts';
import { ConcernRelease } from './app/govern/concern-release.ts';
import { Keys } from './app/log/keys.ts';
import { StampQueue } from './app/log/stamp-queue.ts';
import { WitnessFeed } from './app/log/witness-feed.ts';
import { RowWatch } from './app/passes/row-check.ts';
import { StandingWatch } from './app/passes/standing-watch.ts';
import { UseWatch } from './app/passes/use-watch.ts';
import { settleLogKeys } from './app/people/organisations.ts';
import { Counted } from './app/read/kept-counts.ts';
import { EmergencyWatch } from './app/release/emergency-reviews.ts';
import { type Clock, systemClock } from './base/clock.ts';
import { type Random, secretToken, systemRandom } from './base/random.ts';
import { messageOf } from './base/thrown.ts';
import { createIdentity } from './identity/index.ts';
import type { Passwords } from './identity/passwords.ts';
import { Intake } from './intake/intake.ts';
import { Outgoing } from './outgoing/index.ts';
import { checkRegisters } from './register/check.ts';
import type { Registry } from './register/register.ts';
import { INTERVALS } from './registers/intervals.ts';
import { clauses, controls } from './standard/clauses.ts';
import { documentedInformation } from './standard/documents.ts';
import { type Connection, Database } from './store/db/database.ts';
import { type Logins, settleLogins } from './store/db/logins.ts';
import { migrate } from './store/db/migrate.ts';
import { Housekeeping, Owner } from './store/db/owner.ts';
import { Storage } from './store/db/storage.ts';
import { demandWalls } from './store/db/walls.ts';
import { Blobs } from './store/files/blobs.ts';
import {
  behindSentence,
  FOLLOWED,
  NEWEST_ENTRIES,
  type Newest,
  toNewest,
} from './store/ledger/newest-entries.ts';
import { PublishedFiles } from './store/ledger/published.ts';
import { Sequencer } from './store/ledger/sequencer.ts';
import { presentSlug } from './store/people/organisations.ts';
import { settleMaterial } from './store/records/material.ts';
import { settleSlots } from './store/records/slots.ts';
import { settleWords } from './store/records/words.ts';

/** What an instance is made of; tests pass their own clock, randomness and registers. */
export interface InstanceOptions {
  /** Logs in as the owner of the tables: for the start, and for cleaning. */
  connection: Connection;
  /** How requests log in; made when they are absent. */
  logins?: Logins;
  /** Keys and evidence files lie below it. */
  dataDir: string;
  migrations: string;
  registry: Registry;
  baseUrl: string;
  site?: string;
  /** The built `src/intake/worker.ts`. */
  intakeScript: string;
  clock?: Clock;
  random?: Random;
  passwords?: Passwords;
  /** Hosts and networks beside the open internet that witnesses and time-stamping authorities may be at. */
  /** What stands before the server, and what else it is called. */
  front?: ServerOptions['front'];
  allowPrivate?: readonly string[];
  version: string;
  demo?: { people: { email: string; name: string; role: string }[]; password: string };
  log: (line: string) => void;
}

/** A running application with its HTTP server, not yet listening. */
export interface Instance {
  app: App;
  server: Served;
  /** Has checkpoints stamped; runs already. */
  stamps: StampQueue;
  /** Has witnesses cosign checkpoints; runs already. */
  witnesses: WitnessFeed;
  /** Enters concerns that were raised without a name; runs already. */
  concerns: ConcernRelease;
  /** Opens a nonconformity for each emergency that nobody reviewed in time; runs already. */
  emergencies: EmergencyWatch;
  /** Judges what is in use anew when something was written or time has passed; runs already. */
  uses: UseWatch;
  /** Keeps what states stand on behind the log; runs already. */
  standings: StandingWatch;
  /** Token of the first-run link; of use only while no account exists. */
  firstRunToken: string;
  /** Ends everything that works without being asked; requests are still answered. For counting what a request alone does. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/** Checks the declarations, brings the database up to date, and puts the parts together. Throws when anything is amiss. */
export async function openInstance(o: InstanceOptions): Promise<Instance> {
  const faults = checkRegisters(
    o.registry,
    new Set([...clauses, ...controls].map((c) => c.id)),
    new Set(documentedInformation.map((d) => d.id)),
    new Set(INTERVALS),
  );
  if (faults.length > 0) throw new Error(`the registers are not in order:\n  ${faults.join('\n  ')}`);
  mkdirSync(o.dataDir, { recursive: true });
  const clock = o.clock ?? systemClock;
  const random = o.random ?? systemRandom;
  const keys = new Keys(join(o.dataDir, 'keys'));
  const { logins, slots, newest } = await prepareDatabase(o, keys);
  const db = new Database(logins.app, new Housekeeping(o.connection));
  const storage = new Storage({ folder: o.dataDir, db, clock });
  const identity = await createIdentity({
    connection: logins.identity,
    secret: keys.secret(),
    baseUrl: o.baseUrl,
    clock,
    random,
    passwords: o.passwords,
    secureCookies: o.baseUrl.startsWith('https:'),
  });
  const slugs = new Map<number, string>();
  const slugOf = async (organisation: number) => {
    const found = slugs.get(organisation) ?? (await slugFrom(db, organisation));
    slugs.set(organisation, found);
    return found;
  };
  const sequencer = new Sequencer({
    db,
    signerOf: (key, origin) => keys.logSigner(key, origin),
    clock,
    published: new PublishedFiles(join(o.dataDir, 'published'), slugOf),
    report: (error) => {
      storage.note(error);
      o.log(`sequencer: ${messageOf(error)}`);
    },
  });
  await sequencer.examine();
  tellClock(db, newest, clock.now(), o.log);
  const app: App = {
    db,
    registry: o.registry,
    slots,
    sequencer,
    blobs: new Blobs(join(o.dataDir, 'blobs')),
    storage,
    identity,
    outgoing: new Outgoing(o.allowPrivate),
    keys,
    clock,
    random,
    baseUrl: o.baseUrl,
    limits: { evidenceBytes: 64 * 1_048_576, fileBytes: 512 * 1_048_576 },
    intake: new Intake({ script: o.intakeScript, log: o.log }),
    counted: new Counted(),
    rows: new RowWatch(),
    log: o.log,
  };
  const firstRunToken = secretToken(random, 24);
  const server = await createServer({
    app,
    version: o.version,
    site: o.site,
    demo: o.demo,
    front: o.front,
    firstRunToken: (token) => sameText(token, firstRunToken),
  });
  const stamps = new StampQueue(app);
  sequencer.onPublished((organisation) => stamps.published(organisation));
  const witnesses = new WitnessFeed(app);
  sequencer.onPublished((organisation) => witnesses.published(organisation));
  const uses = new UseWatch(app);
  sequencer.onPublished((organisation) => uses.written(organisation));
  const standings = new StandingWatch(app);
  sequencer.onPublished((organisation) => standings.placed(organisation));
  const concerns = new ConcernRelease(app);
  sequencer.start();
  stamps.start();
  witnesses.start();
  concerns.start();
  const emergencies = new EmergencyWatch(app);
  emergencies.start();
  uses.start();
  standings.start();
  app.rows.start(app);
  const quiet = async () => {
    for (const worker of [stamps, witnesses, concerns, emergencies, sequencer, uses, standings, app.rows])
      await worker.stop();
  };
  return {
    app,
    server,
    stamps,
    witnesses,
    concerns,
    emergencies,
    uses,
    standings,
    firstRunToken,
    quiet,
    close: async () => {
      await server.close();
      await quiet();
      await app.intake.close();
      await identity.close();
      await db.close();
    },
  };
}

/** What the owner of the tables does before anything is served; its connections are closed when this returns. */
async function prepareDatabase(o: InstanceOptions, keys: Keys) {
  const owner = new Owner(o.connection);
  try {
    await migrate(owner.pool, o.migrations);
    const logins =
      o.logins ??
      (await settleLogins(owner, o.connection, { name: keys.installation(), secret: keys.secret() }));
    await demandWalls(logins);
    const slots = await settleSlots(owner, o.registry);
    await settleMaterial(owner, o.registry);
    await settleWords(owner, o.registry);
    await settleLogKeys(owner, keys);
    const newest = (await owner.ask(NEWEST_ENTRIES)).map(toNewest);
    return { logins, slots, newest };
  } finally {
    await owner.close();
  }
}

/** Learns the newest entry of every organisation, and tells those that the clock is behind of: nothing is written in them until it is right. */
function tellClock(db: Database, all: readonly Newest[], now: Date, log: (line: string) => void): void {
  for (const { organisation, slug, newest } of all) {
    if (!newest) continue;
    db.newest.learn(organisation, newest);
    if (newest.getTime() - now.getTime() > FOLLOWED)
      log(
        `${slug}: ${behindSentence(now, newest)}. Nothing is stored in this organisation until the clock is right.`,
      );
  }
}

async function slugFrom(db: Database, organisation: number): Promise<string> {
  const [rows] = await db.run(organisation, [presentSlug]);
  const [row] = rows!;
  if (!row) throw new Error(`there is no organisation ${organisation}`);
  return row.slug as string;
}

function sameText(a: string, b: string): boolean {
  const x = Buffer.from(a);
  const y = Buffer.from(b);
  return x.length === y.length && timingSafeEqual(x, y);
}
