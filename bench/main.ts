import { join } from 'node:path';
import type { Organisation } from '../src/app/people/organisations.ts';
import type { Slots } from '../src/register/slots.ts';
import { startEmbedded } from '../src/store/embedded/index.ts';
import { takeNumbers } from '../src/store/records/write.ts';
import { createRows } from './creates.ts';
import { fill, riskChange, riskInput } from './dataset.ts';
import { packagesRow, siteRow } from './footprint.ts';
import { ledgerRows, packRows } from './ledger.ts';
import { listRows } from './lists.ts';
import { live } from './organisation.ts';
import { type Prepared, pageRows, preparePages } from './pages.ts';
import { judged, type Row, table } from './report.ts';
import { drive, type Effort, percentile } from './sampling.ts';
import { endAllServers, freePort, type Running, startServer } from './server.ts';
import { statementRows } from './statements.ts';
import { EMAIL, type Inside, newOrganisation, openInside, PASSWORD, temporaryFolder } from './world.ts';

const HELP = `npm run bench: what the application costs, beside the bare database driver and beside its budgets

  --quick    10,000 rows only, shorter rounds: about a minute instead of about five
  --json     the rows as JSON
  --strict   exit code 1 when a budget is broken; without it a broken budget is marked "over" and the exit code is 0`;

const SMALL = 10_000;
const LARGE = 100_000;
const STARTS = 3;
const LIST_P95_MS = 50;
const START_MS = 2_000;
const PSS_MB = 200;
/** Prepared records for the bare driver: more than it can insert in its rounds. */
const READY = 12_000;

interface Settings {
  quick: boolean;
  effort: Effort;
  say: (line: string) => void;
}

/** What later steps need to know of an organisation that was filled. */
interface Filled {
  organisation: Organisation;
  slots: Slots;
}

async function main(args: string[]): Promise<number> {
  const unknown = args.filter((a) => !['--quick', '--json', '--strict', '--help'].includes(a));
  if (unknown.length > 0 || args.includes('--help')) {
    console.log(`${unknown.length > 0 ? `unknown: ${unknown.join(' ')}\n\n` : ''}${HELP}`);
    return unknown.length > 0 ? 2 : 0;
  }
  const quick = args.includes('--quick');
  const began = performance.now();
  const folder = temporaryFolder();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      endAllServers();
      folder.remove();
      process.exit(130);
    });
  const rows: Row[] = [];
  const say = (line: string) =>
    console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  try {
    const effort = quick ? { rounds: 2, ms: 100 } : { rounds: 3, ms: 220 };
    await measure(join(folder.path, 'data'), { quick, effort, say }, (...more) => rows.push(...more));
  } finally {
    folder.remove();
  }
  // Rows of a group stand together, wherever in the run they were measured.
  const groups = [...new Set(rows.map((r) => r.group))];
  rows.sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group));
  if (args.includes('--json'))
    console.log(JSON.stringify({ node: process.version, platform: process.platform, quick, rows }, null, 2));
  else console.log(`\n${table(rows)}\n`);
  const over = rows.filter((r) => r.verdict === 'over').length;
  say(over === 0 ? 'every budget is kept' : `${over} budgets are broken`);
  return over > 0 && args.includes('--strict') ? 1 : 0;
}

async function measure(data: string, s: Settings, add: (...rows: Row[]) => void): Promise<void> {
  const port = await freePort();
  s.say('first start on an empty folder');
  add(await firstStartRow(data, port));

  s.say(`writing ${SMALL} rows`);
  const { userId, ready, ...small } = await withInside(data, port, async (inside) => {
    const account = await inside.app.identity.createAccount({
      email: EMAIL,
      name: 'Measurer',
      password: PASSWORD,
    });
    const filled = await fillOrganisation(inside, 'small', account.userId, SMALL, add);
    const first = await takeNumbers(inside.app.db, filled.organisation.id, 'risk', READY);
    const changes = Array.from({ length: READY }, (_, i) => riskChange(inside.app, 4_000_000 + i, first + i));
    add(...(await statementRows(inside, filled.organisation)));
    return { ...filled, userId: account.userId, ready: changes };
  });

  s.say('starting again');
  const database = await databaseAlone(data);
  const starts: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const server = await startServer(data, port);
    starts.push(server.startedIn);
    await server.stop();
  }
  add(
    startRow(
      `with ${SMALL.toLocaleString('en')} rows, median of ${STARTS}`,
      percentile(starts, 0.5),
      database,
    ),
  );

  await withServer(data, port, async (server) => {
    s.say('memory after 1,000 requests');
    add(await memoryRow(server, small.organisation));
    s.say(`lists among ${SMALL} rows`);
    add(
      ...(await listRows(server, small.organisation, small.slots, SMALL, s.effort, {
        of: 'oursP95',
        most: LIST_P95_MS,
      })),
    );
    s.say('an audit pack');
    add(...(await packRows(server, small.organisation, data)));
    s.say('creating');
    add(...(await createRows(server, small.organisation, ready, s.effort)));
  });

  s.say('the ledger beside the same rows without it');
  add(...(await withInside(data, port, (inside) => measureLedger(inside, userId))));

  await measurePages(data, port, userId, SMALL, s, add);
  if (!s.quick) {
    await measureLarge(data, port, userId, s, add);
    await measurePages(data, port, userId, LARGE, s, add);
  }
  add(packagesRow(), siteRow());
}

