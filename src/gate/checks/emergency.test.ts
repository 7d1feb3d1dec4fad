import { describe, expect, test } from 'vitest';
import { evaluateGate } from '../evaluate.ts';
import { allowedScene, decide, findDecision, hex, RELEASE, rec, type Scene } from '../testing/scene.ts';
import { emergencyEnd, reviewBy } from './emergency.ts';

function emergencyScene(): Scene {
  const s = allowedScene();
  s.change!.values = {
    title: 'Back to the last version',
    owner: 'PSN-0001',
    kind: 'emergency',
    releaseDigest: RELEASE,
    rollback: 'back to 2.2.0',
  };
  s.change!.links = { systems: ['SYS-0001'], releases: ['REL-0001'], incident: ['INC-0001'] };
  s.incident = rec('INC-0001', 'incident', 'handling');
  findDecision(s, 'CHG-0001').createdAt = '2027-03-19T12:00:00.000Z';
  s.emergencies = [s.change!];
  s.runs = [];
  s.drills = [];
  s.decisions = s.decisions.filter((d) => d.values.subject !== 'REL-0001');
  return s;
}

const checkOf = (s: Scene, id: string) => evaluateGate(s).checks.find((c) => c.id === id)!;
const saying = (s: Scene, id: string) =>
  checkOf(s, id)
    .reasons.map((r) => r.text)
    .join('\n');

describe('emergencies', () => {
  test('one person lets one digest through, for 72 hours, and nothing else is asked', () => {
    const s = emergencyScene();
    const r = evaluateGate(s);
    expect(r.checks.filter((c) => c.status !== 'passed').map((c) => [c.id, c.reasons])).toEqual([]);
    expect([r.verdict, r.basis, r.notChecked.map((n) => n.id)]).toEqual([
      'allow',
      'emergency',
      ['emergency'],
    ]);
    expect(saying(s, 'emergency')).toMatch(
      /decided alone .* until 2027-03-22 12:00 UTC, to be reviewed by another by 2027-03-26/,
    );
  });

  const cases: [string, 'failed' | 'missing', (s: Scene) => void, RegExp][] = [
    [
      'it is for another digest',
      'failed',
      (s) => {
        s.change!.values.releaseDigest = hex(5);
      },
      /one content and no other/,
    ],
    [
      'what the release was had been erased since, of an earlier state',
      'missing',
      (s) => {
        s.change!.values.releaseDigest = hex(5);
        s.incomparable = ['REL-0001'];
      },
      /nobody can tell any more whether CHG-0001 .* was for it/,
    ],
    [
      'no incident',
      'missing',
      (s) => {
        s.incident = undefined;
      },
      /names no incident/,
    ],
    [
      'no way back',
      'missing',
      (s) => {
        delete s.change!.values.rollback;
      },
      /names no way back/,
    ],
    [
      'its requester decided',
      'missing',
      (s) => {
        s.change!.values.owner = 'PSN-0003';
      },
      /Nobody on call/,
    ],
    [
      '72 hours are over',
      'failed',
      (s) => {
        findDecision(s, 'CHG-0001').createdAt = '2027-03-17T12:00:00.000Z';
      },
      /the 72 hours were over at 2027-03-20 12:00/,
    ],
    [
      'another system',
      'failed',
      (s) => {
        s.change!.links.systems = ['SYS-0002'];
      },
      /another AI system/,
    ],
  ];
  test.each(cases)('refused: %s', (_name, status, change, says) => {
    const s = emergencyScene();
    change(s);
    expect(saying(s, 'emergency')).toMatch(says);
    expect(checkOf(s, 'emergency').status).toBe(status);
    expect(evaluateGate(s).verdict).not.toBe('allow');
  });

  test('one that nobody reviewed in time holds up every further release, an emergency included', () => {
    for (const base of [allowedScene, emergencyScene]) {
      const s = base();
      const old = rec('CHG-0005', 'change', 'implemented', {
        values: { kind: 'emergency' },
        links: { systems: ['SYS-0001'] },
      });
      s.emergencies = [...s.emergencies, old];
      s.decisions.push(decide('approve', 'CHG-0005', hex(1), 'PSN-0003', {}, '2027-03-15T12:00:00.000Z'));
      expect(evaluateGate(s).verdict, 'due on 2027-03-22').toBe('allow');
      s.now = '2027-03-22T11:00:00.000Z';
      expect(checkOf(s, 'reviews').status).toBe('passed');
      s.now = '2027-03-23T00:00:00.000Z';
      expect(checkOf(s, 'reviews').status).toBe('failed');
      expect(saying(s, 'reviews')).toMatch(/CHG-0005 .* was to be reviewed by 2027-03-22/);
      expect(evaluateGate(s).verdict).toBe('refuse');
    }
  });

  test('five working days leave out Saturdays and Sundays', () => {
    expect(reviewBy('2027-03-15T23:59:59.000Z')).toBe('2027-03-22'); // a Monday
    expect(reviewBy('2027-03-19T10:00:00.000Z')).toBe('2027-03-26'); // a Friday
    expect(reviewBy('2027-03-20T10:00:00.000Z')).toBe('2027-03-26'); // a Saturday
    expect(emergencyEnd('2027-03-19T10:00:00.000Z')).toBe('2027-03-22T10:00:00.000Z');
  });
});
