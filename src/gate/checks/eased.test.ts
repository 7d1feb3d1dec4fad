import { expect, test } from 'vitest';
import { ROLES } from '../../register/who.ts';
import { evaluateGate } from '../evaluate.ts';
import { allowedScene, decide, hex, rec, type Scene } from '../testing/scene.ts';

/** A plan is held against the one by which the release before was let through. */

const before = (s: Scene, says: Record<string, unknown> | null, more: Record<string, unknown> = {}) => {
  s.plansBefore = [
    {
      release: 'REL-0009',
      system: s.system.ref,
      plan: 'VPL-0009',
      says: says && { ...s.plan!.values, ...says },
      fixedAt: '2027-02-01T08:00:00.000Z',
      ...more,
    },
  ];
};
const planOf = (s: Scene) => evaluateGate(s).checks.find((c) => c.id === 'plan')!;
const told = (s: Scene) =>
  planOf(s)
    .reasons.map((r) => r.text)
    .join('\n');
const ROLE = ROLES.designatedManagement;
const STRICT = { minCases: 500 };

/** A ticket that names the plan, approved by one who holds these roles. */
function ticket(s: Scene, o: { state?: string; roles?: string; by?: string; at?: string } = {}) {
  s.planTickets = [
    rec('CHG-0077', 'change', o.state ?? 'approved', {
      values: { kind: 'plan', owner: 'PSN-0001' },
      links: { plan: [s.plan!.ref] },
    }),
  ];
  s.digests['CHG-0077'] = hex(77, 'd');
  s.authors['CHG-0077'] = { 'PSN-0001': 1 };
  s.decisions.push(
    decide(
      'approve',
      'CHG-0077',
      hex(77, 'd'),
      o.by ?? 'PSN-0005',
      { rolesHeld: o.roles ?? ROLE, subjectVersion: 3 },
      o.at ?? '2027-03-02T09:00:00.000Z',
    ),
  );
}

test('one that is easier to pass is refused, whoever fixed it, and says in what and than which', () => {
  const s = allowedScene();
  before(s, STRICT);
  expect(planOf(s).status).toBe('failed');
  expect(told(s)).toMatch(/easier to pass than VPL-0009, by which REL-0009 was let through: .*500/);
  const same = allowedScene();
  before(same, {});
  expect(planOf(same).status, told(same)).toBe('passed');
  const stricter = allowedScene();
  before(stricter, { minCases: 1 });
  expect(planOf(stricter).status).toBe('passed');
});

test('of another system that consists of the same it says so; what was erased is not taken for as strict', () => {
  const s = allowedScene();
  before(s, STRICT, { system: 'SYS-0099' });
  expect(told(s)).toMatch(/REL-0009 of SYS-0099, which consists of the same/);
  const erased = allowedScene();
  before(erased, null);
  expect(planOf(erased).status).toBe('failed');
  expect(told(erased)).toMatch(/erased/);
});

test('a ticket of designated management allows it, and nothing less does', () => {
  const with_ = (o: Parameters<typeof ticket>[1], more = {}) => {
    const s = allowedScene();
    before(s, STRICT, more);
    ticket(s, o);
    return planOf(s).status;
  };
  expect(with_({ roles: ROLE })).toBe('passed');
  expect(with_({ roles: 'contributor' })).toBe('failed');
  expect(with_({ roles: ROLE, state: 'draft' })).toBe('failed');
  expect(with_({ roles: ROLE, by: 'PSN-0001' })).toBe('failed');
  // Of the same plan, one from before it was fixed then is spent.
  const same = { plan: allowedScene().plan!.ref };
  expect(with_({ roles: ROLE }, same)).toBe('passed');
  expect(with_({ roles: ROLE, at: '2027-01-01T00:00:00.000Z' }, same)).toBe('failed');
});
