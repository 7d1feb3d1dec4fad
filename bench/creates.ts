import type pg from 'pg';
import type { Organisation } from '../src/app/people/organisations.ts';
import type { Change } from '../src/store/records/write.ts';
import { riskInput } from './dataset.ts';
import { judged, type Row, timesRow } from './report.ts';
import { compare, type Effort, type Way } from './sampling.ts';
import type { Running } from './server.ts';

const CLIENTS = [1, 10];
const PARALLEL = 50;
const MOST_RATIO = 3;

const columns = (c: Change): Record<string, unknown> => ({
  id: c.id,
  register: c.register,
  number: c.number,
  ref: c.ref,
  state: c.state,
  version: c.version,
  title: c.title,
  values: JSON.stringify(c.values),
  derived: JSON.stringify(c.derived),
  owner: c.owner,
  created_by: 'engine',
  updated_by: 'engine',
  ...c.slots,
});

/** The rows of one record through the bare driver: plain inserts in one pipelined transaction, nothing checked. */
export async function insertBare(pool: pg.Pool, o: Organisation, c: Change, ledger = true): Promise<void> {
  const client = await pool.connect();
  const at = new Date();
  const row = columns(c);
  const names = Object.keys(row);
  const parts = Object.keys(c.parts);
  const send = (name: string, text: string, values: unknown[]) =>
    client.query({ name: `bare-${name}`, text, values });
  try {
    const done = await Promise.all([
      client.query('begin'),
      send(
        'settings',
        `select set_config('role', 'aims_app', true), set_config('app.organisation', $1, true)`,
        [String(o.id)],
      ),
      send(
        `record-${names.length}`,
        `insert into record (organisation, created_at, updated_at, search, ${names.map((n) => `"${n}"`).join(', ')})
         values ($1, $2, $2, to_tsvector('simple', $3) || array_to_tsvector(array[$4::text]),
         ${names.map((_, i) => `$${i + 5}`).join(', ')})`,
        [o.id, at, c.search, `${o.id}:${c.register}`, ...Object.values(row)],
      ),
      send(
        'version',
        `insert into version (organisation, record_id, version, at, act, state, actor, digest)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [o.id, c.id, c.version, at, c.act, c.state, 'engine', c.digest],
      ),
      send(
        'content',
        `insert into content (organisation, record_id, version, part, value)
         select $1, $2, $3, x.* from unnest($4::text[], $5::jsonb[]) as x`,
        [o.id, c.id, c.version, parts, parts.map((p) => JSON.stringify(c.parts[p]!.value))],
      ),
      send(
        'secret',
        `insert into secret (organisation, record_id, version, part, salt)
         select $1, $2, $3, x.* from unnest($4::text[], $5::bytea[]) as x`,
        [o.id, c.id, c.version, parts, parts.map((p) => Buffer.from(c.parts[p]!.salt, 'hex'))],
      ),
      send(
        'link',
        `insert into link (organisation, from_id, name, to_id, from_register, from_number, to_ref)
         select $1, $2, 'systems', id, 'risk', $4, ref from record where organisation = $1 and ref = any($3)`,
        [o.id, c.id, c.links.systems!.refs, c.number],
      ),
      ...(ledger
        ? [
            send(
              'outbox',
              'insert into outbox (organisation, entry, record_id, version) values ($1, $2, $3, $4)',
              [o.id, Buffer.from(c.entry), c.id, c.version],
            ),
          ]
        : []),
      client.query('commit'),
    ]);
    if (done.at(-1)!.command !== 'COMMIT') throw new Error('the bare transaction was rolled back');
  } finally {
    client.release();
  }
}

/** Creates over HTTP beside the same rows through the bare driver, which gets its contents ready made. */
export async function createRows(
  server: Running,
  o: Organisation,
  ready: Change[],
  effort: Effort,
): Promise<Row[]> {
  const pool = server.pool(10);
  const rows: Row[] = [];
  let n = 1_000_000;
  const ours: Way = {
    call: async () => {
      const reply = await server.client.ask('POST', `/api/v1/${o.slug}/risk`, riskInput(n++));
      if (reply.status !== 201) throw new Error(`create: ${reply.status} ${reply.body}`);
    },
  };
  const reference: Way = {
    call: async () => {
      const change = ready.pop();
      if (!change) throw new Error('no ready change is left: make more');
      await insertBare(pool, o, change);
    },
  };
  try {
    for (const clients of CLIENTS)
      rows.push(
        timesRow(
          {
            group: 'Create a record',
            name: `version, commitments, links and ledger entry, ${clients === 1 ? '1 client' : `${clients} clients`}`,
            against: 'the same rows in one pipelined transaction through the bare driver',
          },
          await compare({ ours, reference }, clients, effort),
          { of: 'ratio', most: MOST_RATIO },
        ),
      );
    rows.push(await parallelRow(server, o));
  } finally {
    await pool.end();
  }
  return rows;
}

async function parallelRow(server: Running, o: Organisation): Promise<Row> {
  const answers = await Promise.allSettled(
    Array.from({ length: PARALLEL }, (_, i) =>
      server.client.ask('POST', `/api/v1/${o.slug}/risk`, riskInput(2_000_000 + i)),
    ),
  );
  const refs = new Set(
    answers.flatMap((a) =>
      a.status === 'fulfilled' && a.value.status === 201
        ? [(JSON.parse(a.value.body.toString()) as { ref: string }).ref]
        : [],
    ),
  );
  return judged(
    { group: 'Create a record', name: `${PARALLEL} at once`, unit: 'errors', ours: PARALLEL - refs.size },
    { of: 'ours', most: 0 },
  );
}
