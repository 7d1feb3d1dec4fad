import pg from 'pg';

/** Called once for each statement this module sends itself: the budgets of the tests count with it. */
export type StatementObserver = (text: string) => void;

/** Enough for the one short statement of each request; the rest of the server's connections belong to the records. */
const MOST_CONNECTIONS = 2;

/**
 * Connections of their own that work as the role `aims_identity`: it reads accounts and sessions, and of the records
 * only people and API keys. The role of the application reads no account and no session, so that a hole in one half
 * does not open the other. `connection` logs in as a role that may become it and nobody else.
 */
export function identityPool(connection: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    idleTimeoutMillis: 30_000,
    ...connection,
    max: MOST_CONNECTIONS,
    min: 0,
    pipeline: false,
    // The pool waits for the promise: no connection is handed out before it has the role.
    onConnect: (client: pg.ClientBase) => client.query('set role aims_identity'),
  } as pg.PoolConfig);
  // A connection that dies while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {});
  // The same for one that dies in use: whoever waits for its answer is told by the query itself.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** A statement with its parameters, to be run by whoever holds the transaction. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** Asks the database one statement as `aims_identity`. */
export type Ask = <R extends pg.QueryResultRow>(statement: Statement & { name?: string }) => Promise<R[]>;

/** Text that PostgreSQL cannot hold as text (a zero byte) is refused before it becomes an error of the server. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}
