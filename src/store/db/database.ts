import pg from 'pg';
import { Failure } from '../../base/failure.ts';
import { NewestEntries } from '../ledger/newest-entries.ts';
import type { Housekeeping } from './owner.ts';

/** How to reach a PostgreSQL server, as `pg` takes it. */
export type Connection = pg.PoolConfig;

// bigint (log sizes, bytes) is parsed once, here: a JS number is exact up to 2^53, and a larger one must not pass quietly.
pg.types.setTypeParser(20, (text) => {
  const n = Number(text);
  if (!Number.isSafeInteger(n)) throw new RangeError(`a number beyond 2^53 came from the database: ${text}`);
  return n;
});

/** A statement with its parameters. `name` lets the server keep the plan; `types` says how its values are read. */
export interface Statement {
  text: string;
  values?: unknown[];
  name?: string;
  types?: pg.CustomTypesConfig;
}

/** Moments as the server writes them, for statements whose reader makes text of them. */
export const MOMENTS_AS_TEXT: pg.CustomTypesConfig = {
  getTypeParser: (type, format) =>
    type === pg.types.builtins.TIMESTAMPTZ ? String : pg.types.getTypeParser(type, format),
};

export type Row = Record<string, unknown>;

/** What `organisations_with` is asked for. */
export type Looked =
  | 'log'
  | 'entries to place'
  | 'witness'
  | 'time stamps'
  | 'words that are due'
  | 'emergency under way'
  | 'releases in use';

/** One step of a conversation. */
export type Query = (s: Statement) => Promise<Row[]>;

/** A transaction under way, in which several views of the pool may ask one after the other. */
export interface Conversation {
  organisation: number;
  query: Query;
  /** Whose view its settings are now. */
  view: string;
  /** What was asked in it already: nothing changes while it judges, so the same question has the same answer. */
  known: Map<string, Promise<Row[]>>;
}

/** Called once per driver statement, begin and commit left out: the budgets of the tests count with it. */
export type StatementObserver = (text: string) => void;

/**
 * How a statement is planned. One with a name is planned once for each connection: left to choose, the server plans a statement with lists
 * among its parameters anew at every call, which takes longer than carrying it out. One without a name is a combination that may never come again,
 * and is planned for the values it comes with.
 */
const planningOf = (s: Statement | undefined): string =>
  s?.name === undefined ? 'auto' : 'force_generic_plan';

/** Between statements of one transaction that are planned differently. */
const planned = (as: string): Statement => ({
  text: `select set_config('plan_cache_mode', $1, true)`,
  values: [as],
  name: 'aims-planning',
});

/**
 * Settings of a transaction. Compiling plans (jit) is off: a server that has it on spends a second on what the plan does in a
 * millisecond.
 */
const settingsFor = (organisation: number, actor: string, closed: string, planning: string): Statement => ({
  text: `select set_config('role', 'aims_app', true), set_config('app.organisation', $1, true), set_config('app.actor', $2, true),
    set_config('app.closed', $3, true), set_config('jit', 'off', true), set_config('plan_cache_mode', $4, true)`,
  values: [String(organisation), actor, closed, planning],
  name: 'aims-settings',
});

/** Within a transaction: what follows is asked on behalf of this person. */
const viewFor = (actor: string, closed: string): Statement => ({
  text: `select set_config('app.actor', $1, true), set_config('app.closed', $2, true)`,
  values: [actor, closed],
  name: 'aims-view',
});

/**
 * The pool of connections and the one way to use it: as `aims_app`, for one organisation, in one transaction.
 * Statements that do not depend on each other travel together (pipelined), so that a request costs one round trip.
 */
export class Database {
  readonly pool: pg.Pool;
  observe: StatementObserver | undefined;
  /** Newest entries, as far as they are known; one for all views of the pool. */
  readonly newest = new NewestEntries();
  /** What each name of a prepared statement stands for; one map for all views of the pool. */
  private readonly named = new Map<string, string>();
  /** Reference of the person on whose behalf everything is read; empty for the engine, which sees all. */
  private actor = '';
  /** Registers that this person may not read, each by its name and by its prefix: their records are not there, nor what is said about them. */
  private closed: readonly string[] = [];

  /** `connection` logs in as a role that may become `aims_app` and nobody else; `housekeeping` is absent where nothing is cleaned. */
  constructor(
    connection: Connection,
    private readonly housekeeping?: Housekeeping,
  ) {
    this.pool = new pg.Pool({
      max: 4,
      idleTimeoutMillis: 30_000,
      ...connection,
      pipeline: true,
      // The pool waits for the promise: no connection is handed out before it has the role.
      onConnect: (client: pg.ClientBase) => client.query('set role aims_app'),
    } as pg.PoolConfig);
    // A connection that dies while idle is replaced by the pool; without a listener it would end the process.
    this.pool.on('error', () => {});
    // One that dies while it is in use fails its statements, and besides raises an event: without a listener of its own that
    // event, too, would end the process.
    this.pool.on('connect', (client) => {
      client.on('error', () => {});
    });
  }

