import pg from 'pg';
import type { Connection, Row, Statement } from './database.ts';

/**
 * The owner of the tables, for what the start does: migrations, slots, what is filled in once. Closed before anything is
 * served: no request has a way to it.
 */
export class Owner {
  readonly pool: pg.Pool;

  constructor(connection: Connection) {
    this.pool = new pg.Pool({ idleTimeoutMillis: 10_000, ...connection, max: 2 });
    // A connection that dies while idle is replaced by the pool; without a listener it would end the process.
    this.pool.on('error', () => {});
    this.pool.on('connect', (client) => {
      client.on('error', () => {});
    });
  }

  async ask(statement: Statement): Promise<Row[]> {
    return (await this.pool.query(statement)).rows as Row[];
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

const CLEANING = {
  /** The tables of records after many were written at once. */
  statistics: 'analyze record, version, content, secret, link',
  /** Deleted rows, whose bytes lie in the files of the database until the next cleaning. */
  erased: 'vacuum content, secret, record, invitation, identity_user, identity_session',
} as const;

/**
 * What only the owner may order while the server runs. Nothing is asked of it but these two sentences: no text of a request gets near a
 * connection of the owner, which lives for one statement.
 */
export class Housekeeping {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async clean(what: keyof typeof CLEANING): Promise<void> {
    const client = new pg.Client(this.#connection);
    client.on('error', () => {});
    await client.connect();
    try {
      await client.query(CLEANING[what]);
    } finally {
      await client.end().catch(() => {});
    }
  }
}
