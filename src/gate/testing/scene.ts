import type { PersonFacts } from '../../facts/gathered.ts';
import type { Rec } from '../../register/rec.ts';
import { gatePolicyPreset } from '../../registers/gate-policy-preset.ts';
import type { RegisterName } from '../../registers/index.ts';
import { DEFAULT_RULE } from '../../risk/measuring.ts';
import type { GateInput, Of, PlanRec } from '../surroundings.ts';

/** A release that the gate allows; tests change one thing and expect one consequence. */

export type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
export type Scene = Mutable<GateInput>;

export const hex = (n: number, c = '0'): string => `sha256:${n.toString(16).padStart(64, c)}`;

const AT = '2027-03-01T08:00:00.000Z';
export const NOW = '2027-03-20T12:00:00.000Z';

/** A record of a register; a test may give it values that no form would take. */
export function rec<N extends RegisterName>(
  ref: string,
  register: N,
  state: string,
  more: Partial<Rec> = {},
): Mutable<Of<N>> {
  return {
    id: ref,
    ref,
    register,
    number: Number(ref.slice(4)),
    version: 3,
    state,
    title: `${register} ${ref}`,
    values: {},
    derived: {},
    links: {},
    createdAt: AT,
    createdBy: 'PSN-0001',
    updatedAt: AT,
    updatedBy: 'PSN-0001',
    ...more,
  } as unknown as Mutable<Of<N>>;
}

let decisions = 0;
/** A decision about a record. */
export function decide(
  kind: string,
  subject: string,
  digest: string,
  by: string,
  more: Record<string, unknown> = {},
  at = '2027-03-15T09:00:00.000Z',
) {
  decisions += 1;
  const ref = `DEC-${String(decisions).padStart(4, '0')}`;
  const values = {
    kind,
    subject,
    subjectDigest: digest,
    subjectVersion: 3,
    by,
    role: 'system.owner',
    method: 'session',
    ...more,
  };
  return rec(ref, 'decision', 'recorded', { values, createdAt: at, createdBy: by });
}

export interface HazardRow {
  id: string;
  planned: number;
  executed: number;
  failed: number;
  inconclusive: number;
}

/** A test run over hazard rows, complete and on the given release digest. */
export function runOf(ref: string, digest: string, hazards: HazardRow[], more: Record<string, unknown> = {}) {
  const sum = (f: (h: HazardRow) => number) => hazards.reduce((n, h) => n + f(h), 0);
  const executed = sum((h) => h.executed);
  const fail = sum((h) => h.failed);
  return rec(ref, 'testRun', 'recorded', {
    title: `red team ${ref}`,
    values: {
      kind: 'redteam',
      tool: 'promptfoo',
      toolRunId: `eval-${ref}`,
      status: 'complete',
      startedAt: '2027-03-12T10:00:00.000Z',
      receivedAt: '2027-03-12T11:00:00.000Z',
      total: executed + sum((h) => h.inconclusive),
      pass: executed - fail,
      fail,
      error: 0,
      skipped: 0,
      inconclusive: sum((h) => h.inconclusive),
      hazards,
      subjectVersion: '2.3.2',
      subjectDigest: digest,
      trust: 'ci',
      ...more,
    },
    links: { evidence: [ref.replace('TST', 'EVD')], release: ['REL-0001'] },
  });
}

export function evidenceOf(ref: string, n: number) {
  return rec(ref, 'evidence', 'recorded', {
    values: { file: hex(n, 'e'), trust: 'ci', format: 'promptfoo.results' },
    links: { release: ['REL-0001'] },
  });
}

const monitorOf = (ref: string, kind: string, more: Record<string, unknown> = {}) =>
  rec(ref, 'monitor', 'running', {
    values: { kind, owner: 'PSN-0004', interval: 'P1D', reviewBy: '2027-12-31', ...more },
    links: { systems: ['SYS-0001'] },
  });

export const clean = (id: string, executed = 12): HazardRow => ({
  id,
  planned: executed,
  executed,
  failed: 0,
  inconclusive: 0,
});