  /**
   * The same pool, used on behalf of somebody: what is hidden from them (a concern that is about them), and every record of a register that they
   * may not read, is not there, whoever forgets to ask.
   */
  as(actor: string, closed: readonly string[] = []): Database {
    const bound = Object.create(this) as Database;
    bound.actor = actor;
    bound.closed = closed;
    return bound;
  }

  /**
   * The same, with these registers (names and prefixes) open: for a step on a record that somebody may take without reading its register, such as
   * whoever was made to handle it. What is hidden from them by name stays hidden.
   */
  opened(registers: readonly string[]): Database {
    if (!registers.some((r) => this.closed.includes(r))) return this;
    return this.as(
      this.actor,
      this.closed.filter((c) => !registers.includes(c)),
    );
  }

  /**
   * The same view, asked within a transaction that is under way: all it reads is of that transaction's moment. Nothing is written through it, and the same
   * question is asked once, so it is for transactions in which nothing changes meanwhile.
   */
  within(c: Conversation): Database {
    const inner = Object.create(this) as Database;
    const asked = (view: Database): Query => {
      return async (s) => {
        const of = view.viewed();
        const key = JSON.stringify([of, s.text, s.values]);
        const before = c.known.get(key);
        if (before) return before;
        // Sent before the statement, on the same connection: no other view's statement comes between.
        const seen = of === c.view ? undefined : c.query(viewFor(view.actor, view.closed.join(',')));
        c.view = of;
        const rows = c.query(s);
        c.known.set(key, rows);
        await Promise.all([seen, rows]);
        return rows;
      };
    };
    const here = (organisation: number) => {
      if (organisation !== c.organisation) throw new Error('a transaction is of one organisation');
    };
    const run: Database['run'] = function (this: Database, organisation, statements) {
      here(organisation);
      return Promise.all(statements.map(asked(this)));
    };
    const converse: Database['converse'] = function (this: Database, organisation, body) {
      here(organisation);
      return body(asked(this));
    };
    return Object.defineProperties(inner, { run: { value: run }, converse: { value: converse } });
  }

  /** The same view; `heard` is told whenever something is read through it. */
  listened(heard: () => void): Database {
    const inner = Object.create(this) as Database;
    const under: Pick<Database, 'run' | 'converse'> = this;
    const run: Database['run'] = function (this: Database, organisation, statements) {
      heard();
      return under.run.call(this, organisation, statements);
    };
    const converse: Database['converse'] = function (this: Database, organisation, body, o) {
      heard();
      return under.converse.call(this, organisation, body, o) as ReturnType<typeof body>;
    };
    return Object.defineProperties(inner, { run: { value: run }, converse: { value: converse } });
  }

  /** Whose view this is, as one text. */
  viewed(): string {
    return JSON.stringify([this.actor, this.closed]);
  }

  /** The statement that makes a transaction under way this view's again. */
  viewStatement(): Statement {
    return viewFor(this.actor, this.closed.join(','));
  }

  /** Runs the statements in order in one transaction for the organisation; all or none. Returns their rows. */
  async run(organisation: number, statements: Statement[]): Promise<Row[][]> {
    return this.transact(
      statements,
      settingsFor(organisation, this.actor, this.closed.join(','), planningOf(statements[0])),
    );
  }

  /**
   * A name belongs to one text. A connection would refuse the second one, but only where it has prepared the first: the fault would come and go with
   * the connection that a request happens to get.
   */
  private demandOwnName({ name, text }: Statement): void {
    if (name === undefined) return;
    const first = this.named.get(name);
    if (first === undefined) this.named.set(name, text);
    else if (first !== text)
      throw new Error(
        `two statements are called ${JSON.stringify(name)}; a name belongs to one text: ${differ(first, text)}`,
      );
  }

