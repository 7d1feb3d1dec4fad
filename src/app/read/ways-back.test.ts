import { expect, test } from 'vitest';
import { type Actor, admittedAs, ROLES, type Role } from '../../register/who.ts';
import { registry } from '../../registers/index.ts';
import type { App, Asking } from '../context.ts';
import { inversesOf, openWays } from './ways-back.ts';

const app = { registry } as App;
const asking = (role: Role): Asking => {
  const kind = role === 'ci' ? 'apiKey' : 'person';
  const actor: Actor = {
    organisation: 1,
    organisationSlug: 'acme',
    kind,
    ref: 'PSN-0001',
    name: 'Ada',
    roles: [role],
  };
  return { actor };
};

test('whoever may not read a register is neither asked for nor told what links from it', () => {
  let open = 0;
  let closed = 0;
  for (const role of Object.keys(ROLES) as Role[])
    for (const register of registry.all) {
      const ask = asking(role);
      const ways = registry.inversesOf(register.name);
      // As the database would give them if it were asked for all.
      const rows = ways.map(({ register: from, link }) => ({
        register: from.name,
        name: link,
        ref: `${from.prefix}-0001`,
        title: 'One',
        state: from.states[0],
        total: 1,
      }));
      const mayRead = ways.filter((w) => admittedAs(ask.actor, w.register.permissions.read) !== undefined);
      const asked = openWays(app, ask, register).map((w) => `${w.register} ${w.link}`);
      expect(asked.sort(), `${role} ${register.name}`).toEqual(
        mayRead.map((w) => `${w.register.name} ${w.link}`).sort(),
      );
      const told = inversesOf(app, ask, register, rows) ?? {};
      expect(Object.keys(told).sort(), `${role} ${register.name}`).toEqual(
        mayRead.map((w) => w.inverse).sort(),
      );
      expect(Object.values(told).every((w) => w.total === 1 && w.items.length === 1)).toBe(true);
      open += mayRead.length;
      closed += ways.length - mayRead.length;
    }
  expect([open > 100, closed > 0], `${open} ways open, ${closed} closed`).toEqual([true, true]);
});
