import { stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { inTurns, scryptPasswords } from './passwords.ts';

describe('passwords in turns', () => {
  it('works on so many at once, in their order, and goes on after one that fails', async () => {
    let now = 0;
    let most = 0;
    const begun: string[] = [];
    const work = async (name: string) => {
      begun.push(name);
      now += 1;
      most = Math.max(most, now);
      await new Promise((done) => setImmediate(done));
      now -= 1;
      if (name === 'c') throw new Error('c failed');
      return name;
    };
    const turns = inTurns({ hash: work, verify: async (o) => (await work(o.password)) === o.hash }, 2);
    const all = await Promise.allSettled([
      turns.hash('a'),
      turns.verify({ hash: 'b', password: 'b' }),
      turns.hash('c'),
      turns.verify({ hash: 'x', password: 'd' }),
      ...['e', 'f', 'g'].map((name) => turns.hash(name)),
    ]);
    expect(all.map((r) => (r.status === 'fulfilled' ? r.value : r.reason.message))).toEqual([
      'a',
      true,
      'c failed',
      false,
      'e',
      'f',
      'g',
    ]);
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(most).toBe(2);
    // Everything was given back: as many again at once.
    await Promise.all(['h', 'i', 'j'].map((name) => turns.hash(name)));
    expect(most).toBe(2);
  });

  it('leaves threads for files while many passwords are worked on', async () => {
    const done: string[] = [];
    const passwords = Promise.all(
      Array.from({ length: 12 }, async () => {
        await scryptPasswords.hash('a wrong password');
        done.push('password');
      }),
    );
    // Health probe, evidence and pages: one step of theirs after the other, each behind whatever fills the threads.
    for (let step = 0; step < 3; step++) {
      await stat(import.meta.dirname);
    }
    done.push('file');
    await passwords;
    expect(done).toHaveLength(13);
    expect(done.indexOf('file'), done.join()).toBeLessThan(6);
  });
});