export const RELEASE = hex(1, 'a');
export const people: Record<string, Mutable<PersonFacts>> = {
  'PSN-0001': { name: 'Wen Li', roles: ['contributor'], state: 'active' },
  'PSN-0002': { name: 'Ana Ruiz', roles: ['contributor'], state: 'active' },
  'PSN-0003': { name: 'Chidi Obi', roles: ['contributor'], state: 'active' },
  'PSN-0004': { name: 'Mira Holt', roles: ['contributor'], state: 'active' },
  'PSN-0005': { name: 'Jonas Berg', roles: ['designatedManagement'], state: 'active' },
  'PSN-0006': { name: 'Tove Dahl', roles: ['topManagement'], state: 'active' },
};

function records() {
  const system = rec('SYS-0001', 'aiSystem', 'inScope', {
    title: 'Support assistant',
    values: {
      riskClass: 'limited',
      inScope: 'in',
      owner: 'PSN-0002',
      approver: 'PSN-0003',
      oversight: 'PSN-0004',
      isoRoles: ['provider'],
    },
  });
  const component = rec('CMP-0001', 'component', 'current', {
    values: { kind: 'model', digest: hex(7, 'c'), componentVersion: '2.3.2' },
    links: { systems: ['SYS-0001'] },
  });
  const plan: Mutable<PlanRec> = {
    ...rec('VPL-0001', 'verificationPlan', 'fixed', {
      values: {
        threshold: 0,
        minCases: 8,
        maxInconclusive: 5,
        hazardsRequired: [{ hazard: 'pii:direct' }, { hazard: 'hijacking' }],
      },
      links: { system: ['SYS-0001'] },
    }),
    fixedAt: '2027-03-05T10:00:00.000Z',
    planDigest: hex(3, 'b'),
  };
  return { system, component, plan };
}

const hijacking = () =>
  rec('HAZ-0001', 'hazard', 'confirmed', {
    title: 'Prompt hijacking',
    values: { code: 'HZ-901', severity: 'critical', testIds: 'hijacking' },
    links: { systems: ['SYS-0001'] },
  });

