import { describe, expect, it } from 'vitest';
import { evaluateGate } from '../evaluate.ts';
import { dropDecision, testRefusals } from '../testing/refusals.ts';
import { allowedScene, decide, findDecision, hex, highScene, RELEASE, type Scene } from '../testing/scene.ts';

testRefusals([
  [
    'one approval too few',
    'people',
    'missing',
    (s) => {
      dropDecision(s, 'REL-0001', 'PSN-0003');
      dropDecision(s, 'REL-0001', 'PSN-0004');
    },
    /1 approval of REL-0001 .*2 by different people/,
  ],
  [
    'owner has not approved',
    'people',
    'missing',
    (s) => dropDecision(s, 'REL-0001', 'PSN-0002'),
    /Ana Ruiz, the owner of SYS-0001, has not approved/,
  ],
  [
    'approval of earlier content',
    'people',
    'missing',
    (s) => (findDecision(s, 'REL-0001', 'PSN-0002').values.subjectDigest = hex(55)),
    /Ana Ruiz approved REL-0001 as it was .* no longer counts/,
  ],
  [
    'owner approved her own release',
    'people',
    'missing',
    (s) => (s.authors['REL-0001'] = { 'PSN-0002': 1 }),
    /Ana Ruiz approved REL-0001 .* this never counts/,
  ],
  [
    'requester approved her own change',
    'people',
    'missing',
    (s) => (s.change!.values.owner = 'PSN-0002'),
    /Ana Ruiz, the owner of SYS-0001, made REL-0001 or asked for it/,
  ],
  [
    'one person in two parts',
    'people',
    'failed',
    (s) => (s.system.values.oversight = 'PSN-0003'),
    /Chidi Obi is approver and human oversight of SYS-0001/,
    highScene,
  ],
  [
    'nobody oversees a high system',
    'people',
    'missing',
    (s) => delete s.system.values.oversight,
    /has no human oversight/,
    highScene,
  ],
  [
    'somebody refused',
    'people',
    'failed',
    (s) => s.decisions.push(decide('refuse', 'REL-0001', RELEASE, 'PSN-0004')),
    /Mira Holt refused REL-0001 as it is now/,
  ],
  [
    'one person who approves twice',
    'people',
    'missing',
    (s) => {
      dropDecision(s, 'REL-0001', 'PSN-0003');
      dropDecision(s, 'REL-0001', 'PSN-0004');
      s.decisions.push(decide('approve', 'REL-0001', RELEASE, 'PSN-0002', {}, '2027-03-16T09:00:00.000Z'));
    },
    /1 approval of REL-0001 .*2 by different people/,
  ],
  [
    'an approver who changed his mind',
    'people',
    'failed',
    (s) => {
      dropDecision(s, 'REL-0001', 'PSN-0004');
      s.decisions.push(decide('refuse', 'REL-0001', RELEASE, 'PSN-0003', {}, '2027-03-16T09:00:00.000Z'));
    },
    /1 approval of REL-0001 .*2 by different people/,
  ],
  [
    'an approval dated after the evaluation',
    'people',
    'missing',
    (s) => {
      findDecision(s, 'REL-0001', 'PSN-0002').createdAt = '2027-03-20T12:00:01.000Z';
    },
    /Ana Ruiz, the owner of SYS-0001, has not approved/,
  ],
  [
    'an approval by nobody who is known',
    'people',
    'missing',
    (s) => {
      delete s.people['PSN-0002'];
    },
    /the owner of SYS-0001, has not approved/,
  ],
]);

describe('who is asked to approve', () => {
  const next = (s: Scene) => evaluateGate(s).checks.find((c) => c.id === 'people')!.next;
  const without = (s: Scene, ...people: string[]) => {
    for (const by of people) dropDecision(s, 'REL-0001', by);
    return s;
  };
  const approve = { text: 'Approve REL-0001 as it is now', ref: 'REL-0001', action: 'approve' };

  it('names everybody whose approval is missing, in one step', () => {
    expect(next(without(highScene(), 'PSN-0002', 'PSN-0003', 'PSN-0004'))).toMatchObject([
      {
        ...approve,
        who: 'Ana Ruiz, Chidi Obi and Mira Holt',
        whom: ['Ana Ruiz', 'Chidi Obi', 'Mira Holt'],
      },
    ]);
  });

  it('asks for somebody else only when the people named would not be enough', () => {
    const two = without(allowedScene(), 'PSN-0002', 'PSN-0003', 'PSN-0004');
    expect(next(two).filter((n) => n.action === 'approve')).toMatchObject([
      { ...approve, who: 'Ana Ruiz and somebody else who neither made the release nor asked for it' },
    ]);
    expect(next(without(allowedScene(), 'PSN-0002')).map((n) => n.who)).toEqual(['Ana Ruiz']);
  });
});
