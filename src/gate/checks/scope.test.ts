import { expect, test } from 'vitest';
import { evaluateGate } from '../evaluate.ts';
import { testRefusals } from '../testing/refusals.ts';
import { allowedScene, findDecision, hex } from '../testing/scene.ts';

testRefusals([
  [
    'system out of scope',
    'scope',
    'failed',
    (s) => (s.system.state = 'outOfScope'),
    /SYS-0001 .* is not in scope/,
  ],
  [
    'system not taken in yet',
    'scope',
    'missing',
    (s) => (s.system.state = 'proposed'),
    /has not been taken into scope/,
  ],
  ['no risk class', 'scope', 'missing', (s) => delete s.system.values.riskClass, /treated as high/],
  [
    'class confirmed by its author only',
    'scope',
    'missing',
    (s) => (s.authors['SYS-0001'] = { 'PSN-0005': 1 }),
    /Nobody other than its author has confirmed SYS-0001/,
  ],
  [
    'class changed after it was confirmed',
    'scope',
    'missing',
    (s) => (s.digests['SYS-0001'] = hex(77)),
    /Nobody other than its author has confirmed/,
  ],
  [
    'class taken back to what was confirmed before another was',
    'scope',
    'missing',
    (s) => {
      const first = findDecision(s, 'SYS-0001');
      s.decisions.push({
        ...first,
        ref: 'DEC-0999',
        createdAt: '2027-03-20T08:00:00.000Z',
        values: { ...first.values, subjectDigest: hex(78) },
      });
    },
    /Nobody other than its author has confirmed/,
  ],
  [
    'in scope by its state, out by its own words',
    'scope',
    'failed',
    (s) => (s.system.values.inScope = 'out'),
    /is not in scope/,
  ],
  ['no criteria', 'policy', 'missing', (s) => delete s.criteria, /no approved criteria/],
  [
    'criteria still a draft',
    'policy',
    'missing',
    (s) => (s.criteria!.state = 'draft'),
    /CRI-0001 .* is draft/,
  ],
  [
    'no row for the class',
    'policy',
    'missing',
    (s) => (s.criteria!.values.gatePolicy = []),
    /no single row of gate policy for risk class limited/,
  ],
  ['draft release', 'subject', 'missing', (s) => (s.release.state = 'draft'), /still a draft/],
  ['withdrawn release', 'subject', 'failed', (s) => (s.release.state = 'withdrawn'), /was withdrawn/],
  ['no components', 'subject', 'missing', (s) => (s.release.links.components = []), /names no components/],
  [
    'a component that is not there',
    'subject',
    'missing',
    (s) => s.release.links.components!.push('CMP-0009'),
    /Nothing is known about CMP-0009/,
  ],
  [
    'a model without a digest',
    'subject',
    'missing',
    (s) => delete s.components[0]!.values.digest,
    /CMP-0001 .* is a model without a digest/,
  ],
  [
    'supplier-declared without a supplier',
    'subject',
    'missing',
    (s) => Object.assign(s.components[0]!.values, { digest: undefined, supplierDeclared: true }),
    /without a digest/,
  ],
  ['a retired component', 'subject', 'failed', (s) => (s.components[0]!.state = 'retired'), /is retired/],
  [
    'a digest that is none',
    'subject',
    'failed',
    (s) => (s.components[0]!.values.digest = 'sha256:abc'),
    /The digest of CMP-0001 .* is not one/,
  ],
]);

test('a number of months that no date can hold is judged, not thrown over', () => {
  const scene = allowedScene();
  for (const row of scene.criteria!.values.gatePolicy as Record<string, unknown>[]) {
    row.drillMonths = 1e12;
    row.riskMonths = 1e300;
  }
  expect(evaluateGate(scene).checks.length).toBeGreaterThan(5);
});