  private async transact(statements: Statement[], settings: Statement): Promise<Row[][]> {
    for (const s of statements) this.demandOwnName(s);
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      for (const s of [settings, ...statements]) this.observe?.(s.text);
      gathered(client);
      const sent = [
        client.query('begin'),
        client.query(settings),
        ...statements.map((s, i) => {
          const planning = planningOf(s);
          if (i > 0 && planning !== planningOf(statements[i - 1])) unheard(client.query(planned(planning)));
          return client.query(s);
        }),
        client.query('commit'),
      ];
      const results = await Promise.allSettled(sent);
      const failed = results.find((r) => r.status === 'rejected');
      if (failed) throw failed.reason;
      // After an error inside the transaction `commit` answers ROLLBACK: never take that for success.
      const last = results.at(-1) as PromiseFulfilledResult<pg.QueryResult>;
      if (last.value.command !== 'COMMIT') throw new Error('the transaction was rolled back');
      return results.slice(2, -1).map((r) => (r as PromiseFulfilledResult<pg.QueryResult<Row>>).value.rows);
    } catch (error) {
      broken = error as Error;
      throw error;
    } finally {
      client.release(isConnectionError(broken));
    }
  }

  /**
   * A conversation of several steps in one transaction for the organisation. With `snapshot`, all steps see the
   * same moment and nothing can be written; with `scratch`, all see the same moment, and temporary tables may be made: nothing of it stays.
   */
  async converse<T>(
    organisation: number,
    body: (query: Query) => Promise<T>,
    o: { snapshot?: boolean; scratch?: boolean } = {},
  ): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    let over = false;
    try {
      let planning = 'force_generic_plan';
      const query = async (s: Statement) => {
        // What goes on in the background after a fault would be asked within the next request on this connection, with the eyes of its person.
        if (over) throw new Error(`the conversation is over: ${s.name ?? s.text}`);
        this.demandOwnName(s);
        this.observe?.(s.text);
        gathered(client);
        if (planningOf(s) !== planning) {
          planning = planningOf(s);
          unheard(client.query(planned(planning)));
        }
        return (await client.query(s)).rows as Row[];
      };
      gathered(client);
      // Nobody waits for these: they are carried out before whatever the body asks, and what they fail for fails that as well.
      const opened = Promise.all([
        client.query(
          o.snapshot || o.scratch
            ? `begin isolation level repeatable read${o.scratch ? '' : ' read only'}`
            : 'begin',
        ),
        query(settingsFor(organisation, this.actor, this.closed.join(','), planning)),
      ]);
      unheard(opened);
      const answer = await body(query).catch(async (error) => {
        await opened;
        throw error;
      });
      await opened;
      over = true;
      const ended = await client.query(o.scratch ? 'rollback' : 'commit');
      if (!o.scratch && ended.command !== 'COMMIT') throw new Error('the transaction was rolled back');
      return answer;
    } catch (error) {
      over = true;
      // Something that was refused leaves the connection as good as it was, and another one costs more than what was asked.
      broken = await client.query('rollback').then(
        () => (error instanceof Failure ? undefined : (error as Error)),
        (lost: Error) => lost,
      );
      throw error;
    } finally {
      client.release(isConnectionError(broken));
    }
  }

  /**
   * One statement outside any organisation: no table answers it, only the few functions that look across organisations (migration 0014).
   */
  async across(statement: Statement): Promise<Row[]> {
    this.demandOwnName(statement);
    this.observe?.(statement.text);
    return (await this.pool.query(statement)).rows as Row[];
  }

  /** Organisations that have something to be looked at; nothing of what it is. */
  async organisationsWith(what: Looked, at: Date): Promise<{ id: number; slug: string }[]> {
    const rows = await this.across({
      text: 'select organisation, slug from organisations_with($1, $2)',
      values: [what, at],
    });
    return rows.map((r) => ({ id: r.organisation as number, slug: r.slug as string }));
  }

  /**
   * Has the server look at the tables of records after many were written at once. By itself it looks within a minute, and until then plans for
   * a handful of rows: an audit pack of 7,500 fresh records took half a minute instead of seven seconds. Takes half a second; never fails what was done.
   */
  async refreshStatistics(): Promise<void> {
    await this.housekeeping?.clean('statistics').catch(() => {});
  }

  /** Frees the room of what was erased, so that its bytes do not lie in the files of the database until the next cleaning. */
  async freeErased(): Promise<void> {
    await this.housekeeping?.clean('erased');
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

/**
 * What is sent on this connection until the present work of the process is done goes out in one piece. The driver writes each statement by itself: five
 * writes for a request, each of which wakes the database, cost more than what they carry.
 */
function gathered(client: pg.PoolClient): void {
  const { stream } = client.connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** What this fails for, the statement sent after it says too. */
const unheard = (sent: Promise<unknown>): void => {
  sent.catch(() => {});
};

/** Where two texts part, for the message: `"…and r.register = $1" and "…and r.register = $2"`. */
function differ(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const near = (s: string) => JSON.stringify(s.slice(Math.max(0, at - 40), at + 40));
  return `${near(a)} and ${near(b)}`;
}

/** Errors of the wire (no SQLSTATE, or class 08, 57P): the connection must not go back into the pool. */
function isConnectionError(error: Error | undefined): boolean {
  if (!error) return false;
  const code = (error as { code?: string }).code;
  return code === undefined || !/^[0-9A-Z]{5}$/.test(code) || code.startsWith('08') || code.startsWith('57P');
}
