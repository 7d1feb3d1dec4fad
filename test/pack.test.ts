import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyPack } from '../src/pack/index.ts';
import { given, type TestInstance, testInstance, type Visitor } from './instance.ts';

let t: TestInstance;
let ada: Visitor;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pack-test-'));
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'aimsManager', 'auditor']);
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('round trip', () => {
  test('a pack verifies', async () => {
    const sys = await given(t, 'aiSystem', { name: 'Chat', purpose: 'Answers', owner: ada.ref });
    await ada.ask('PATCH', `aiSystem/${sys.ref}`, { purpose: 'Answers more' });
    const r = await t.server.inject({ method: 'GET', url: '/api/v1/acme/audit-pack', headers: ada.headers });
    expect(r.statusCode).toBe(200);
    const path = join(folder, 'a.zip');
    writeFileSync(path, r.rawPayload);
    const v = await verifyPack(path);
    expect(v.ok).toBe(true);
  });
});
