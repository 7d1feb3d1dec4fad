import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixedClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { cosignaturesOf, SIZE_TYPE, verifierFromVkey, witnessFromVkey } from '../ledger/index.ts';
import { initWitness, LogFolder, readWitnessKey, Witness } from './index.ts';
import { bodyOf, FORK, keyPair, LOG_KEY, noteOf, ORIGIN } from './testing/log.ts';

const base = mkdtempSync(join(tmpdir(), 'aims-witness-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const clock = fixedClock('2027-01-02T03:04:05.900Z');
const AT = Date.parse('2027-01-02T03:04:05Z') / 1000;

let folder: string;
let vkey: string;
let logs: LogFolder;
let told: string[];
let open: Witness[];
let made = 0;

const start = async () => {
  const w = await Witness.open({ folder, clock, random: systemRandom, report: (line) => told.push(line) });
  open.push(w);
  return w;
};
const place = (origin = ORIGIN) => join(folder, 'logs', createHash('sha256').update(origin).digest('hex'));
const stateFiles = () => readdirSync(place()).filter((f) => /^\d+\.note$/.test(f));
const ask = async (w: Witness, body: string) => {
  const answer = await w.addCheckpoint(Buffer.from(body));
  return [answer.status, answer.status === 200 ? '' : answer.body.trim()];
};

beforeEach(async () => {
  made += 1;
  folder = join(base, String(made));
  told = [];
  open = [];
  vkey = await initWitness(folder, 'witness.example');
  logs = new LogFolder(folder, witnessFromVkey(vkey), systemRandom);
  await logs.add(LOG_KEY.vkey);
});
afterEach(async () => {
  for (const w of open) await w.close();
});

describe('a witness', () => {
  it('cosigns growth, and says so with a signature that holds', async () => {
    const w = await start();
    let old = 0;
    for (const size of [1, 5, 5, 64, 65, 200]) {
      const answer = await w.addCheckpoint(Buffer.from(bodyOf(old, size)));
      expect(answer.status).toBe(200);
      const cosigned = cosignaturesOf(noteOf(size) + answer.body, [witnessFromVkey(vkey)]);
      expect(cosigned).toEqual([expect.objectContaining({ name: 'witness.example', at: AT })]);
      old = size;
    }
    expect(old).toBe(200);
    expect(stateFiles()).toEqual(['6.note']);
    expect(told).toEqual([]);
  });

  it('refuses: rewritten 422, stale 409 with the size, stranger 403, unknown 404, malformed 400', async () => {
    const w = await start();
    expect(await ask(w, bodyOf(0, 20))).toEqual([200, '']);
    expect((await ask(w, bodyOf(20, 30, { leaves: FORK })))[0]).toBe(422);
    const stale = await w.addCheckpoint(Buffer.from(bodyOf(10, 30)));
    expect(stale).toEqual({ status: 409, type: SIZE_TYPE, body: '20\n' });
    expect((await ask(w, bodyOf(20, 30, { signer: keyPair(2).signer })))[0]).toBe(403);
    const other = keyPair(3, 'other.example/log');
    expect((await ask(w, bodyOf(20, 30, { signer: other.signer, origin: 'other.example/log' })))[0]).toBe(
      404,
    );
    expect((await ask(w, bodyOf(30, 20)))[0]).toBe(400);
    for (const body of ['', 'old 20\n\n', bodyOf(20, 30).replace('old', 'Old')])
      expect((await ask(w, body))[0]).toBe(400);
    const bytes = Buffer.from(bodyOf(20, 30));
    bytes[bytes.length - 5] = 0xff;
    expect((await w.addCheckpoint(bytes)).status).toBe(400);
    // None of it moved anything.
    expect(await ask(w, bodyOf(20, 30))).toEqual([200, '']);
    expect(told).toEqual([expect.stringContaining('refused size 30')]);
  });

  it('keeps both heads of a log that contradicts itself at one size', async () => {
    const w = await start();
    await ask(w, bodyOf(0, 20));
    expect(await ask(w, bodyOf(20, 20, { leaves: FORK }))).toEqual([409, '20']);
    expect(readFileSync(join(place(), 'fork.note'), 'utf8')).toBe(noteOf(20, { leaves: FORK }));
    expect(told).toEqual([expect.stringContaining('two different trees of size 20')]);
    expect((await logs.list())[0]!.forked).toBe(true);
    // The first contradiction stays.
    await ask(w, bodyOf(0, 20, { leaves: [...FORK].reverse() }));
    expect(readFileSync(join(place(), 'fork.note'), 'utf8')).toBe(noteOf(20, { leaves: FORK }));
  });

  it('lets one of twenty racing requests through', async () => {
    const w = await start();
    await ask(w, bodyOf(0, 20));
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(w, bodyOf(20, 21 + i))));
    const won = answers.filter(([status]) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(([status]) => status === 409)).toHaveLength(19);
    const known = (await logs.read(ORIGIN))!.size;
    expect(known).toBeGreaterThan(20);
    for (const [status, body] of answers) if (status === 409) expect(body).toBe(String(known));
  });

  it('watches several logs apart, and keys of a log that changed them', async () => {
    const w = await start();
    const second = keyPair(5, 'second.example/log');
    expect(await logs.add(second.vkey)).toEqual({ origin: 'second.example/log', added: 'log' });
    const inSecond = { signer: second.signer, origin: 'second.example/log' };
    expect(await ask(w, bodyOf(0, 3, inSecond))).toEqual([200, '']);
    expect(await ask(w, bodyOf(0, 20))).toEqual([200, '']);
    const later = keyPair(9);
    expect((await ask(w, bodyOf(20, 30, { signer: later.signer })))[0]).toBe(403);
    expect(await logs.add(later.vkey)).toEqual({ origin: ORIGIN, added: 'key' });
    expect(await logs.add(later.vkey)).toEqual({ origin: ORIGIN, added: 'nothing' });
    expect(await ask(w, bodyOf(20, 30, { signer: later.signer }))).toEqual([200, '']);
    expect(await ask(w, bodyOf(30, 31))).toEqual([200, '']);
    const all = await logs.list();
    expect(all.map((l) => [l.origin, l.size, l.keys.length])).toEqual([
      [ORIGIN, 31, 2],
      ['second.example/log', 3, 1],
    ]);
    const page = await w.page();
    expect(page).toContain(`\n${vkey}\n`);
    expect(page).toContain(`31\t${ORIGIN}\n3\tsecond.example/log\n`);
  });
});