/** In an organisation of its own: its log grows by copies that no record has. */
async function measureLedger(inside: Inside, userId: string): Promise<Row[]> {
  const organisation = await newOrganisation(inside, 'ledger', userId);
  await fill(inside.app, organisation, 500);
  const count = 10_500;
  const first = await takeNumbers(inside.app.db, organisation.id, 'risk', count);
  const ready = Array.from({ length: count }, (_, i) => riskChange(inside.app, 6_000_000 + i, first + i));
  return ledgerRows(inside, organisation, ready);
}

/** What people open all day, in an organisation with everything around its systems. */
async function measurePages(
  data: string,
  port: number,
  userId: string,
  count: number,
  s: Settings,
  add: (...rows: Row[]) => void,
): Promise<void> {
  s.say(`an organisation of ${count} records`);
  const { pages, records } = await withInside<{ pages: Prepared[]; records: number }>(
    data,
    port,
    async (inside) => {
      const organisation = await newOrganisation(inside, `lived-${count}`, userId);
      const lived = await live(inside.app, organisation, count);
      return { pages: await preparePages(inside, lived), records: lived.records };
    },
  );
  s.say(`pages among ${records} records`);
  await withServer(data, port, async (server) => add(...(await pageRows(server, pages, records, s.effort))));
}

async function measureLarge(
  data: string,
  port: number,
  userId: string,
  s: Settings,
  add: (...rows: Row[]) => void,
) {
  s.say(`writing ${LARGE} rows`);
  const large = await withInside(data, port, (inside) =>
    fillOrganisation(inside, 'large', userId, LARGE, add),
  );
  const database = await databaseAlone(data);
  await withServer(data, port, async (server) => {
    add(startRow(`with ${(SMALL + LARGE).toLocaleString('en')} rows`, server.startedIn, database));
    s.say(`lists among ${LARGE} rows`);
    add(...(await listRows(server, large.organisation, large.slots, LARGE, s.effort)));
  });
}

async function withInside<T>(data: string, port: number, body: (inside: Inside) => Promise<T>): Promise<T> {
  const inside = await openInside(data, `http://127.0.0.1:${port}`);
  try {
    return await body(inside);
  } finally {
    await inside.close();
  }
}

async function withServer(
  data: string,
  port: number,
  body: (server: Running) => Promise<void>,
): Promise<void> {
  const server = await startServer(data, port);
  try {
    await server.signIn();
    await body(server);
  } finally {
    await server.stop();
  }
}

async function fillOrganisation(
  inside: Inside,
  slug: string,
  userId: string,
  count: number,
  add: (...rows: Row[]) => void,
): Promise<Filled> {
  const organisation = await newOrganisation(inside, slug, userId);
  const seconds = await fill(inside.app, organisation, count);
  add({
    group: 'Writing in bulk',
    name: `${count.toLocaleString('en')} records, 500 a statement`,
    unit: 'rows/s',
    ours: count / seconds,
  });
  return { organisation, slots: inside.app.slots.get('risk')! };
}

const startRow = (name: string, ours: number, reference: number): Row =>
  judged(
    {
      group: 'Start until /healthz answers',
      name,
      unit: 'ms',
      ours,
      reference,
      against: 'the database alone',
    },
    { of: 'ours', most: START_MS },
  );

/** The database is part of the first start; there is nothing to compare it with that does less. */
async function firstStartRow(data: string, port: number): Promise<Row> {
  const server = await startServer(data, port);
  await server.stop();
  return {
    group: 'Start until /healthz answers',
    name: 'first start, makes the database',
    unit: 'ms',
    ours: server.startedIn,
  };
}

/** Milliseconds in which the database starts when nothing else does. */
async function databaseAlone(data: string): Promise<number> {
  const at = performance.now();
  const database = await startEmbedded({ dataDir: data, log: () => {} });
  const ms = performance.now() - at;
  await database.stop();
  return ms;
}

async function memoryRow(server: Running, o: Organisation): Promise<Row> {
  const base = `/api/v1/${o.slug}/risk`;
  let n = 0;
  await drive(
    {
      call: async () => {
        n++;
        const reply =
          n % 10 === 0
            ? await server.client.ask('POST', base, riskInput(5_000_000 + n))
            : await server.client.ask('GET', `${base}?sort=${['title', '-number', 'level', 'owner'][n % 4]}`);
        if (reply.status >= 400) throw new Error(`memory: ${reply.status} ${reply.body}`);
      },
    },
    10,
    { calls: 1_000 },
  );
  const pss = server.pss();
  const name = 'all processes after 1,000 requests from 10 clients, PSS';
  if (!pss)
    return { group: 'Memory', name: `${name}: this system does not tell`, unit: 'MB', ours: Number.NaN };
  return judged(
    {
      group: 'Memory',
      name,
      unit: 'MB',
      ours: pss.all / 1e6,
      reference: pss.database / 1e6,
      against: 'the database processes among them',
    },
    { of: 'ours', most: PSS_MB },
  );
}

process.exitCode = await main(process.argv.slice(2));
