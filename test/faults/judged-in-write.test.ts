import { afterAll, beforeAll, expect, test } from 'vitest';
import { dayFrom } from '../support/arrange.ts';
import { type Crew, crewOf, criteriaInForce, gated, inState, ok } from '../support/gated.ts';
import { type Answer, PASSWORD, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/**
 * A step that rests on other records is judged by what they say when it is stored, not by what they said a moment before. Each case makes somebody
 * change what a step rests on after the step was checked and before it is stored.
 */

let t: TestInstance;
let crew: Crew;
let lead: Visitor;
beforeAll(async () => {
  t = await testInstance();
  crew = await crewOf(t);
  lead = await t.person('Lead', ['auditor']);
  await criteriaInForce(t, crew);
});
afterAll(() => t.close());

/** Lets the first be stored, and then the second, which was checked when the first was not there yet. */
async function between(first: () => Promise<unknown>, second: () => Promise<Answer>): Promise<Answer> {
  const other = await t.app.db.pool.connect();
  const waiting = async (n: number, what: string) => {
    for (let i = 0; i < 600; i++) {
      const { rows } = await other.query(
        `select count(*)::int as n from pg_locks where locktype = 'advisory' and classid = 42015 and not granted`,
      );
      if (rows[0].n >= n) return;
      await new Promise((r) => setTimeout(r, 5));
    }
    throw new Error(`${what} does not wait`);
  };
  try {
    await other.query('begin');
    await other.query('select pg_advisory_xact_lock(42015, $1)', [t.organisation.id]);
    const changed = first();
    await waiting(1, 'the change');
    const step = second();
    await waiting(2, 'the step');
    await other.query('commit');
    await changed;
    return await step;
  } finally {
    other.release();
  }
}

const made = async (who: Visitor, register: string, input: Record<string, unknown>): Promise<string> =>
  (await ok(who, 'POST', register, input)).ref;
const stateOf = async (register: string, ref: string) =>
  (await crew.boss.ask('GET', `${register}/${ref}`)).body.state as string;

const nonconformity = (state: string, more: Record<string, unknown> = {}) =>
  inState(t, 'nonconformity', state, {
    title: 'n',
    kind: 'actual',
    owner: crew.owner.ref,
    foundOn: dayFrom(t, -9),
    criterion: 'c',
    what: 'w',
    correction: 'c',
    cause: 'c',
    elsewhere: 'no',
    ...more,
  });
const action = (state: string, nonconformities: string[]) =>
  inState(t, 'action', state, {
    title: 'a',
    kind: 'corrective',
    owner: crew.owner.ref,
    nonconformities,
  });
const audit = (state: string) =>
  inState(t, 'audit', state, {
    title: 'a',
    kind: 'audit',
    owner: lead.ref,
    objectives: 'o',
    criteria: 'c',
    scope: 's',
    from: dayFrom(t, -2),
    to: dayFrom(t, 9),
    declaration: 'd',
    report: 'r',
    conclusion: 'c',
    result: 'conforms',
  });
const finding = (of: string, more: Record<string, unknown> = {}) => ({
  title: 'f',
  grade: 'minor',
  criterion: '6.1.2',
  fact: 'seen',
  owner: crew.owner.ref,
  audit: [of],
  ...more,
});
const ticket = async (kind: string, links: Record<string, unknown>, state = 'approved') => {
  const ref = await made(crew.maker, 'change', {
    title: 'T',
    kind,
    owner: crew.maker.ref,
    description: 'd',
    impact: 'i',
    ...links,
  });
  await ok(crew.maker, 'POST', `change/${ref}/submit`);
  if (state === 'approved') await ok(crew.boss, 'POST', `change/${ref}/approve`);
  return ref;
};

interface Case {
  first: () => Promise<unknown>;
  second: () => Promise<Answer>;
  /** What refuses it, and what stays. */
  says: RegExp;
  stays: () => Promise<[unknown, unknown]>;
}

const cases: Record<string, () => Promise<Case>> = {
  'a nonconformity is closed, and another action is planned': async () => {
    const n = await nonconformity('acting');
    await action('effective', [n]);
    return {
      first: () =>
        made(crew.owner, 'action', {
          title: 'b',
          kind: 'corrective',
          owner: crew.owner.ref,
          nonconformities: [n],
        }),
      second: () => crew.boss.ask('POST', `nonconformity/${n}/close`, { reason: 'all worked' }),
      says: /is planned/,
      stays: async () => [await stateOf('nonconformity', n), 'acting'],
    };
  },
  'the same in bulk': async () => {
    const n = await nonconformity('acting');
    await action('effective', [n]);
    return {
      first: () =>
        made(crew.owner, 'action', {
          title: 'b',
          kind: 'corrective',
          owner: crew.owner.ref,
          nonconformities: [n],
        }),
      second: () =>
        crew.boss.ask('POST', 'nonconformity/bulk', { refs: [n], transition: 'close', reason: 'all worked' }),
      says: /is planned/,
      stays: async () => [await stateOf('nonconformity', n), 'acting'],
    };
  },
  'an action is planned for a nonconformity, which is closed': async () => {
    const n = await nonconformity('acting');
    await action('effective', [n]);
    return {
      first: () => ok(crew.boss, 'POST', `nonconformity/${n}/close`, { reason: 'all worked' }),
      second: () =>
        crew.owner.ask('POST', 'action', {
          title: 'late',
          kind: 'corrective',
          owner: crew.owner.ref,
          nonconformities: [n],
        }),
      says: /is closed: reopen/,
      stays: async () => [
        (await crew.boss.ask('GET', `nonconformity/${n}`)).body.inverse?.actions?.length ?? 1,
        1,
      ],
    };
  },
  'a finding is closed, and its nonconformity reopened': async () => {
    const f = await inState(t, 'auditFinding', 'answered', {
      ...finding(await audit('running')),
      answer: 'done',
    });
    const n = await nonconformity('closed', { findings: [f] });
    return {
      first: () => ok(crew.owner, 'POST', `nonconformity/${n}/reopen`, { reason: 'again' }),
      second: () => lead.ask('POST', `auditFinding/${f}/close`, {}),
      says: /It stays open/,
      stays: async () => [await stateOf('auditFinding', f), 'answered'],
    };
  },
  'an audit is reported, and a finding is added': async () => {
    const a = await audit('running');
    return {
      first: () => made(lead, 'auditFinding', finding(a)),
      second: () => lead.ask('POST', `audit/${a}/report`, {}),
      says: /is draft/,
      stays: async () => [await stateOf('audit', a), 'running'],
    };
  },
  'a finding is added, and the report is issued': async () => {
    const a = await audit('running');
    return {
      first: () => ok(lead, 'POST', `audit/${a}/report`),
      second: () => lead.ask('POST', 'auditFinding', finding(a)),
      says: /report is issued/,
      stays: async () => [
        (await crew.boss.ask('GET', `auditFinding?audit=${a}`)).body.items.filter(
          (x: { links: { audit?: string[] } }) => x.links.audit?.includes(a),
        ).length,
        0,
      ],
    };
  },
  'findings are imported, and the report is issued': async () => {
    const a = await audit('running');
    return {
      first: () => ok(lead, 'POST', `audit/${a}/report`),
      second: () =>
        lead.ask('POST', 'auditFinding/import?format=json', JSON.stringify([finding(a), finding(a)])),
      says: /report is issued/,
      stays: async () => [await stateOf('audit', a), 'reported'],
    };
  },
  'a class is lowered under a ticket, which is taken back': async () => {
    const g = await gated(t, crew);
    await ok(crew.owner, 'PATCH', `aiSystem/${g.system}`, { riskClass: 'limited' });
    const c = await ticket('criteria', { systems: [g.system] });
    return {
      first: () => ok(crew.maker, 'POST', `change/${c}/revise`),
      second: () => crew.owner.ask('PATCH', `aiSystem/${g.system}`, { riskClass: 'minimal' }),
      says: /would be asked for less/,
      stays: async () => [
        (await crew.boss.ask('GET', `aiSystem/${g.system}`)).body.values.riskClass,
        'limited',
      ],
    };
  },
  'a plan is fixed easier to pass under a ticket, which is taken back': async () => {
    const g = await gated(t, crew);
    await ok(crew.maker, 'POST', `verificationPlan/${g.plan}/revise`, { reason: 'r' });
    await ok(crew.maker, 'PATCH', `verificationPlan/${g.plan}`, { minCases: 4 });
    const c = await ticket('plan', { systems: [g.system], plan: [g.plan] });
    return {
      first: () => ok(crew.maker, 'POST', `change/${c}/revise`),
      second: () => crew.owner.ask('POST', `verificationPlan/${g.plan}/fix`),
      says: /would be easier to pass/,
      stays: async () => [await stateOf('verificationPlan', g.plan), 'draft'],
    };
  },
  'somebody approves a release as its approver, and another is made approver': async () => {
    const g = await gated(t, crew);
    return {
      first: () => ok(crew.boss, 'PATCH', `aiSystem/${g.system}`, { approver: crew.owner.ref }),
      second: () => crew.approver.ask('POST', `release/${g.release}/approve`),
      says: /^Only .* can approve/,
      stays: async () => [(await crew.boss.ask('GET', `release/${g.release}`)).body.version, 2],
    };
  },
  'somebody approves a release, and what it covers changes': async () => {
    const g = await gated(t, crew);
    return {
      first: () => ok(crew.maker, 'PATCH', `hazard/${g.hazard}`, { severity: 'critical' }),
      second: () => crew.approver.ask('POST', `release/${g.release}/approve`),
      says: /was changed by somebody else/,
      stays: async () => [(await crew.boss.ask('GET', `release/${g.release}`)).body.version, 2],
    };
  },
  'a risk is accepted, and other criteria come into force': async () => {
    const g = await gated(t, crew);
    await ok(crew.owner, 'PATCH', `risk/${g.risk}`, { reviewBy: dayFrom(t, 90) });
    const manager = await t.person('Manager', ['designatedManagement']);
    return {
      first: () => criteriaInForce(t, crew, { acceptAtLevel: 1 }),
      second: () =>
        manager.ask('POST', `risk/${g.risk}/accept`, {
          reason: 'small',
          until: dayFrom(t, 30),
          password: PASSWORD,
        }),
      says: /only top management accept/,
      stays: async () => [await stateOf('risk', g.risk), 'assessed'],
    };
  },
  'somebody decides an emergency as on call, and their appointment ends': async () => {
    const g = await gated(t, crew);
    const onCall = await t.person('On call', ['contributor']);
    const appointment = await inState(t, 'responsibility', 'accepted', {
      title: 'On call',
      kind: 'appointment',
      owner: onCall.ref,
      activity: 'incidents',
    });
    const incident = await inState(t, 'incident', 'handling', {
      title: 'i',
      severity: 'high',
      what: 'w',
      owner: crew.owner.ref,
      systems: [g.system],
    });
    const c = await ticket(
      'emergency',
      {
        systems: [g.system],
        onCall: onCall.ref,
        rollback: 'r',
        releaseDigest: `sha256:${'a'.repeat(64)}`,
        incident: [incident],
      },
      'submitted',
    );
    return {
      first: () => ok(crew.boss, 'POST', `responsibility/${appointment}/end`, { reason: 'over' }),
      second: () => onCall.ask('POST', `change/${c}/approveEmergency`, { reason: 'it burns' }),
      says: /cannot be on call/,
      stays: async () => [await stateOf('change', c), 'submitted'],
    };
  },
  'somebody approves in a role that is taken from them': async () => {
    const manager = await t.person('For a moment', ['designatedManagement']);
    const c = await ticket('criteria', { systems: [(await gated(t, crew)).system] }, 'submitted');
    return {
      first: () => ok(crew.boss, 'PATCH', `person/${manager.ref}`, { roles: ['reader'] }),
      second: () => manager.ask('POST', `change/${c}/approve`, {}),
      says: /^Only .* can approve/,
      stays: async () => [await stateOf('change', c), 'submitted'],
    };
  },
  'somebody approves for somebody else, who ends the delegation': async () => {
    const g = await gated(t, crew);
    const deputy = await t.person('Deputy', ['contributor']);
    const lent = await made(crew.approver, 'responsibility', {
      title: 'While away',
      kind: 'delegation',
      owner: deputy.ref,
      delegator: crew.approver.ref,
      endsOn: dayFrom(t, 9),
    });
    await ok(deputy, 'POST', `responsibility/${lent}/accept`);
    return {
      first: () => ok(crew.approver, 'POST', `responsibility/${lent}/end`, { reason: 'back' }),
      second: () => deputy.ask('POST', `release/${g.release}/approve`),
      says: /^Only .* can approve/,
      stays: async () => [(await crew.boss.ask('GET', `release/${g.release}`)).body.version, 2],
    };
  },
};

test.each(Object.keys(cases))('%s at the same moment: it is refused, and stays as it was', async (name) => {
  const c = await cases[name]!();
  const answer = await between(c.first, c.second);
  expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
  expect(answer.status, answer.text).toBeLessThan(500);
  expect(answer.body.detail).toMatch(c.says);
  const [is, was] = await c.stays();
  expect(is).toEqual(was);
});
