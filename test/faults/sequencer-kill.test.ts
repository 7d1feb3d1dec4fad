import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCheckpoint, parseNote } from '../../src/ledger/index.ts';
import { times } from '../support/depth.ts';
import { ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { build, freePort } from '../support/served.ts';
import { expectWholeLog, keptOutside } from '../support/whole-log.ts';

/** Writes that must have been acknowledged, and how often a process must have been killed meanwhile. */
const WRITES = times(800);
const KILLS = times(4);
const ROWS = 20;
/** A process lives for at most so many writes, and then so many milliseconds: a slow machine kills it no more often. */
const LIFE = { writes: 300, ms: 200 };
/** What cannot be repeated in the timing can in everything else: AIMS_TEST_SEED=… gives the same kills and writes. */
const SEED = Number(process.env.AIMS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Numbers that look random and are the same for the same seed (mulberry32). */
function seeded(seed: number): (below: number) => number {
  let s = seed >>> 0;
  return (below) => {
    s = (s + 0x6d2b79f5) >>> 0;
    let x = Math.imul(s ^ (s >>> 15), s | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (((x ^ (x >>> 14)) >>> 0) % 2 ** 31) % below;
  };
}

describe.skipIf(process.platform === 'win32')('two processes on one log, killed at random', () => {
  let t: TestInstance;
  let ada: Visitor;
  const doors: Door[] = [];

  beforeAll(async () => {
    build();
    t = await testInstance();
    ada = await t.person('Ada', ['topManagement', 'aimsManager', 'contributor']);
    // From here on only the processes under test give places and sign.
    await t.app.sequencer.stop();
  });
  afterAll(async () => {
    for (const door of doors) door.end();
    await t?.close();
  });

  /** One process of the application on the shared database and folder, started again whenever it was killed. */
  class Door {
    kills = 0;
    private child: ChildProcess | undefined;
    private output = '';

    constructor(private readonly port: number) {}

    async start(): Promise<void> {
      const { host, port, user, password, database } = t.connection;
      const child = spawn(
        process.execPath,
        [join(ROOT, 'dist', 'server', 'main.mjs'), 'start', '--data', t.dataDir, '--port', String(this.port)],
        {
          cwd: ROOT,
          stdio: ['ignore', 'pipe', 'pipe'],
          env: {
            PATH: process.env.PATH,
            DATABASE_URL: `postgres://${user}:${encodeURIComponent(String(password))}@/${database}?host=${encodeURIComponent(String(host))}&port=${port}`,
          },
        },
      );
      this.child = child;
      this.output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          this.output += chunk.toString();
        });
      const end = Date.now() + 60_000;
      while (!this.output.includes('Stop with Ctrl-C')) {
        if (child.exitCode !== null || Date.now() > end)
          throw new Error(`the process does not start: ${this.output}`);
        await new Promise((r) => setTimeout(r, 20));
      }
    }

    /** `SIGKILL`, and waits until the system has taken it away. */
    async kill(): Promise<void> {
      const child = this.child!;
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGKILL');
      await gone;
      this.kills += 1;
    }

    end(): void {
      if (this.child?.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    }

    get said(): string {
      return this.output;
    }

    /** The answer, or undefined when the process was not there or did not live to give one. */
    async ask(
      method: 'POST' | 'PATCH',
      path: string,
      body: unknown,
      key: string,
    ): Promise<{ status: number; text: string } | undefined> {
      try {
        const answer = await fetch(`http://127.0.0.1:${this.port}/api/v1/acme/${path}`, {
          method,
          headers: { ...ada.headers, 'content-type': 'application/json', 'idempotency-key': key },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(30_000),
        });
        return { status: answer.status, text: await answer.text() };
      } catch {
        return undefined;
      }
    }
  }

  test(`${WRITES} writes: nothing lost, nothing twice, every checkpoint of one tree`, {
    timeout: 300_000,
  }, async () => {
    const random = seeded(SEED);
    const about = `AIMS_TEST_SEED=${SEED}`;
    doors.push(new Door(await freePort()), new Door(await freePort()));
    await Promise.all(doors.map((d) => d.start()));

    /** Versions acknowledged, by the code that only its record has. */
    const acknowledged = new Map<string, number>();
    const refs: { ref: string; code: string }[] = [];
    let writes = 0;
    let repeated = 0;
    let n = 0;
    let on = true;
    const kills = () => doors.reduce((sum, d) => sum + d.kills, 0);
    const enough = () => !on || (writes >= WRITES && kills() >= KILLS);

    /** Asks one process, then the other, until one says that it is stored. The key makes it the same request. */
    const insist = async (door: number, method: 'POST' | 'PATCH', path: string, body: unknown) => {
      const key = `key ${n++}`;
      for (let i = door; on; i++) {
        const answer = await doors[i % 2]!.ask(method, path, body, key);
        if (answer && answer.status < 300) return answer.text;
        if (answer && answer.status !== 503)
          throw new Error(
            `${about}: ${method} ${path} was answered ${answer.status}: ${answer.text.slice(0, 600)}`,
          );
        repeated += 1;
        await new Promise((r) => setTimeout(r, 40));
      }
      return undefined;
    };
    const writer = async (door: number) => {
      while (!enough()) {
        const act = random(10);
        const last = refs.at(random(refs.length || 1));
        if (act < 5) {
          const codes = Array.from({ length: ROWS }, () => `K-${n++}`);
          const rows = codes.map((code) => ({ code, title: code, severity: 'low' }));
          if ((await insist(door, 'POST', 'hazard/import', rows)) === undefined) return;
          for (const code of codes) acknowledged.set(code, 1);
          writes += ROWS;
        } else if (act < 8 || !last) {
          const code = `K-${n++}`;
          const text = await insist(door, 'POST', 'hazard', { code, title: code, severity: 'low' });
          if (text === undefined) return;
          acknowledged.set(code, 1);
          refs.push({ ref: (JSON.parse(text) as { ref: string }).ref, code });
          writes += 1;
        } else {
          const text = await insist(door, 'PATCH', `hazard/${last.ref}`, { title: `title ${n++}` });
          if (text === undefined) return;
          const { version } = JSON.parse(text) as { version: number };
          acknowledged.set(last.code, Math.max(version, acknowledged.get(last.code)!));
          writes += 1;
        }
      }
    };
    const killer = async (door: Door) => {
      while (!enough()) {
        const until = writes + random(LIFE.writes);
        while (writes < until && !enough()) await new Promise((r) => setTimeout(r, 10));
        await new Promise((r) => setTimeout(r, random(LIFE.ms)));
        await door.kill();
        // Nobody shows what was not committed: read first, then compared with what the database holds by now.
        const kept = keptOutside(t);
        const [log] = await t.app.db.asOwner({
          text: 'select size from log where organisation = $1',
          values: [t.organisation.id],
        });
        if (kept)
          expect(parseCheckpoint(parseNote(kept).text).size, about).toBeLessThanOrEqual(log!.size as number);
        await door.start();
      }
    };
    const stopping = (work: Promise<void>) =>
      work.catch((error) => {
        on = false;
        throw error;
      });
    const all = await Promise.allSettled(
      [...[0, 0, 0, 1, 1, 1].map(writer), ...doors.map(killer)].map(stopping),
    );
    for (const one of all) if (one.status === 'rejected') throw one.reason;

    // What the dead left behind is placed by those that live now, without being asked.
    const waiting = async () =>
      (
        await t.app.db.asOwner({
          text: 'select count(*)::int as n from outbox where organisation = $1',
          values: [t.organisation.id],
        })
      )[0]!.n as number;
    for (let i = 0; (await waiting()) > 0; i++) {
      if (i === 600) throw new Error(`${about}: ${await waiting()} entries are left; ${doors[0]!.said}`);
      await new Promise((r) => setTimeout(r, 50));
    }

    try {
      expect(writes).toBeGreaterThanOrEqual(WRITES);
      expect(doors.every((d) => d.kills > 0)).toBe(true);
      expect(kills()).toBeGreaterThanOrEqual(KILLS);
      expect(repeated).toBeGreaterThan(0);
      const stored = await t.app.db.asOwner({
        text: `select "values"->>'code' as code, version from record where organisation = $1 and register = 'hazard'`,
        values: [t.organisation.id],
      });
      // Each once, although many were asked for twice; and nothing that nobody asked for.
      expect(stored.length).toBe(acknowledged.size);
      expect(acknowledged.size).toBeGreaterThan(WRITES / 2);
      const versions = new Map(stored.map((r) => [r.code as string, r.version as number]));
      expect([...acknowledged].filter(([code, version]) => versions.get(code) !== version)).toEqual([]);
      const [log] = await expectWholeLog(t);
      expect(log!.size).toBeGreaterThan(WRITES);
      expect(log!.checkpoints).toBeGreaterThan(KILLS);
    } catch (error) {
      throw new Error(`${about}: ${(error as Error).message}`, { cause: error });
    }
    console.log(`${writes} writes, ${kills()} kills, ${repeated} requests repeated, ${about}`);
  });
});
