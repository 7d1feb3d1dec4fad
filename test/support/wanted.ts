import { INPUT_NAMES } from '../../src/app/assure/review-text.ts';
import { criteriaInForce } from '../../src/authority/criteria.ts';
import type { Transition } from '../../src/register/register.ts';
import { registers } from '../../src/registers/index.ts';
import { newestCriteria } from '../../src/store/authority/newest.ts';
import { toRec } from '../../src/store/records/records.ts';
import { dayFrom } from './arrange.ts';
import { given, type TestInstance } from './instance.ts';

/** A system that nobody of the test has anything to do with, and its owner neither. */
export async function strangersSystem(t: TestInstance): Promise<string> {
  const owner = (await given(t, 'person', { name: 'A stranger' })).ref;
  return (await given(t, 'aiSystem', { name: 'A strange system', purpose: 'x', owner })).ref;
}

/** What rules beyond the declaration want of a record before a step, whoever takes it. */
export async function wanted(t: TestInstance, step: string): Promise<Record<string, unknown>> {
  const past = dayFrom(t, -40);
  const more: Readonly<Record<string, () => Promise<Record<string, unknown>> | Record<string, unknown>>> = {
    'action.finish': () => ({ doneOn: dayFrom(t, 0) }),
    'action.confirm': () => ({ doneOn: dayFrom(t, 0), exposureDays: 0, exposureCases: 10 }),
    'managementReview.hold': async () => ({
      inputs: INPUT_NAMES.map((input) => ({ input, found: 'No data', count: 0, missing: true })),
      inputsAt: 'log 1, size 1, 2026-01-01T00:00:00.000Z',
      heldOn: past,
      attendees: [(await given(t, 'person', { name: 'The top', roles: ['topManagement'] })).ref],
      reasons: INPUT_NAMES.map((input) => `${input}: none so far`).join('\n'),
    }),
    'audit.approve': () => ({ kind: 'audit' }),
    'audit.begin': async () => ({
      kind: 'audit',
      from: past,
      to: dayFrom(t, 10),
      systems: [await strangersSystem(t)],
      processes: [],
    }),
    'audit.waive': () => ({ kind: 'audit' }),
    'audit.report': () => ({ kind: 'audit', result: 'conforms' }),
    'audit.close': () => ({ kind: 'audit' }),
    'audit.revise': () => ({ kind: 'audit' }),
    'risk.assess': () => citedInForce(t),
    // Above a level only top management accepts.
    'risk.accept': () => ({ likelihood: 2, residualLikelihood: 2 }),
    'incident.close': () => ({ reportable: false }),
    'auditFinding.close': () => ({ grade: 'opportunity' }),
    // Within what the criteria let any plan allow, and never looser than before.
    'verificationPlan.fix': () => ({
      threshold: 0,
      minCases: 1000,
      maxInconclusive: 0,
      hazardsRequired: [{ hazard: 'pii', severity: 'high', maxFailRate: 0, minCases: 1000 }],
    }),
    'nonconformity.close': () => ({ kind: 'potential' }),
    // Taken back by whoever it stops, an older and kinder one would hold again.
    'impactAssessment.reopen': () => ({ conclusion: 'acceptable' }),
  };
  return (await more[step]?.()) ?? {};
}

/** The criteria in force, which an assessment cites; nothing where there are none. */
async function citedInForce(t: TestInstance): Promise<Record<string, unknown>> {
  const [rows] = await t.app.db.run(t.organisation.id, [newestCriteria(registers.criteria.name)]);
  const inForce = criteriaInForce(rows!.map(toRec(registers.criteria))[0]);
  return inForce ? { criteria: [inForce.ref] } : {};
}

/** What somebody who decides says they found: more than enough. */
export const found = (step: Transition): Record<string, unknown> =>
  step.finds ? { values: Object.fromEntries(step.finds.map((n) => [n, 1000])) } : {};
