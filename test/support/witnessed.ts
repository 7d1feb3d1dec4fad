import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { WitnessList } from '../../src/answers/log.ts';
import type { FeedOptions } from '../../src/app/log/witness-feed.ts';
import { WitnessFeed } from '../../src/app/log/witness-feed.ts';
import {
  type Cosigner,
  cosignerFromKey,
  type ParsedAddCheckpoint,
  parseAddCheckpoint,
} from '../../src/ledger/index.ts';
import { cosignatureLines } from '../../src/store/log/witnesses.ts';
import { type Answer, given, type TestInstance, testInstance, type Visitor } from './instance.ts';

/** Gives a fake witness's answer. */
export type Answering = (request: ParsedAddCheckpoint, cosigner: Cosigner, response: ServerResponse) => void;

/** An instance whose log is to be witnessed, with the witnesses that a test makes up. */
export interface Witnessed {
  t: TestInstance;
  org: number;
  manager: Visitor;
  reader: Visitor;
  /** Asks when `work` is called, and not by itself. */
  feed: WitnessFeed;
  feedWith(o: FeedOptions): WitnessFeed;
  listed(): Promise<WitnessList>;
  add(vkey: string, url: string): Promise<Answer>;
  remove(vkey: string): Promise<Answer>;
  /** Makes records, and answers the size of the log with them. */
  grow(n?: number): Promise<number>;
  head(): Promise<{ size: number; note: string; origin: string; vkey: string }>;
  cosigned(size: number): Promise<string[]>;
  fake(answer: Answering): Promise<Fake>;
  /** Removes every witness, and ends the fakes. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** A witness that answers what the test decides. */
export interface Fake {
  vkey: string;
  url: string;
  requests: ParsedAddCheckpoint[];
  paths: string[];
}

export async function witnessed(): Promise<Witnessed> {
  const t = await testInstance();
  // Its own would ask when no test expects it.
  await t.witnesses.stop();
  const org = t.organisation.id;
  const manager = await t.person('Ada', ['aimsManager']);
  const reader = await t.person('Rea', ['reader']);
  const feeds: WitnessFeed[] = [];
  const servers: Server[] = [];
  const feedWith = (o: FeedOptions) => {
    const feed = new WitnessFeed(t.app, o);
    feeds.push(feed);
    return feed;
  };
  const listed = async (): Promise<WitnessList> => (await reader.ask('GET', 'log/witnesses')).body;
  const remove = (vkey: string) => manager.ask('POST', 'log/witnesses/remove', { vkey });
  const endFakes = () => {
    for (const s of servers.splice(0)) {
      s.closeAllConnections();
      s.close();
    }
  };
  let systems = 0;
  return {
    t,
    org,
    manager,
    reader,
    feed: feedWith({ rest: 0, firstWait: 600_000, patience: 2_000 }),
    feedWith,
    listed,
    remove,
    add: (vkey, url) => manager.ask('POST', 'log/witnesses', { vkey, url }),
    grow: async (n = 1) => {
      for (let i = 0; i < n; i++) {
        systems += 1;
        await given(t, 'aiSystem', { name: `System ${systems}`, purpose: 'x', owner: manager.ref });
      }
      return (await t.app.sequencer.settle(org)).size;
    },
    head: async () => {
      const [logs, keys] = await t.app.db.run(org, [
        {
          text: 'select size, checkpoint, origin from log where organisation = (select present_organisation())',
        },
        {
          text: 'select vkey from log_key where organisation = (select present_organisation()) order by since',
        },
      ]);
      return {
        size: logs![0]!.size as number,
        note: logs![0]!.checkpoint as string,
        origin: logs![0]!.origin as string,
        vkey: keys![0]!.vkey as string,
      };
    },
    cosigned: async (size) => {
      const [rows] = await t.app.db.run(org, [cosignatureLines(size)]);
      return rows![0]!.lines as string[];
    },
    fake: (answer) => fake(servers, answer),
    clear: async () => {
      for (const w of (await listed()).items) await remove(w.vkey);
      endFakes();
    },
    close: async () => {
      for (const feed of feeds) await feed.stop();
      endFakes();
      await t.close();
    },
  };
}

async function fake(servers: Server[], answer: Answering): Promise<Fake> {
  const cosigner = cosignerFromKey('fake.example', generateKeyPairSync('ed25519').privateKey);
  const requests: ParsedAddCheckpoint[] = [];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (c: Buffer) => chunks.push(c));
    request.on('end', () => {
      paths.push(`${request.method} ${request.url}`);
      const parsed = parseAddCheckpoint(Buffer.concat(chunks).toString('utf8'));
      requests.push(parsed);
      answer(parsed, cosigner, response);
    });
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  return { vkey: cosigner.vkey, url: `http://127.0.0.1:${port}`, requests, paths };
}
