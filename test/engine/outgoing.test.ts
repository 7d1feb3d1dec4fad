import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WitnessFeed } from '../../src/app/log/witness-feed.ts';
import { cosignerFromKey } from '../../src/ledger/index.ts';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

const SOME_WITNESS = cosignerFromKey('witness.example', generateKeyPairSync('ed25519').privateKey).vkey;

let t: TestInstance;
let manager: Visitor;
let server: Server;
let asked = 0;
let within: string;

beforeAll(async () => {
  t = await testInstance({ allowPrivate: [] });
  manager = await t.person('Ada', ['aimsManager']);
  server = createServer((_, response) => {
    asked += 1;
    response.end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  within = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await t.close();
});

it('does not take an address within as a witness or an authority', async () => {
  const hosts = ['127.0.0.1', 'localhost', '2130706433', '[::ffff:7f00:1]', '169.254.169.254', '10.0.0.1'];
  for (const host of hosts)
    for (const [path, body] of [
      ['log/witnesses', { vkey: SOME_WITNESS }],
      ['log/stamps/service', { chain: 'x', every: 'day' }],
    ] as const) {
      const answer = await manager.ask('POST', path, { ...body, url: `http://${host}:9/` });
      expect(answer.status, `${path} ${host}`).toBe(422);
      expect(answer.body.problems[0], `${path} ${host}`).toMatchObject({
        path: '/url',
        message: expect.stringMatching(/address, which this server asks only .*--allow-private/),
      });
    }
});

it('does not ask an address within that was set before, and says so where it is listed', async () => {
  const org = t.organisation.id;
  await t.app.db.asOwner({
    text: 'insert into witness (organisation, vkey, url, added_at) values ($1, $2, $3, now())',
    values: [org, SOME_WITNESS, within],
  });
  await t.witnesses.stop();
  const feed = new WitnessFeed(t.app, { firstWait: 600_000 });
  await feed.work(org);
  await feed.stop();
  const { items } = (await manager.ask('GET', 'log/witnesses')).body;
  expect(items[0].problem).toContain('it is not asked: 127.0.0.1 is a loopback address');
  expect(asked).toBe(0);
});
