import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { signCheckpoint } from '../../ledger/checkpoint.ts';
import { signerFromKey } from '../../ledger/keys.ts';
import { PublishedFiles } from './published.ts';

const folder = mkdtempSync(join(tmpdir(), 'aims-published-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signer = signerFromKey('log.example/acme', generateKeyPairSync('ed25519').privateKey);
const head = (size: number, origin = 'log.example/acme') =>
  signCheckpoint({ origin, size, root: createHash('sha256').update(`${size}`).digest() }, [signer]);

test('the head that was published never goes back, in whatever order processes come to keep it', async () => {
  const heads = new PublishedFiles(folder, async (organisation) => `acme-${organisation}`);
  expect(await heads.read(1)).toBeUndefined();
  let greatest = 0;
  let behind = 0;
  for (const size of [3, 7, 5, 7, 1, 6, 8, 7]) {
    expect(await heads.write(1, head(size)), `${size} after ${greatest}`).toBe(size > greatest);
    if (size < greatest) behind += 1;
    greatest = Math.max(greatest, size);
    expect(await heads.read(1)).toBe(head(greatest));
  }
  expect(behind).toBe(4);
  expect(readdirSync(folder)).toEqual(['acme-1']);
});

test('a new log begins with a smaller one, and a file that cannot be read does not keep it from being kept', async () => {
  const heads = new PublishedFiles(folder, async () => 'renewed');
  await heads.write(1, head(9));
  const next = head(1, 'log.example/acme/2');
  expect(await heads.write(1, next)).toBe(true);
  expect(await heads.read(1)).toBe(next);
  const torn = new PublishedFiles(folder, async () => 'torn');
  await torn.write(1, 'half a no');
  expect(await torn.write(1, head(2))).toBe(true);
  expect(await torn.read(1)).toBe(head(2));
});
