import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enteredAfter, enteredName, happenedIn } from '../register/claim.ts';
import { describeRegister } from '../register/describe.ts';
import { registry } from '../registers/index.ts';
import { FixtureServer, record } from './testing/fixture-server.ts';
import { run } from './testing/run.ts';

/** How much later than it was a day was said stands beside it. */

test('every day that says what happened names the field with its day of entry, and no other does', () => {
  let seen = 0;
  for (const r of registry.all) {
    const { fields } = describeRegister(registry, r);
    const named = fields.filter((f) => f.entered).map((f) => f.name);
    expect(named).toEqual(happenedIn(r).map(([name]) => name));
    for (const f of fields) if (f.entered) expect(fields.some((x) => x.name === f.entered)).toBe(true);
    seen += named.length;
  }
  expect(seen).toBeGreaterThan(9);
});

test('so many days after the day or the moment, and nothing where it was no later', () => {
  const day = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(day, fc.integer({ min: 1, max: 400 }), fc.boolean(), (at, days, moment) => {
      const claimed = moment ? at.toISOString() : at.toISOString().slice(0, 10);
      const entered = new Date(Date.parse(at.toISOString().slice(0, 10)) + days * 86_400_000);
      const values = { heldOn: claimed, [enteredName('heldOn')]: entered.toISOString().slice(0, 10) };
      expect(enteredAfter(values, 'heldOn')).toBe(days);
      expect(enteredAfter({ heldOn: claimed }, 'heldOn')).toBeUndefined();
    }),
  );
});

describe('lists and records at the command line', () => {
  let server: FixtureServer;
  beforeAll(async () => {
    server = await FixtureServer.start();
  });
  afterAll(() => server.stop());
  const withKey = () => ({
    terminal: 900,
    env: { AIMS_URL: server.url, AIMS_ORG: 'acme', AIMS_KEY: 'aims_0123456789abcdef' },
  });

  test('tell it beside the day', async () => {
    const told = async (values: Record<string, unknown>) => {
      const item = { ...record('DRL-0001', 'drill'), values };
      server.serve({
        'GET /api/v1/acme/drill': { json: { items: [item], next: null, references: {} } },
        'GET /api/v1/acme/drill/DRL-0001': { json: item },
      });
      const all = [
        await run(['drill', 'list'], withKey()),
        await run(['drill', 'show', 'DRL-0001'], withKey()),
      ];
      return all.map(({ out }) => out);
    };
    for (const out of await told({ heldOn: '2026-11-19', heldOnEntered: '2026-12-01' })) {
      expect(out).toContain('2026-11-19 (entered 12 days later)');
      expect(out).not.toContain('entered on');
    }
    for (const out of await told({ heldOn: '2026-12-01' })) expect(out).not.toContain('entered');
  });
});
