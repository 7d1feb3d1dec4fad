import type pg from 'pg';
import type { Organisation } from '../src/app/people/organisations.ts';
import type { Slots } from '../src/register/slots.ts';
import { registry } from '../src/registers/index.ts';
import type { Statement } from '../src/store/db/database.ts';
import { cursorAfter } from '../src/store/records/cursors.ts';
import { type ListQuery, listStatement } from '../src/store/records/list.ts';
import { COMMON_WORD, RARE_WORD } from './dataset.ts';
import { type Budget, type Row, timesRow } from './report.ts';
import { type Client, compare, type Effort } from './sampling.ts';
import type { Running } from './server.ts';

const LIMIT = 50;
/** Where a deep page begins. */
const DEPTH = 0.6;
const CLIENTS = [1, 10];
const risk = registry.get('risk');

interface Listing {
  name: string;
  query: ListQuery;
  /** Rows on the page. */
  expected: number;
}

const base = (sort: string, words?: string): ListQuery => ({
  filters: [],
  sort: { name: sort.replace(/^-/, ''), descending: sort.startsWith('-') },
  limit: LIMIT,
  total: false,
  ...(words ? { words } : {}),
});

/** The cursor of the row at a share of the whole list; found by counting through, which is why nobody pages like that. */
async function cursorAt(
  pool: pg.Pool,
  o: Organisation,
  slots: Slots,
  q: ListQuery,
  count: number,
): Promise<string> {
  const column = { number: 'number', state: 'state', owner: 'owner' }[q.sort.name] ?? slots[q.sort.name];
  if (!column) throw new Error(`no column for ${q.sort.name}`);
  const direction = q.sort.descending ? 'desc' : 'asc';
  const { rows } = await pool.query<{ number: number; key: string }>(
    `select number, ${column}::text as key from record where organisation = $1 and register = $2
     order by ${column} ${direction}, number ${direction} offset $3 limit 1`,
    [o.id, risk.name, Math.floor(count * DEPTH)],
  );
  return cursorAfter(q, { number: rows[0]!.number, sortKey: rows[0]!.key });
}

async function listings(pool: pg.Pool, o: Organisation, slots: Slots, count: number): Promise<Listing[]> {
  const out: Listing[] = [];
  const orders = {
    'newest first': '-number',
    text: 'title',
    'a number': 'level',
    state: 'state',
    owner: 'owner',
  };
  for (const [name, sort] of Object.entries(orders)) {
    const query = base(sort);
    const after = await cursorAt(pool, o, slots, query, count);
    out.push({ name: `by ${name}, first page`, query, expected: LIMIT });
    out.push({ name: `by ${name}, deep page`, query: { ...query, after }, expected: LIMIT });
  }
  const rare = Math.min(LIMIT, Math.floor(count / 1000));
  const common = base('-number', COMMON_WORD);
  const after = await cursorAt(pool, o, slots, common, count);
  out.push({ name: 'search, rare word', query: base('-number', RARE_WORD), expected: rare });
  out.push({ name: 'search, word in every second', query: common, expected: LIMIT });
  out.push({ name: 'search, word in every second, deep page', query: { ...common, after }, expected: LIMIT });
  out.push({
    name: 'search, word in every second, by text',
    query: base('title', COMMON_WORD),
    expected: LIMIT,
  });
  return out;
}

function pathOf(o: Organisation, q: ListQuery): string {
  const p = new URLSearchParams({
    limit: String(q.limit),
    sort: `${q.sort.descending ? '-' : ''}${q.sort.name}`,
  });
  if (q.words) p.set('q', q.words);
  if (q.after) p.set('after', q.after);
  return `/api/v1/${o.slug}/${risk.name}?${p}`;
}

async function overHttp(client: Client, path: string, expected: number): Promise<void> {
  const reply = await client.ask('GET', path);
  if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${reply.body.subarray(0, 300)}`);
  // Counting rows without parsing: the measuring process must not cost more than the measured one.
  if (reply.body.length < expected * 100) throw new Error(`${path}: ${reply.body.length} bytes are no page`);
}

/** The same statement in the same pipelined transaction, without the application. */
async function inTransaction(pool: pg.Pool, o: Organisation, s: Statement, expected: number): Promise<void> {
  const client = await pool.connect();
  try {
    const [, , page] = await Promise.all([
      client.query('begin'),
      client.query({
        name: 'settings',
        text: `select set_config('role', 'aims_app', true), set_config('app.organisation', $1, true)`,
        values: [String(o.id)],
      }),
      client.query(s),
      client.query('commit'),
    ]);
    demandRows(page.rows.length, expected);
  } finally {
    client.release();
  }
}

/** One row more than asked is fetched, to know whether there is a next page. */
function demandRows(got: number, expected: number): void {
  if (got !== expected && got !== expected + 1) throw new Error(`expected ${expected} rows, got ${got}`);
}

/** Lists of 50 over HTTP beside the same statement through the bare driver. */
export async function listRows(
  server: Running,
  o: Organisation,
  slots: Slots,
  count: number,
  effort: Effort,
  budget?: Budget,
): Promise<Row[]> {
  // Role and organisation stand for the connection too, so that the statement alone can be measured.
  const pool = server.pool(10, o.id);
  const rows: Row[] = [];
  try {
    for (const { name, query, expected } of await listings(pool, o, slots, count)) {
      const statement = listStatement(registry, risk, slots, query);
      const path = pathOf(o, query);
      for (const clients of CLIENTS) {
        const samples = await compare(
          {
            ours: { call: () => overHttp(server.client, path, expected) },
            reference: { call: () => inTransaction(pool, o, statement, expected) },
            plain: { call: async () => demandRows((await pool.query(statement)).rows.length, expected) },
          },
          clients,
          effort,
        );
        rows.push(
          timesRow(
            {
              group: `List of 50 among ${count.toLocaleString('en')} rows`,
              name: `${name}, ${clients === 1 ? '1 client' : `${clients} clients`}`,
              against:
                'the same SQL in the same pipelined transaction through the bare driver; plain: the statement alone',
            },
            samples,
            clients === 10 ? budget : undefined,
          ),
        );
      }
    }
  } finally {
    await pool.end();
  }
  return rows;
}
