import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  auditLog,
  bundlePath,
  decodeBundle,
  decodeEntry,
  openCheckpoint,
  TILE_WIDTH,
  verifierFromVkey,
} from '../../src/ledger/index.ts';
import { stored } from '../support/arrange.ts';
import { PASSWORD, ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { build, freePort } from '../support/served.ts';

describe('a connection that breaks off', () => {
  let t: TestInstance;
  let ada: Visitor;
  let plan: { step: number; mode: 'before' | 'after' } | undefined;
  let sent: string[] = [];

  beforeAll(async () => {
    t = await testInstance();
    ada = await t.person('Ada', ['topManagement', 'aimsManager']);
    // What works in the background would be counted as a step of the request.
    await t.quiet();
    await t.app.sequencer.settle(t.organisation.id);
    breakable(t.app.db.pool);
  });
  afterAll(() => t.close());

  /**
   * Breaks the connection at one step: `before` the statement reaches the server, or `after` it was carried out and before
   * its answer arrives. Later statements of the connection fail, as they would.
   */
  function breakable(pool: pg.Pool): void {
    const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>;
    const broken = new WeakSet<object>();
    const known = new WeakSet<object>();
    const lost = () => new Error('Connection terminated unexpectedly');
    const cut = (client: pg.PoolClient) => {
      broken.add(client);
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    };
    const wrap = (client: pg.PoolClient): pg.PoolClient => {
      if (known.has(client)) return client;
      known.add(client);
      const send = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      const query = (...args: unknown[]): Promise<unknown> => {
        if (broken.has(client)) return Promise.reject(lost());
        const [what] = args as [string | { text: string }];
        const step = sent.push(typeof what === 'string' ? what : what.text);
        if (plan?.step !== step) return send(...args);
        if (plan.mode === 'before') {
          cut(client);
          return Promise.reject(lost());
        }
        broken.add(client);
        return send(...args).then(() => {
          cut(client);
          throw lost();
        });
      };
      return Object.assign(client, { query });
    };
    // `pool.query` asks with a callback and is left alone: it carries no write.
    const asked = (done?: unknown) =>
      done === undefined ? connect().then(wrap) : (connect as unknown as (f: unknown) => void)(done);
    Object.assign(pool, { connect: asked });
  }

  /** Statements that the work sends when nothing breaks. */
  async function steps(work: () => Promise<unknown>): Promise<string[]> {
    sent = [];
    plan = undefined;
    await work();
    const found = sent;
    sent = [];
    return found;
  }

  const create = (code: string) =>
    ada.ask('POST', 'hazard', { code, title: 'x', severity: 'low' }, { 'idempotency-key': code });
  const withCode = async (code: string): Promise<number> =>
    (await ada.ask('GET', `hazard?code=${code}`)).body.items.length;

  test('leaves of a write all or nothing, says so, and the same request again does it exactly once', async () => {
    const all = await steps(() => create('counted'));
    // What the key was answered before is looked up in a transaction of its own.
    expect(all.filter((s) => s === 'commit').length).toBe(3);
    let kept = 0;
    for (const mode of ['before', 'after'] as const)
      for (let step = 1; step <= all.length; step++) {
        const code = `${mode}-${step}`;
        const before = await stored(t);
        sent = [];
        plan = { step, mode };
        const answer = await create(code);
        plan = undefined;
        expect([answer.status, answer.body.code], `${code} (${all[step - 1]}): ${answer.text}`).toEqual([
          503,
          'UNAVAILABLE',
        ]);
        expect(answer.body.detail).not.toMatch(/nothing was stored/);
        const now = await stored(t);
        const there = await withCode(code);
        expect(
          [now.records! - before.records!, now.versions! - before.versions!, now.leaves! - before.leaves!],
          code,
        ).toEqual([there, there, there]);
        kept += there;
        const again = await create(code);
        expect(again.status, again.text).toBe(there ? 200 : 201);
        expect(await withCode(code)).toBe(1);
      }
    // Only a commit whose answer was lost is stored.
    expect(kept).toBe(1);
  });

  test('gives up a batch of the sequencer whole, and the next one places every entry once', async () => {
    const id = t.organisation.id;
    await create('batch');
    const all = await steps(() => t.app.sequencer.settle(id));
    expect(all.filter((s) => s.startsWith('insert into leaf')).length).toBe(1);
    for (const mode of ['before', 'after'] as const)
      for (let step = 1; step <= all.length; step++) {
        const before = await t.app.sequencer.settle(id);
        expect((await create(`batch-${mode}-${step}`)).status).toBe(201);
        sent = [];
        plan = { step, mode };
        await expect(t.app.sequencer.settle(id), `${mode} ${all[step - 1]}`).rejects.toThrow(
          'Connection terminated',
        );
        plan = undefined;
        expect((await t.app.sequencer.settle(id)).size, `${mode} ${all[step - 1]}`).toBe(before.size + 1);
      }
    const leaves = await t.app.db.asOwner({
      text: 'select entry from leaf where organisation = $1 order by index',
      values: [id],
    });
    const verdict = auditLog({
      checkpoint: (await t.stranger.ask('GET', '/log/acme/checkpoint')).text,
      vkey: (await t.stranger.ask('GET', '/log/acme/vkey')).text.trim(),
      entries: leaves.map((l) => l.entry as Buffer),
      histories: true,
    });
    expect([verdict.ok, verdict.problem]).toEqual([true, undefined]);
    expect(verdict.size).toBeGreaterThan(40);
  });
});

describe.skipIf(process.platform === 'win32')('kill -9 while people write', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aims-faults-'));
  const data = join(folder, 'data');
  const children: ChildProcess[] = [];
  const acknowledged: string[] = [];
  let port = 0;
  let cookie = '';

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    build();
    port = await freePort();
  });
  afterAll(async () => {
    for (const child of children)
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    const left = postmaster();
    await until(() => left === undefined || !alive(left), 'the database server is still there').catch(() => {
      if (left) process.kill(left, 'SIGKILL');
    });
    rmSync(folder, { recursive: true, force: true });
  });

  interface Running {
    process: ChildProcess;
    output(): string;
    ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  }

  function spawned(): Running {
    const child = spawn(
      process.execPath,
      [join(ROOT, 'dist', 'server', 'main.mjs'), 'start', '--data', data, '--port', String(port)],
      {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    children.push(child);
    let output = '';
    const add = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) =>
      child.once('exit', (code, signal) => done({ code, signal })),
    );
    return { process: child, output: () => output, ended };
  }

  async function started(): Promise<Running> {
    const server = spawned();
    await until(() => {
      if (server.process.exitCode !== null) throw new Error(`the server ended: ${server.output()}`);
      return server.output().includes('Stop with Ctrl-C');
    }, 'the server does not start');
    return server;
  }

  async function until(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
    for (let i = 0; i < 600; i++) {
      if (await check()) return;
      await new Promise((r) => setTimeout(r, 50));
    }
    throw new Error(`${what}; the server said: ${server?.output() ?? 'nothing'}`);
  }

  const alive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      // A process that has ended and was not yet collected counts for nothing.
      return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  };

  function postmaster(): number | undefined {
    const file = join(data, 'postgres', 'postmaster.pid');
    return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined;
  }

  const ask = (path: string, body?: unknown): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });

  let server: Running;
  let writes = 0;
  /** Six people write until told; what was answered 201 is remembered. Faults are theirs to bear. */
  function writers(): { stop(): Promise<void> } {
    let on = true;
    const one = async () => {
      while (on) {
        writes += 1;
        const code = `W-${writes}`;
        const done = await ask('/api/v1/acme/hazard', { code, title: code, severity: 'low' }).catch(
          () => undefined,
        );
        if (done?.status === 201) acknowledged.push(code);
        else if (done && done.status !== 503)
          throw new Error(`a write was answered ${done.status}: ${await done.text()}`);
        else await new Promise((r) => setTimeout(r, 20));
      }
    };
    const all = [1, 2, 3, 4, 5, 6].map(() => one());
    return {
      stop: async () => {
        on = false;
        await Promise.all(all);
      },
    };
  }

  const more = async (n: number) => {
    const from = acknowledged.length;
    await until(() => acknowledged.length >= from + n, `fewer than ${n} writes came through`);
  };

  /** Everything that was acknowledged is there, nothing is there by half, and the log proves it. */
  async function expectWhole(): Promise<void> {
    const records: { ref: string; version: number; values: { code: string } }[] = [];
    for (let after = ''; ; ) {
      const page = (await (await ask(`/api/v1/acme/hazard?limit=200&sort=number${after}`)).json()) as {
        items: typeof records;
        next: string | null;
      };
      records.push(...page.items);
      if (!page.next) break;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    const codes = new Set(records.map((r) => r.values.code));
    expect(acknowledged.filter((code) => !codes.has(code))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(20);
    await until(
      async () => ((await (await ask('/api/v1/acme/log')).json()) as { pending: number }).pending === 0,
      'the log does not come to rest',
    );
    const checkpoint = await (await ask('/log/acme/checkpoint')).text();
    const vkey = (await (await ask('/log/acme/vkey')).text()).trim();
    const { size } = openCheckpoint(checkpoint, verifierFromVkey(vkey), verifierFromVkey(vkey).name);
    const entries: Buffer[] = [];
    for (let i = 0; entries.length < size; i++) {
      const answer = await ask(`/log/acme/${bundlePath(i, Math.min(TILE_WIDTH, size - i * TILE_WIDTH))}`);
      expect(answer.status).toBe(200);
      entries.push(...decodeBundle(Buffer.from(await answer.arrayBuffer())));
    }
    const verdict = auditLog({ checkpoint, vkey, entries, histories: true });
    expect([verdict.ok, verdict.problem]).toEqual([true, undefined]);
    const inLog = entries
      .map((e) => decodeEntry(e))
      .flatMap((e) =>
        e.type === 'record' && e.register === 'hazard'
          ? [`HAZ-${String(e.number).padStart(4, '0')} ${e.version}`]
          : [],
      );
    expect(inLog.sort()).toEqual(records.map((r) => `${r.ref} ${r.version}`).sort());
  }

  test('the first run, then a second start on the same folder is refused in a sentence', async () => {
    server = await started();
    const token = /first-run\?token=(\S+)/.exec(server.output())?.[1];
    const made = await ask('/api/v1/setup', {
      token,
      name: 'Ada',
      email: 'ada@acme.example',
      password: PASSWORD,
      organisation: 'Acme',
    });
    expect(made.status).toBe(201);
    cookie = made.headers
      .getSetCookie()
      .map((c) => c.split(';')[0])
      .join('; ');
    const second = spawned();
    expect((await second.ended).code).toBe(1);
    expect(second.output()).toMatch(/already running on .*data \(process \d+\)/);
    expect(second.output()).not.toMatch(/\n\s+at /);
    expect((await ask('/healthz')).status).toBe(200);
  });

  test('of the application: the next start has everything', async () => {
    const work = writers();
    await more(24);
    server.process.kill('SIGKILL');
    expect((await server.ended).signal).toBe('SIGKILL');
    await work.stop();
    server = await started();
    await expectWhole();
  });

  test('of the database: the application starts it again and goes on', async () => {
    const work = writers();
    await more(24);
    const killed = postmaster()!;
    process.kill(killed, 'SIGKILL');
    await until(() => {
      const now = postmaster();
      return now !== undefined && now !== killed && alive(now);
    }, 'the database server is not started again');
    await more(24);
    await work.stop();
    expect(server.process.exitCode).toBe(null);
    await expectWhole();
  });

  test('of both: the next start has everything', async () => {
    const work = writers();
    await more(24);
    process.kill(postmaster()!, 'SIGKILL');
    server.process.kill('SIGKILL');
    await server.ended;
    await work.stop();
    server = await started();
    await expectWhole();
  });

  test('Ctrl-C ends with 0, leaves no database process, and loses nothing', async () => {
    const work = writers();
    await more(24);
    const database = postmaster()!;
    server.process.kill('SIGINT');
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(alive(database)).toBe(false);
    await work.stop();
    server = await started();
    await expectWhole();
    server.process.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });
});
