import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../cli/testing/run.ts';
import { cosignaturesOf, witnessFromVkey } from '../ledger/index.ts';
import { MOST_BYTES } from './index.ts';
import { bodyOf, FORK, keyPair, LEAVES, LOG_KEY, noteOf, ORIGIN } from './testing/log.ts';
import { type RunningWitness, runWitness } from './testing/process.ts';

/** The real process, started as an operator does, spoken to over HTTP. */

const base = mkdtempSync(join(tmpdir(), 'aims-witness-run-'));
const folder = join(base, 'w');
let vkey: string;
let w: RunningWitness;

const post = async (body: string | Buffer) => {
  const r = await fetch(`${w.url}/add-checkpoint`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
  });
  return { status: r.status, type: r.headers.get('content-type'), body: await r.text() };
};
const size = async () => Number(/^(\d+)\t/m.exec(await (await fetch(w.url)).text())?.[1]);

/** Sends raw bytes and answers everything that comes back until the other side closes or falls silent. */
async function raw(bytes: string | Buffer): Promise<string> {
  const socket = connect(w.port, '127.0.0.1');
  let got = '';
  socket.on('data', (d) => {
    got += d.toString('latin1');
    socket.end();
  });
  socket.on('error', () => {});
  socket.write(bytes);
  socket.setTimeout(500, () => socket.destroy());
  await once(socket, 'close');
  return got;
}

beforeAll(async () => {
  const made = await run(['witness', 'init', '--data', folder, '--name', 'witness.example']);
  expect(made.code).toBe(0);
  vkey = made.out.trim();
  expect((await run(['witness', 'add', '--data', folder, LOG_KEY.vkey])).out).toBe(`Watching ${ORIGIN}.\n`);
  w = await runWitness(folder);
});
afterAll(async () => {
  await w?.end('SIGKILL');
  rmSync(base, { recursive: true, force: true });
});

