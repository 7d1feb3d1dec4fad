import { expect, test } from 'vitest';
import { criteriaPresets } from '../registers/criteria-presets.ts';
import { evaluateGate } from './evaluate.ts';
import { allowedScene, decide, highScene, RELEASE, type Scene } from './testing/scene.ts';

const ME = 'PSN-0001';
const preset = criteriaPresets.find((p) => p.name === 'alone')!;

/** The allowed scene in an organisation of one person, who wrote everything and decided alone on it. */
function aloneScene(riskClass = 'limited'): Scene {
  const s = riskClass === 'high' ? highScene() : allowedScene();
  const names = Object.keys(s.people).filter((p) => p !== ME);
  for (const p of names) delete s.people[p];
  Object.assign(s.system.values, { owner: ME, approver: ME, oversight: ME, riskClass });
  Object.assign(s.criteria!.values, structuredClone(preset.values));
  s.onePerson = true;
  for (const d of s.decisions) {
    d.values.by = ME;
    d.values.manner = 'alone';
    d.values.role = 'designatedManagement';
  }
  for (const drill of s.drills) drill.values.owner = ME;
  return s;
}

const texts = (s: Scene): string =>
  evaluateGate(s)
    .checks.flatMap((c) => [c.title, ...c.reasons.map((r) => r.text)])
    .join('\n');

test.each(['minimal', 'limited'])(
  'class %s: what was decided alone passes, is named, and never reads as approved',
  (riskClass) => {
    const s = aloneScene(riskClass);
    const result = evaluateGate(s);
    expect(result.checks.filter((c) => c.status !== 'passed').flatMap((c) => c.reasons)).toEqual([]);
    expect(result.verdict).toBe('allow');
    const said = texts(s);
    expect(said).toMatch(/Wen Li decided alone on REL-0001 as it is now/);
    expect(said).toMatch(/Nobody else has looked at REL-0001: it was decided alone, which is no approval/);
    expect(said).not.toMatch(/Wen Li (approved|accepted|confirmed)/);
  },
);

const OVER: [string, (s: Scene) => void][] = [
  [
    'a second person joined',
    (s) => {
      s.onePerson = false;
    },
  ],
  [
    'nobody counted the people',
    (s) => {
      delete s.onePerson;
    },
  ],
  [
    'the criteria are for a small organisation',
    (s) => {
      s.criteria!.values.mode = 'small';
    },
  ],
  [
    'the criteria say nothing',
    (s) => {
      delete s.criteria!.values.mode;
    },
  ],
  [
    'the criteria are superseded',
    (s) => {
      s.criteria!.state = 'superseded';
    },
  ],
  [
    'the class is high',
    (s) => {
      s.system.values.riskClass = 'high';
    },
  ],
  [
    'the class is not known',
    (s) => {
      delete s.system.values.riskClass;
    },
  ],
  [
    'the release has changed since',
    (s) => {
      for (const d of s.decisions)
        if (d.values.subject === 'REL-0001') d.values.subjectDigest = `sha256:${'1'.repeat(64)}`;
    },
  ],
  [
    'an own decision does not say that it was taken alone',
    (s) => {
      for (const d of s.decisions) d.values.manner = 'single';
    },
  ],
];

test.each(OVER)('deciding alone counts for nothing when %s', (_, change) => {
  const s = aloneScene();
  change(s);
  expect(evaluateGate(s).verdict).not.toBe('allow');
});

test('class high passes with a guest who approves, and not without', () => {
  const guest = 'PSN-0003';
  const s = aloneScene('high');
  s.people[guest] = { name: 'Chidi Obi', roles: ['reader'], state: 'active', guest: true };
  s.system.values.approver = guest;
  expect(evaluateGate(s).verdict).not.toBe('allow');
  for (const d of s.decisions)
    Object.assign(d.values, { by: guest, manner: 'single', role: 'system.approver' });
  const result = evaluateGate(s);
  expect(result.checks.filter((c) => c.status !== 'passed').flatMap((c) => c.reasons)).toEqual([]);
  expect(result.verdict).toBe('allow');
});

test('a delegate speaks for the delegator, and both are one voice', () => {
  const s = highScene();
  const mine = (by: string, onBehalfOf?: string) =>
    decide('approve', 'REL-0001', RELEASE, by, onBehalfOf ? { onBehalfOf } : {});
  const others = s.decisions.filter((d) => d.values.subject !== 'REL-0001');
  // Jonas for the owner, Chidi and Mira for themselves.
  s.decisions = [...others, mine('PSN-0005', 'PSN-0002'), mine('PSN-0003'), mine('PSN-0004')];
  expect(evaluateGate(s).verdict).toBe('allow');
  expect(texts(s)).toMatch(/Jonas Berg, for Ana Ruiz, approved REL-0001/);
  // The approver for the owner as well: two people where three are needed.
  s.decisions = [...others, mine('PSN-0003', 'PSN-0002'), mine('PSN-0003'), mine('PSN-0004')];
  expect(evaluateGate(s).verdict).toBe('insufficient');
  // The owner and their own delegate.
  s.decisions = [...others, mine('PSN-0002'), mine('PSN-0005', 'PSN-0002'), mine('PSN-0003')];
  expect(evaluateGate(s).verdict).toBe('insufficient');
  // For whoever made the release.
  s.decisions = [
    ...others,
    mine('PSN-0005', 'PSN-0001'),
    mine('PSN-0003'),
    mine('PSN-0004'),
    mine('PSN-0002'),
  ];
  expect(texts(s)).toMatch(/Jonas Berg, for Wen Li, approved REL-0001 .* this never counts/);
});
