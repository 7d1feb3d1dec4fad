import { describe, expect, it } from 'vitest';
import { makeDisclosure } from './disclosure.ts';
import { keyPair, LOG_KEY, ORIGIN, sampleEntries, signedLog } from './testing/sample-log.ts';
import { verifyDisclosure } from './verify-disclosure.ts';

const entries = sampleEntries(13);
const { vkey } = LOG_KEY;
const proof = signedLog(entries).proof(8);
const good = makeDisclosure({ vkey, origin: ORIGIN, entry: entries[8]!, disclosed: {}, proof });

describe('a file under several trusted keys', () => {
  it('is believed from any key of a log whose key was rotated', () => {
    const next = keyPair(2);
    const stranger = keyPair(3, 'other.example');
    const both = { ...good, proof: signedLog(entries, [LOG_KEY.signer, next.signer]).proof(8) };
    const newer = { ...good, vkey: next.vkey, proof: signedLog(entries, [next.signer]).proof(8) };
    for (const keys of [
      [vkey, next.vkey],
      [next.vkey, stranger.vkey, vkey],
    ]) {
      for (const file of [good, both, newer]) {
        expect(verifyDisclosure(file, keys)).toMatchObject({ ok: true, keyFrom: 'caller' });
      }
    }
    expect(verifyDisclosure(good, [vkey])).toEqual(verifyDisclosure(good, vkey));
    const detailed = verifyDisclosure(both, [vkey, next.vkey]).checks;
    expect(detailed.find((c) => c.name === 'key')?.detail).toMatch(/is one of those you trust/);
    expect(detailed.find((c) => c.name === 'checkpoint')?.detail).toMatch(/^Key \w{8} and key \w{8} signed/);

    const names = (file: unknown, keys: string[]) =>
      verifyDisclosure(file, keys)
        .checks.filter((c) => !c.ok)
        .map((c) => c.name);
    expect(names(newer, [vkey, stranger.vkey])).toEqual(['key', 'checkpoint', 'inclusion']);
    expect(names(good, [])).toEqual(['key', 'checkpoint', 'inclusion']);
    expect(names(good, [vkey, 'nonsense'])).toEqual(['key', 'checkpoint', 'inclusion']);
    // The key of another log says nothing about this one, though the caller trusts it.
    expect(names({ ...good, vkey: stranger.vkey }, [vkey, stranger.vkey])[0]).toBe('key');
    // A trusted key's line that does not hold refuses the file, though the other's does.
    const broken = good.proof + signedLog(entries.slice(1), [next.signer]).checkpoint.split('\n\n')[1];
    expect(names({ ...good, proof: broken }, [vkey])).toEqual([]);
    expect(names({ ...good, proof: broken }, [vkey, next.vkey])).toEqual(['checkpoint', 'inclusion']);
  });
});
