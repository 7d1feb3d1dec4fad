import pg from 'pg';
import type { Lived } from './organisation.ts';
import { type Budget, judged, type Row, timesRow } from './report.ts';
import { type Client, compare, type Effort, percentile } from './sampling.ts';
import type { Running } from './server.ts';
import { EMAIL, type Inside, PASSWORD } from './world.ts';

const CLIENTS = [1, 10];

/** A page that people open all day: what it asks for, and what it may cost. */
interface Page {
  name: string;
  path: string;
  /** Who opens it; the AIMS manager unless told. */
  email?: string;
  /** Statements of one request, begin and commit left out. */
  statements: number;
  /** Of the medians, beside the same statements through the bare driver. */
  ratio: number;
}

/** One statement as the driver was given it; `begin` and `commit` are among them. */
type Sent = string | { text: string; values?: unknown[]; name?: string };
/** What one request sends, one list for each transaction. */
type Recorded = Sent[][];

const pagesOf = (l: Lived): Page[] => {
  const base = `/api/v1/${l.organisation.slug}`;
  const record = { statements: 6, ratio: 2.5 };
  return [
    { name: 'record page of a risk', path: `${base}/risk/${l.risk}`, ...record },
    { name: 'record page of an AI system', path: `${base}/aiSystem/${l.aiSystem}`, ...record },
    { name: 'record page of a release', path: `${base}/release/${l.release}`, ...record },
    // Whether the step is offered is asked of a rule, which reads what is around the record.
    {
      name: 'record page of a risk that may be accepted',
      path: `${base}/risk/${l.treated}`,
      ...record,
      statements: 8,
    },
    {
      name: 'record page of an allowed release, to its owner',
      path: `${base}/release/${l.allowed}`,
      email: l.email,
      statements: 11,
      ratio: 2.5,
    },
    {
      name: 'my work of an owner',
      path: `${base}/my-work`,
      email: l.email,
      statements: 4,
      ratio: 2.5,
    },
    { name: 'my work of a manager', path: `${base}/my-work`, statements: 4, ratio: 2.5 },
    { name: 'home', path: `${base}/dashboard`, statements: 4, ratio: 2.5 },
    {
      name: 'search over all registers',
      path: `${base}/search?q=customer+outage`,
      statements: 4,
      ratio: 2.5,
    },
    { name: 'gate preview', path: `${base}/release/${l.release}/gate`, statements: 8, ratio: 2.5 },
  ];
};

/** What a request sends to the database, taken down by the driver itself; the sequencer must stand still meanwhile. */
async function recorded(inside: Inside, path: string, email = EMAIL): Promise<Recorded> {
  await inside.quiet();
  const { setCookie } = await inside.app.identity.signIn({
    email,
    password: PASSWORD,
    ip: '127.0.0.1',
  });
  const headers = { cookie: setCookie.map((c) => c.split(';')[0]).join('; ') };
  const lists = new Map<pg.Client, Sent[]>();
  const done: Recorded = [];
  const { query } = pg.Client.prototype;
  // The driver's own method has a dozen forms; ours are a text or an object with one.
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const sent = args[0] as Sent;
    const list = lists.get(this) ?? [];
    lists.set(this, list);
    list.push(typeof sent === 'string' ? sent : { text: sent.text, values: sent.values, name: sent.name });
    if (sent === 'commit' || !String(list[0]).startsWith('begin')) {
      done.push(list);
      lists.delete(this);
    }
    return (query as (...a: unknown[]) => unknown).apply(this, args);
  } as typeof query;
  try {
    const reply = await inside.server.inject({ method: 'GET', url: path, headers });
    if (reply.statusCode !== 200) throw new Error(`${path}: ${reply.statusCode} ${reply.body.slice(0, 300)}`);
  } finally {
    pg.Client.prototype.query = query;
  }
  return [...done, ...lists.values()];
}

const counted = (r: Recorded): number =>
  r.flat().filter((s) => typeof s !== 'string' || !/^(begin|commit)/.test(s)).length;

/** The pages with what each sends; taken while the application runs inside this process. */
export interface Prepared {
  page: Page;
  sent: Recorded;
}

export async function preparePages(inside: Inside, lived: Lived): Promise<Prepared[]> {
  const out: Prepared[] = [];
  for (const page of pagesOf(lived)) out.push({ page, sent: await recorded(inside, page.path, page.email) });
  return out;
}

async function overHttp(client: Client, path: string): Promise<void> {
  const reply = await client.ask('GET', path);
  if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${reply.body.subarray(0, 300)}`);
}

async function replay(pool: pg.Pool, transactions: Recorded): Promise<void> {
  for (const statements of transactions) {
    const client = await pool.connect();
    try {
      await Promise.all(statements.map((s) => client.query(s as pg.QueryConfig)));
    } finally {
      client.release();
    }
  }
}

/** Pages over HTTP beside the very statements they send, through the bare driver in the same transactions. */
export async function pageRows(
  server: Running,
  pages: readonly Prepared[],
  records: number,
  effort: Effort,
): Promise<Row[]> {
  const pool = server.pool(10);
  const group = `Pages among ${records.toLocaleString('en')} records`;
  const rows: Row[] = [];
  try {
    for (const { page, sent } of pages) {
      await server.signIn(page.email);
      rows.push(
        judged(
          { group: `Statements of a page`, name: page.name, unit: 'statements', ours: counted(sent) },
          { of: 'ours', most: page.statements },
        ),
      );
      for (const clients of CLIENTS) {
        const samples = await compare(
          {
            ours: { call: () => overHttp(server.client, page.path) },
            reference: { call: () => replay(pool, sent) },
          },
          clients,
          effort,
        );
        const budget: Budget | undefined = clients === 10 ? { of: 'ratio', most: page.ratio } : undefined;
        const perSecond = Math.round((clients * 1000) / percentile(samples.ours, 0.5));
        rows.push(
          timesRow(
            {
              group,
              name: `${page.name}, ${clients === 1 ? '1 client' : `${clients} clients`}: ${perSecond}/s`,
              against: 'the same statements in the same transactions through the bare driver',
            },
            samples,
            budget,
          ),
        );
      }
    }
  } finally {
    await pool.end();
  }
  return rows;
}