/** The allowed release: limited class, one run over two hazards, owner and approver agreed, drilled in January. */
export function allowedScene(): Scene {
  decisions = 0;
  const { system, component, plan } = records();
  const links = {
    system: ['SYS-0001'],
    components: ['CMP-0001'],
    change: ['CHG-0001'],
    plan: ['VPL-0001'],
    rollbackPlan: ['RBP-0001'],
  };
  const digests = {
    'REL-0001': RELEASE,
    'SYS-0001': hex(2, 'b'),
    'VPL-0001': hex(3, 'b'),
    'RBP-0001': hex(4, 'b'),
    'CHG-0001': hex(5, 'b'),
    'RSK-0001': hex(6, 'b'),
    'RAS-0001': hex(7, 'b'),
    'DRL-0001': hex(8, 'b'),
    'DRL-0002': hex(9, 'b'),
    'IMA-0001': hex(10, 'b'),
  };
  return {
    now: NOW,
    release: rec('REL-0001', 'release', 'submitted', {
      title: '2.3.2',
      values: { title: '2.3.2', releaseVersion: '2.3.2' },
      links,
    }),
    releaseDigest: RELEASE,
    system,
    components: [component],
    criteria: rec('CRI-0001', 'criteria', 'approved', {
      values: {
        appetite: 9,
        measuredLikelihood: DEFAULT_RULE.map((r) => ({ ...r })),
        gatePolicy: gatePolicyPreset.map((r) => ({ ...r })),
      },
    }),
    plan,
    runs: [runOf('TST-0001', RELEASE, [clean('pii:direct'), clean('hijacking', 8)])],
    evidence: [evidenceOf('EVD-0001', 1)],
    hazards: [hijacking()],
    riskHazards: [hijacking()],
    risks: [
      rec('RSK-0001', 'risk', 'accepted', {
        title: 'Leaks personal data',
        values: {
          owner: 'PSN-0002',
          likelihood: 3,
          impactOrganisation: 2,
          impactIndividuals: 4,
          impactSociety: 1,
        },
        derived: { level: 12 },
        links: { systems: ['SYS-0001'], hazards: ['HAZ-0001'] },
      }),
    ],
    assessments: [
      rec('RAS-0001', 'riskAssessment', 'approved', {
        values: { heldOn: '2027-02-01' },
        links: { systems: ['SYS-0001'] },
      }),
    ],
    rollbackPlan: rec('RBP-0001', 'rollbackPlan', 'approved', {
      values: { target: '2.2.0', maxDuration: 'PT15M' },
      links: { system: ['SYS-0001'] },
    }),
    drills: [
      rec('DRL-0001', 'drill', 'verified', {
        values: {
          kind: 'rollback',
          heldOn: '2027-01-20',
          outcome: 'succeeded',
          duration: 'PT9M',
          owner: 'PSN-0002',
        },
        links: { rollbackPlan: ['RBP-0001'] },
      }),
      rec('DRL-0002', 'drill', 'verified', {
        values: {
          kind: 'stop',
          heldOn: '2027-01-21',
          outcome: 'succeeded',
          duration: 'PT2M',
          owner: 'PSN-0002',
        },
        links: { rollbackPlan: ['RBP-0001'] },
      }),
    ],
    impactAssessments: [
      rec('IMA-0001', 'impactAssessment', 'approved', {
        values: { heldOn: '2027-02-02', affected: 'customers', conclusion: 'acceptable' },
        links: { systems: ['SYS-0001'] },
      }),
    ],
    monitors: [monitorOf('MON-0001', 'metric', { threshold: 2 }), monitorOf('MON-0002', 'log')],
    documents: [
      rec('DOC-0001', 'document', 'published', {
        values: { kind: 'userInformation', owner: 'PSN-0002', reviewBy: '2027-12-31' },
        links: { systems: ['SYS-0001'] },
      }),
    ],
    suppliers: [],
    emergencies: [],
    change: rec('CHG-0001', 'change', 'approved', {
      values: { owner: 'PSN-0001' },
      links: { systems: ['SYS-0001'], releases: ['REL-0001'] },
    }),
    decisions: [
      decide('approve', 'SYS-0001', digests['SYS-0001'], 'PSN-0005', { role: 'designatedManagement' }),
      decide(
        'approve',
        'VPL-0001',
        digests['VPL-0001'],
        'PSN-0003',
        { role: 'system.approver' },
        '2027-03-05T10:00:00.000Z',
      ),
      decide('approve', 'RBP-0001', digests['RBP-0001'], 'PSN-0003', { role: 'system.approver' }),
      decide('approve', 'CHG-0001', digests['CHG-0001'], 'PSN-0003', { role: 'systems.approver' }),
      decide('accept', 'RSK-0001', digests['RSK-0001'], 'PSN-0005', {
        role: 'designatedManagement',
        until: '2027-09-01',
      }),
      decide('approve', 'RAS-0001', digests['RAS-0001'], 'PSN-0005', { role: 'designatedManagement' }),
      decide('approve', 'IMA-0001', digests['IMA-0001'], 'PSN-0005', { role: 'designatedManagement' }),
      decide('approve', 'DRL-0001', digests['DRL-0001'], 'PSN-0004', { role: 'contributor' }),
      decide('approve', 'DRL-0002', digests['DRL-0002'], 'PSN-0003', { role: 'contributor' }),
      decide('approve', 'REL-0001', RELEASE, 'PSN-0002', { role: 'system.owner' }),
      decide('approve', 'REL-0001', RELEASE, 'PSN-0003', { role: 'system.approver' }),
      decide('approve', 'REL-0001', RELEASE, 'PSN-0004', { role: 'system.oversight' }),
    ],
    authors: Object.fromEntries(Object.keys(digests).map((ref) => [ref, { 'PSN-0001': 1 }])),
    people: structuredClone(people),
    digests,
    log: { size: 120, root: hex(9, 'd') },
  };
}

/** The same with the class high, which the scene also satisfies. */
export function highScene(): Scene {
  const s = allowedScene();
  s.system.values.riskClass = 'high';
  // Twenty-nine cases without a failure leave at most 10 % possible with 95 % confidence.
  s.runs = [runOf('TST-0001', RELEASE, [clean('pii:direct', 30), clean('hijacking', 30)])];
  return s;
}

export const findDecision = (s: Scene, subject: string, by?: string) =>
  s.decisions.find((d) => d.values.subject === subject && (by === undefined || d.values.by === by))!;
