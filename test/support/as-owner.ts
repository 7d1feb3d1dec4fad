import type pg from 'pg';
import type { Database, Row, Statement } from '../../src/store/db/database.ts';
import { type Connection, testPool } from './postgres.ts';

/** The application's database, with a door for tests that the application does not have: the owner of the tables, a superuser here. */
export interface TestDatabase extends Database {
  /** One statement past policies and rights: for arranging and for looking. */
  asOwner(statement: Statement): Promise<Row[]>;
  /** For what needs a connection of its own, such as switching triggers off. */
  ownerPool: pg.Pool;
}

export function withOwner(database: Database, connection: Connection): TestDatabase {
  const ownerPool = testPool({ ...connection, max: 4 });
  return Object.assign(database, {
    ownerPool,
    asOwner: async (statement: Statement) => (await ownerPool.query(statement)).rows as Row[],
  });
}
