import pg from 'pg';
import type { Database, Row, Statement } from '../src/store/database.ts';
import type { Connection } from './postgres.ts';

/** The application's database, with a door for tests that the application does not have: the owner of the tables, a superuser here. */
export interface TestDatabase extends Database {
  /** One statement past policies and rights: for arranging and for looking. */
  asOwner(statement: Statement): Promise<Row[]>;
  /** For what needs a connection of its own, such as switching triggers off. */
  ownerPool: pg.Pool;
}

export function withOwner(database: Database, connection: Connection): TestDatabase {
  const ownerPool = new pg.Pool({ ...connection, max: 4 });
  ownerPool.on('error', () => {});
  return Object.assign(database, {
    ownerPool,
    asOwner: async (statement: Statement) => (await ownerPool.query(statement)).rows as Row[],
  });
}