describe('the folder', () => {
  it('has a key that only its owner may read, made once', async () => {
    expect(statSync(join(folder, 'key')).mode & 0o777).toBe(0o600);
    await expect(initWitness(folder, 'witness.example')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect((await readWitnessKey(folder)).vkey).toBe(vkey);
    chmodSync(join(folder, 'key'), 0o640);
    await expect(start()).rejects.toThrow(/may be read by others \(mode 640\)/);
    await expect(readWitnessKey(join(base, 'nowhere'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(initWitness(join(base, 'unnamed'), 'a b')).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('belongs to one process, and is free again after it', async () => {
    const w = await start();
    await expect(start()).rejects.toThrow(/in use by another witness/);
    await w.close();
    await start();
  });

  it('is taken over from a process that is no more', async () => {
    for (const left of ['999999999 1 x\n', `${process.pid} 1 x\n`, '', 'garbage', '-1 1 x\n']) {
      writeFileSync(join(folder, 'lock'), left);
      const w = await start();
      await w.close();
    }
    expect(open).toHaveLength(5);
  });

  it('never lets two processes move one size, even past the lock', async () => {
    const one = await start();
    rmSync(join(folder, 'lock'));
    const two = await start();
    let old = 0;
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all([one, two, one, two].map((w, i) => ask(w, bodyOf(old, old + 1 + i))));
      expect(answers.filter(([status]) => status === 200)).toHaveLength(1);
      old = (await logs.read(ORIGIN))!.size;
    }
    expect(old).toBeGreaterThanOrEqual(10);
  });

  it('refuses a number that a newer one has overtaken', async () => {
    const w = await start();
    await ask(w, bodyOf(0, 5));
    const seen = (await logs.read(ORIGIN))!;
    const text = readFileSync(join(place(), '1.note'), 'utf8');
    for (const size of [6, 7, 8]) await ask(w, bodyOf(size - 1, size));
    // 2.note has been cleared away: its name is free, and must not count.
    expect(stateFiles()).toEqual(['4.note']);
    expect(await logs.commit(seen, text)).toBe(false);
    expect((await logs.read(ORIGIN))!.size).toBe(8);
  });

  it('is the same after a restart', async () => {
    const w = await start();
    await ask(w, bodyOf(0, 20));
    await w.close();
    const again = await start();
    expect(await ask(again, bodyOf(0, 30))).toEqual([409, '20']);
    expect(await ask(again, bodyOf(20, 30))).toEqual([200, '']);
  });

  it('that is damaged is an error, never a beginning from nothing', async () => {
    const w = await start();
    await ask(w, bodyOf(0, 20));
    await ask(w, bodyOf(20, 21));
    const state = join(place(), '2.note');
    const good = readFileSync(state);
    let damaged = 0;
    const refuses = async (how: string) => {
      await expect(w.addCheckpoint(Buffer.from(bodyOf(0, 30))), how).rejects.toMatchObject({
        code: 'INTERNAL',
      });
      await expect(w.addCheckpoint(Buffer.from(bodyOf(21, 30))), how).rejects.toMatchObject({
        code: 'INTERNAL',
      });
      damaged += 1;
    };
    for (const size of [0, 1, 50, good.length - 1]) {
      writeFileSync(state, good);
      truncateSync(state, size);
      await refuses(`cut to ${size}`);
    }
    for (let at = 0; at < good.length; at += 7) {
      const changed = Buffer.from(good);
      changed[at]! ^= 1;
      writeFileSync(state, changed);
      // The log's own line is not what the witness relies on; everything else is.
      const line = good.indexOf('— ');
      const own = good.lastIndexOf('— ');
      if (at < line || at >= own) await refuses(`changed at ${at}`);
    }
    rmSync(state);
    await refuses('gone');
    writeFileSync(state, good);
    writeFileSync(join(place(), '00000000.vkey'), `${keyPair(3, 'x').vkey}\n`);
    await refuses('a key of another log');
    rmSync(join(place(), '00000000.vkey'));
    writeFileSync(join(place(), '00000000.vkey'), 'no key\n');
    await refuses('a key that is none');
    rmSync(join(place(), '00000000.vkey'));
    expect(damaged).toBeGreaterThan(15);
    expect(await ask(w, bodyOf(21, 30))).toEqual([200, '']);
  });

  it('survives a death at any moment of adding or storing', async () => {
    const w = await start();
    await ask(w, bodyOf(0, 20));
    // What a process leaves that ends midway: drafts, and a new file beside the old one.
    writeFileSync(join(place(), '.draft.tmp'), 'half');
    mkdirSync(join(folder, 'logs', '.new-abc'));
    expect(await ask(w, bodyOf(20, 30))).toEqual([200, '']);
    writeFileSync(join(place(), '1.note'), 'nothing cosigned yet\n');
    expect((await logs.read(ORIGIN))!.size).toBe(30);
    expect((await logs.list()).map((l) => l.size)).toEqual([30]);
    expect(verifierFromVkey(LOG_KEY.vkey).name).toBe(ORIGIN);
  });

  it('takes only keys of logs', async () => {
    for (const bad of ['', 'x', vkey, `${LOG_KEY.vkey}x`])
      await expect(logs.add(bad)).rejects.toMatchObject({ code: 'INVALID' });
    expect(await logs.list()).toHaveLength(1);
  });
});