describe('aims witness run', () => {
  it('says who it is and what it watches', async () => {
    const r = await fetch(w.url);
    expect(r.status).toBe(200);
    expect(r.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const text = await r.text();
    expect(text).toContain(`\n${vkey}\n`);
    expect(text).toContain(`0\t${ORIGIN}\n`);
    expect((await fetch(w.url, { method: 'HEAD' })).status).toBe(200);
  });

  it('answers with the statuses of the standard', async () => {
    const first = await post(bodyOf(0, 20));
    expect(first.status).toBe(200);
    expect(cosignaturesOf(noteOf(20) + first.body, [witnessFromVkey(vkey)])).toHaveLength(1);
    expect((await post(bodyOf(20, 30))).status).toBe(200);
    expect(await post(bodyOf(20, 40))).toEqual({ status: 409, type: 'text/x.tlog.size', body: '30\n' });
    expect((await post(bodyOf(30, 40, { leaves: FORK }))).status).toBe(422);
    expect((await post(bodyOf(30, 40, { signer: keyPair(2).signer }))).status).toBe(403);
    const other = keyPair(3, 'other');
    expect((await post(bodyOf(0, 40, { signer: other.signer, origin: 'other' }))).status).toBe(404);
    expect((await post(bodyOf(40, 30))).status).toBe(400);
    expect((await post('old')).status).toBe(400);
    expect(await size()).toBe(30);
  });

  it('lets one of twenty racing requests through', async () => {
    const from = await size();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => post(bodyOf(from, from + 1 + i))));
    expect(answers.map((a) => a.status).sort()).toEqual([200, ...Array(19).fill(409)]);
    const now = await size();
    expect(now).toBeGreaterThan(from);
    for (const a of answers) if (a.status === 409) expect(a.body).toBe(`${now}\n`);
  });

  it('takes a new log and a new key while it runs', async () => {
    const later = keyPair(9);
    const from = await size();
    expect((await post(bodyOf(from, from + 1, { signer: later.signer }))).status).toBe(403);
    const added = await run(['witness', 'add', '--data', folder, later.vkey]);
    expect(added.out).toBe(`Watching ${ORIGIN} with a further key.\n`);
    expect((await post(bodyOf(from, from + 1, { signer: later.signer }))).status).toBe(200);
    const listed = await run(['witness', 'list', '--data', folder]);
    expect(listed.code).toBe(0);
    expect(listed.out).toContain(ORIGIN);
  });

  it('lets no second one on the same folder', async () => {
    const second = await run(['witness', 'run', '--data', folder, '--port', '0']);
    expect(second.code).toBe(2);
    expect(second.err).toContain(`in use by another witness (process ${w.process.pid})`);
  });

  it('answers or cuts off whatever comes, and lives on', async () => {
    const from = await size();
    const head = 'POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n';
    const strange = [
      '\r\n\r\n',
      '\u0000\u0001\u0002\r\n\r\n',
      'GET\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(5000)}\r\n`,
      `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      'GET http://[::::/ HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET //etc/passwd?%00%ff HTTP/1.1\r\nHost: x\r\n\r\n',
      'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
      'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      `${head}Content-Length: -1\r\n\r\n`,
      `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
      `${head}Content-Length: 1000\r\n\r\nshort`,
      `${head}Expect: 100-continue\r\nContent-Length: 3\r\n\r\nold`,
      Buffer.concat([Buffer.from(`${head}Content-Length: 300\r\n\r\n`), Buffer.alloc(300, 0xff)]),
    ];
    let sent = 0;
    for (const bytes of strange) {
      const answer = await raw(bytes);
      expect(answer).not.toContain(' 500 ');
      expect(answer).not.toContain('\n— ');
      sent += 1;
    }
    expect(sent).toBe(16);
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH'])
      expect((await fetch(`${w.url}/add-checkpoint`, { method })).status).toBe(405);
    expect((await fetch(`${w.url}/`, { method: 'POST', body: 'x' })).status).toBe(405);
    expect((await fetch(`${w.url}/logs/../key`)).status).toBe(404);
    expect((await post(Buffer.alloc(MOST_BYTES + 1, 'a'))).status).toBe(413);
    expect((await post(Buffer.alloc(MOST_BYTES, 'a'))).status).toBe(400);
    await fetch(`${w.url}/add-checkpoint`, { method: 'POST', body: new Uint8Array(20 * MOST_BYTES) }).catch(
      () => {},
    );
    expect((await post(bodyOf(from, from + 1))).status).toBe(200);
    expect(w.process.exitCode).toBeNull();
  });

  it('keeps what it cosigned when it is killed between, at any moment', async () => {
    let killed = 0;
    let acknowledged = await size();
    for (let round = 0; round < 4; round++) {
      const port = w.port;
      // Under way when it dies: each either was stored before it was answered, or was neither.
      const under = (async () => {
        for (let next = acknowledged + 1; next < LEAVES.length - 10; next++) {
          if ((await post(bodyOf(next - 1, next))).status !== 200) throw new Error('refused');
          acknowledged = next;
        }
      })().catch(() => {});
      await new Promise((r) => setTimeout(r, 20 + 30 * round));
      await w.end('SIGKILL');
      await under;
      killed += 1;
      w = await runWitness(folder, port);
      const now = await size();
      expect([acknowledged, acknowledged + 1]).toContain(now);
      acknowledged = now;
      expect((await post(bodyOf(now - 1, now + 5))).status).toBe(409);
      expect((await post(bodyOf(now, now + 5, { leaves: FORK }))).status).toBe(422);
    }
    expect(killed).toBe(4);
  });

  it('ends when told to, and leaves the folder free', async () => {
    expect(await w.end('SIGTERM')).toBe(0);
    w = await runWitness(folder);
    expect(await w.end('SIGINT')).toBe(0);
  });

  it('says what is wrong with its arguments', async () => {
    const wrong: [string[], RegExp][] = [
      [['init', '--data', folder, '--name', 'again'], /holds the key of a witness already/],
      [['init', '--data', folder], /--name/],
      [['add', '--data', folder, 'no key'], /reads name\+8 hex digits\+base64/],
      [['add', '--data', folder, vkey], /must be Ed25519/],
      [['list', '--data', join(base, 'none')], /holds no witness/],
      [['run', '--data', join(base, 'none')], /holds no witness/],
      [['run', '--data', folder, '--port', '70000'], /Expected a port/],
      [['run'], /--data/],
    ];
    let tried = 0;
    for (const [args, message] of wrong) {
      const r = await run(['witness', ...args]);
      expect(r.code, args.join(' ')).toBe(2);
      expect(r.err).toMatch(message);
      tried += 1;
    }
    expect(tried).toBe(wrong.length);
  });
});
