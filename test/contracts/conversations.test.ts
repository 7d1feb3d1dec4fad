import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import type { Query, Statement } from '../../src/store/db/database.ts';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** What a conversation leaves of itself on the connection that the next request is given. */

let t: TestInstance;
let manager: Visitor;
let made = 0;
beforeAll(async () => {
  t = await testInstance();
  manager = await t.person('Maria', ['aimsManager']);
  t.app.db.pool.on('connect', () => {
    made += 1;
  });
});
afterAll(() => t.close());

const WHO: Statement = { text: `select current_setting('app.actor', true) as actor` };
const KINDS = [{}, { snapshot: true }, { scratch: true }];

describe('what is refused within a conversation', () => {
  test.each([
    'risk/RSK-9999?asOf=2020-01-01',
    'release/REL-9999/gate',
    'risk/RSK-9999/standing',
    'change/CHG-9999/effects',
  ])('costs no connection: %s', async (path) => {
    const before = made;
    for (let i = 0; i < 10; i++) expect((await manager.ask('GET', path)).status).toBe(404);
    // The pool may still be filling.
    expect(made - before).toBeLessThanOrEqual(3);
  });

  test.each(KINDS)('leaves no table, view, setting or row behind: %o', async (o) => {
    const { db } = t.app;
    const refused = db.as('PSN-0777').converse(
      t.organisation.id,
      async (query) => {
        if ('scratch' in o) await query({ text: 'create temp view record as select 1 as mine' });
        await query({ text: `select set_config('search_path', 'pg_temp', true)` });
        throw new Failure('CONFLICT', 'Refused half way.');
      },
      o,
    );
    await expect(refused).rejects.toThrow('Refused half way');
    const seen = await Promise.all(
      Array.from({ length: 8 }, () =>
        db.as('PSN-0778').run(t.organisation.id, [
          {
            text: `select current_setting('app.actor') as actor, current_setting('search_path') as path, to_regclass('pg_temp.record') as mine`,
          },
        ]),
      ),
    );
    expect(new Set(seen.map(([rows]) => JSON.stringify(rows)))).toEqual(
      new Set([JSON.stringify([{ actor: 'PSN-0778', path: '"$user", public', mine: null }])]),
    );
  });
});

describe('what goes on after a conversation has ended', () => {
  test.each(KINDS)('asks nothing with the eyes of whoever has the connection next: %o', async (o) => {
    const { db } = t.app;
    let kept: Query | undefined;
    const ends = {
      well: async () => 'well',
      refused: () => Promise.reject(new Failure('CONFLICT', 'Refused.')),
      faulty: (query: Query) => query({ text: 'select 1/0' }),
    };
    for (const end of Object.values(ends)) {
      await db
        .as('PSN-0777')
        .converse(
          t.organisation.id,
          async (query) => {
            kept = query;
            return end(query);
          },
          o,
        )
        .catch(() => {});
      // As many as the pool has, so that the same connection is among them.
      const next = Array.from({ length: 4 }, () =>
        db.as('PSN-0778').converse(t.organisation.id, async (query) => {
          await query(WHO);
          return kept!(WHO).then(
            (rows) => rows,
            (error: Error) => error.message,
          );
        }),
      );
      for (const said of await Promise.all(next)) expect(said).toMatch(/the conversation is over/);
    }
  });
});

test('a conversation that was rolled back is not told as carried out, though its fault was passed over', async () => {
  await expect(
    t.app.db.converse(t.organisation.id, async (query) => {
      await query({ text: 'select 1/0' }).catch(() => {});
    }),
  ).rejects.toThrow('the transaction was rolled back');
});
