import pg from 'pg';
import { expect, test } from 'vitest';
import { type Connection, ensureTemplate, testDatabase } from '../support/postgres.ts';

async function query(connection: Connection, text: string): Promise<unknown[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

test('databases of one template are apart from each other and from the template', async () => {
  await ensureTemplate('template_apart', async (connection) => {
    await query(connection, 'CREATE TABLE note (what text); INSERT INTO note VALUES ($$from the template$$)');
  });
  const [one, two] = await Promise.all([
    testDatabase({ template: 'template_apart' }),
    testDatabase({ template: 'template_apart' }),
  ]);
  await query(one.connection, 'DELETE FROM note');
  expect(await query(one.connection, 'SELECT what FROM note')).toEqual([]);
  expect(await query(two.connection, 'SELECT what FROM note')).toEqual([{ what: 'from the template' }]);
  await one.drop();
  await one.drop();
  await expect(query(one.connection, 'SELECT 1')).rejects.toThrow(/does not exist/);
  await two.drop();
});

test('a template is made once, however many ask for it at the same time', async () => {
  let made = 0;
  const migrate = async (connection: Connection): Promise<void> => {
    made++;
    await query(connection, 'CREATE TABLE note (what text)');
  };
  await Promise.all([1, 2, 3, 4].map(() => ensureTemplate('template_once', migrate)));
  expect(made).toBe(1);
});

test('a template whose migration failed is made anew', async () => {
  const failing = async (connection: Connection): Promise<void> => {
    await query(connection, 'CREATE TABLE half (what text)');
    throw new Error('migration failed');
  };
  await expect(ensureTemplate('template_again', failing)).rejects.toThrow('migration failed');
  await ensureTemplate('template_again', async (connection) => {
    await query(connection, 'CREATE TABLE whole (what text)');
  });
  const copy = await testDatabase({ template: 'template_again' });
  const tables = await query(copy.connection, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
  expect(tables).toEqual([{ tablename: 'whole' }]);
  await copy.drop();
});

test('a copy can be dropped under an open connection', async () => {
  const { connection, drop } = await testDatabase();
  const client = new pg.Client(connection);
  client.on('error', () => undefined);
  await client.connect();
  await drop();
  await expect(client.query('SELECT 1')).rejects.toThrow();
});
