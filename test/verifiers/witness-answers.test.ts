import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  cosignaturesOf,
  cosignedNote,
  cosignerFromKey,
  openCheckpoint,
  verifierFromVkey,
  verifyConsistency,
  witnessFromVkey,
} from '../../src/ledger/index.ts';
import { type Answering, type Witnessed, witnessed } from '../support/witnessed.ts';

/** What a server makes of witnesses that answer anything. */

let w: Witnessed;
beforeAll(async () => {
  w = await witnessed();
});
afterEach(() => w.clear());
afterAll(() => w?.close());

describe('a witness that answers', () => {
  const problemOf = async (answer: Answering) => {
    const f = await w.fake(answer);
    expect((await w.add(f.vkey, f.url)).status).toBe(200);
    await w.grow();
    await w.feed.work(w.org);
    const item = (await w.listed()).items.find((i) => i.vkey === f.vkey)!;
    expect(item.cosigned).toBeNull();
    const [rows] = await w.t.app.db.run(w.org, [
      { text: 'select count(*)::int as n from cosignature where vkey = $1', values: [f.vkey] },
    ]);
    expect(rows![0]!.n).toBe(0);
    await w.remove(f.vkey);
    return { problem: item.problem, ...f };
  };
  const say = (status: number, body = 'SECRET', headers: Record<string, string> = {}) =>
    problemOf((_, __, r) => r.writeHead(status, headers).end(body));

  it('with a refusal gives a sentence, and never its own words', async () => {
    let tried = 0;
    for (const [status, sentence] of [
      [400, /could not read the request/],
      [403, /does not trust the key/],
      [404, /does not watch this log/],
      [409, /did not say which/],
      [422, /does not continue/],
      [500, /status 500/],
      [204, /status 204/],
    ] as const) {
      const { problem, requests } = await say(status, status === 204 ? '' : 'SECRET');
      expect(problem).toMatch(sentence);
      expect(problem).not.toContain('SECRET');
      expect(requests).toHaveLength(1);
      tried += 1;
    }
    expect(tried).toBe(7);
  });

  it('with a redirection is not followed', async () => {
    const elsewhere = await w.fake((_, __, r) => r.end('reached'));
    for (const status of [301, 302, 307, 308]) {
      const { problem } = await say(status, '', { location: `${elsewhere.url}/add-checkpoint` });
      expect(problem).toMatch(/redirection, which is not followed/);
    }
    expect(elsewhere.paths).toEqual([]);
  });

  it('without end, or not at all, is given up', async () => {
    const long = await problemOf((_, __, r) => {
      const more = () => {
        if (!r.destroyed) r.write('x'.repeat(16_384), () => setImmediate(more));
      };
      r.on('error', () => {});
      more();
    });
    expect(long.problem).toMatch(/more than 65536 bytes/);
    const silent = await problemOf(() => {});
    expect(silent.problem).toMatch(/no answer within 2 seconds/);
    const cut = await problemOf((_, __, r) => r.destroy());
    expect(cut.problem).toMatch(/could not be reached/);
  });

  it('with a cosignature that does not hold is not believed', async () => {
    const other = cosignerFromKey('fake.example', generateKeyPairSync('ed25519').privateKey);
    const now = Math.floor(w.t.app.clock.now().getTime() / 1000);
    const lies: Answering[] = [
      (_, __, r) => r.end(''),
      (_, __, r) => r.end('no line'),
      (_, __, r) => r.end(Buffer.alloc(300, 0xff)),
      (p, __, r) => r.end(other.cosign(p.text, now)),
      (p, c, r) => r.end(c.cosign(`${p.text}x\n`, now)),
      (p, c, r) => r.end(c.cosign(p.text, now).trim()),
      (p, c, r) => r.end(`\n${c.cosign(p.text, now)}`),
      (p, c, r) => r.end(`${c.cosign(p.text, now)}${c.cosign(`${p.text}x\n`, now)}`),
      // Another checkpoint in front: the line fits that one, and not ours.
      (p, c, r) => r.end(`${p.text}x\n\n${c.cosign(`${p.text}x\n`, now)}`),
      (p, c, r) => r.end(c.cosign(p.text, now + 100_000)),
      (p, c, r) => r.end(c.cosign(p.text, Number.MAX_SAFE_INTEGER)),
    ];
    let tried = 0;
    for (const lie of lies) {
      expect((await problemOf(lie)).problem).toMatch(/holds no cosignature|clock/);
      tried += 1;
    }
    expect(tried).toBe(lies.length);
  });

  it('with a cosignature among others gives one line, its own', async () => {
    const other = cosignerFromKey('other.example', generateKeyPairSync('ed25519').privateKey);
    const f = await w.fake((p, c, r) =>
      r.end(other.cosign(p.text, 5) + c.cosign(p.text, 6) + c.cosign(p.text, 7)),
    );
    await w.add(f.vkey, `${f.url}/`);
    await w.grow();
    await w.feed.work(w.org);
    const { size, note } = await w.head();
    const lines = await w.cosigned(size);
    expect(lines).toHaveLength(1);
    expect(cosignaturesOf(cosignedNote(note, lines), [witnessFromVkey(f.vkey)])).toMatchObject([{ at: 6 }]);
    expect(f.paths).toEqual(Array(f.paths.length).fill('POST /add-checkpoint'));
  });

  it('409 hears the size, and is asked again from there with a proof that holds', async () => {
    const first = await w.head();
    const at = first.size;
    const root = openCheckpoint(first.note, verifierFromVkey(first.vkey), first.origin).root;
    const f = await w.fake((p, c, r) => {
      const good = p.old === at && verifyConsistency(at, p.checkpoint.size, p.proof, root, p.checkpoint.root);
      if (good) r.end(c.cosign(p.text, 1));
      else r.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${at}\n`);
    });
    await w.add(f.vkey, f.url);
    await w.grow(4);
    await w.feed.work(w.org);
    expect(f.requests.map((q) => q.old).slice(0, 2)).toEqual([0, at]);
    expect(f.requests[0]!.proof).toEqual([]);
    expect((await w.listed()).items[0]).toMatchObject({
      problem: null,
      cosigned: { size: (await w.head()).size },
    });
  });

  it('409 with a size beyond ours says that the database is old; with nonsense, nothing breaks', async () => {
    const beyond = await say(409, '1000000\n', { 'content-type': 'text/x.tlog.size' });
    expect(beyond.problem).toMatch(/cosigned size 1000000 .* older than what was published/);
    expect(beyond.requests).toHaveLength(1);
    let turn = 0;
    const fickle = await problemOf((_, __, r) => {
      turn += 1;
      r.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${turn % 2}\n`);
    });
    expect(fickle.problem).toMatch(/another size each time/);
    expect(fickle.requests).toHaveLength(3);
    for (const body of ['', '5', '05\n', '-1\n', '9007199254740993\n', '1e3\n', '5\n5\n'])
      expect((await say(409, body, { 'content-type': 'text/x.tlog.size' })).problem).toMatch(
        /did not say which/,
      );
    const fork = await problemOf((p, _, r) =>
      r.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${p.checkpoint.size}\n`),
    );
    expect(fork.problem).toMatch(/another tree of size/);
  });

  it('is asked one thing at a time, and for the newest checkpoint only', async () => {
    let under = 0;
    let most = 0;
    const f = await w.fake((p, c, r) => {
      under += 1;
      most = Math.max(most, under);
      setTimeout(() => {
        under -= 1;
        r.end(c.cosign(p.text, 1));
      }, 20);
    });
    await w.add(f.vkey, f.url);
    const own = w.feedWith({ rest: 0, patience: 2_000 });
    let published = 0;
    for (let i = 0; i < 10; i++) {
      await w.grow();
      own.published(w.org);
      own.published(w.org);
      published += 1;
    }
    await own.work(w.org);
    await own.work(w.org);
    await own.stop();
    expect(published).toBe(10);
    expect(most).toBe(1);
    const sizes = f.requests.map((q) => q.checkpoint.size);
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
    expect(sizes.at(-1)).toBe((await w.head()).size);
  });

  it('with a failure is left alone for a while, and asked again by itself', async () => {
    let fail = true;
    const f = await w.fake((p, c, r) => (fail ? r.writeHead(503).end() : r.end(c.cosign(p.text, 1))));
    await w.add(f.vkey, f.url);
    await w.grow();
    const patient = w.feedWith({ rest: 0, firstWait: 600_000 });
    patient.published(w.org);
    while (f.requests.length < 1) await new Promise((r) => setTimeout(r, 10));
    for (let i = 0; i < 5; i++) {
      patient.published(w.org);
      await new Promise((r) => setTimeout(r, 10));
    }
    await patient.stop();
    expect(f.requests).toHaveLength(1);
    const keen = w.feedWith({ rest: 0, firstWait: 1 });
    keen.start();
    while (f.requests.length < 4) await new Promise((r) => setTimeout(r, 10));
    fail = false;
    while ((await w.listed()).items[0]!.cosigned === null) await new Promise((r) => setTimeout(r, 10));
    await keen.stop();
    expect((await w.listed()).items[0]!.problem).toBeNull();
  });
});
