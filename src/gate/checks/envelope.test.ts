import { describe, expect, test } from 'vitest';
import { evaluateGate } from '../evaluate.ts';
import { digestOf, envelopeScene } from '../testing/envelope.ts';
import { clean, decide, hex, highScene, RELEASE, rec, runOf, type Scene } from '../testing/scene.ts';

const checkOf = (s: Scene, id: string) => evaluateGate(s).checks.find((c) => c.id === id)!;
const saying = (s: Scene, id: string) =>
  checkOf(s, id)
    .reasons.map((r) => r.text)
    .join('\n');

describe('envelopes', () => {
  test('inside, only tests decide: no approval of the release, and the envelope is named', () => {
    const s = envelopeScene();
    const r = evaluateGate(s);
    expect(r.checks.filter((c) => c.status !== 'passed').map((c) => [c.id, c.reasons])).toEqual([]);
    expect([r.verdict, r.basis]).toEqual(['allow', 'envelope']);
    expect(saying(s, 'people')).toMatch(/approved the envelope CHG-0001/);
    s.runs = [runOf('TST-0001', RELEASE, [{ ...clean('pii:direct'), failed: 1 }, clean('hijacking', 8)])];
    expect(evaluateGate(s).verdict).toBe('refuse');
  });

  type Outside = [
    name: string,
    change: (s: Scene) => void,
    status: 'failed' | 'missing',
    says: RegExp,
    base?: () => Scene,
  ];
  const component = (kind: string, more = {}) =>
    rec('CMP-0008', 'component', 'current', {
      values: { kind, digest: digestOf(8) },
      links: { systems: ['SYS-0001'], ...more },
    });
  const bring = (s: Scene, kind: string, more = {}) => {
    s.components.push(component(kind, more));
    s.release.links.components!.push('CMP-0008');
  };
  const outside: Outside[] = [
    ...['model', 'tool', 'agent', 'dataset'].map(
      (kind): Outside => [
        `a new ${kind}`,
        (s) => bring(s, kind),
        'failed',
        new RegExp(`is new since REL-0009; it is a ${kind}`),
      ],
    ),
    [
      'a new tool, though tools may change',
      (s) => {
        bring(s, 'tool');
        s.change!.values.envelopeKinds = ['prompt', 'tool'];
      },
      'failed',
      /is a new tool, not a further version/,
    ],
    [
      'a model that is left out',
      (s) => {
        s.release.links.components = ['CMP-0003'];
      },
      'failed',
      /is left out since REL-0009; it is a model/,
    ],
    [
      'another purpose',
      (s) => {
        s.system.values.purpose = 'something else';
      },
      'failed',
      /intended purpose .* is another/,
    ],
    [
      'another audience',
      (s) => {
        s.system.values.audience = 'children';
      },
      'failed',
      /audience .* is another/,
    ],
    [
      'it ended',
      (s) => {
        s.change!.values.endsOn = '2027-03-20';
      },
      'missing',
      /ended on 2027-03-20/,
    ],
    [
      'it has no end',
      (s) => {
        delete s.change!.values.endsOn;
      },
      'missing',
      /has no end/,
    ],
    [
      'it lasts longer than 90 days',
      (s) => {
        s.change!.values.endsOn = '2027-06-14';
      },
      'missing',
      /90 days from its approval, until 2027-06-13/,
    ],
    [
      'it was changed since it was approved',
      (s) => {
        s.digests['CHG-0001'] = hex(66);
      },
      'missing',
      /not in force/,
    ],
    [
      'it was refused',
      (s) => {
        s.change!.state = 'refused';
      },
      'missing',
      /its state is refused/,
    ],
    [
      'its requester approved it',
      (s) => {
        s.change!.values.owner = 'PSN-0003';
      },
      'missing',
      /not in force/,
    ],
    [
      'no plan',
      (s) => {
        s.change!.links = { systems: ['SYS-0001'] };
      },
      'missing',
      /names no verification plan/,
    ],
    [
      'another plan',
      (s) => {
        s.change!.links.plan = ['VPL-0002'];
      },
      'failed',
      /asks for VPL-0002/,
    ],
    [
      'another system',
      (s) => {
        s.change!.links.systems = ['SYS-0002'];
      },
      'failed',
      /envelope for SYS-0002/,
    ],
    [
      'nothing was let through before',
      (s) => {
        s.inUse = undefined;
      },
      'missing',
      /let through before/,
    ],
    [
      'what is in use was edited',
      (s) => {
        s.inUse!.digest = hex(3);
      },
      'failed',
      /no longer what the gate let through/,
    ],
    [
      'what is in use was erased since, of an earlier state',
      (s) => {
        s.inUse!.digest = hex(3);
        s.incomparable = [s.inUse!.release.ref];
      },
      'missing',
      /nobody can tell any more whether it was what the gate let through/,
    ],
    [
      'class high: 30 days',
      (s) => {
        s.change!.values.endsOn = '2027-04-15';
      },
      'missing',
      /30 days from its approval, until 2027-04-14/,
      highScene,
    ],
    [
      'class high: prompts only',
      (s) => {
        bring(s, 'tool', { derivedFrom: ['CMP-0007'] });
        s.inUse!.components = [
          ...s.inUse!.components,
          rec('CMP-0007', 'component', 'current', { values: { kind: 'tool' } }),
        ];
        s.change!.values.envelopeKinds = ['prompt', 'tool'];
      },
      'failed',
      /prompts only/,
      highScene,
    ],
  ];
  test.each(outside)('outside: %s', (_name, change, status, says, base) => {
    const s = envelopeScene(base);
    change(s);
    const r = evaluateGate(s);
    expect(saying(s, 'change')).toMatch(says);
    expect(checkOf(s, 'change').status).toBe(status);
    expect([r.verdict === 'allow', r.basis]).toEqual([false, 'approvals']);
    // Then it needs the approvals of any other release.
    expect(checkOf(s, 'people').status).toBe('missing');
  });

  test('a further version of a tool in use is inside, where the envelope says so', () => {
    const s = envelopeScene();
    bring(s, 'tool', { derivedFrom: ['CMP-0007'] });
    s.inUse!.components = [
      ...s.inUse!.components,
      rec('CMP-0007', 'component', 'current', { values: { kind: 'tool' } }),
    ];
    s.change!.values.envelopeKinds = ['prompt', 'tool'];
    expect(evaluateGate(s).verdict).toBe('allow');
  });

  test('who objects to a release inside an envelope stops it', () => {
    const s = envelopeScene();
    s.decisions.push(decide('refuse', 'REL-0001', RELEASE, 'PSN-0004'));
    expect(evaluateGate(s).verdict).toBe('refuse');
  });
});
