import { INPUT_NAMES } from '../src/app/reviewText.ts';
import type { Transition } from '../src/register/register.ts';
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
    'action.finish': () => ({ doneOn: past }),
    'action.confirm': () => ({ doneOn: past, exposureDays: 30, exposureCases: 10 }),
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
    'auditFinding.close': () => ({ grade: 'opportunity' }),
    'nonconformity.close': () => ({ kind: 'potential' }),
  };
  return (await more[step]?.()) ?? {};
}

/** What somebody who decides says they found: more than enough. */
export const found = (step: Transition): Record<string, unknown> =>
  step.finds ? { values: Object.fromEntries(step.finds.map((n) => [n, 1000])) } : {};
