import { expect, test } from 'vitest';
import { evaluateGate } from '../evaluate.ts';
import { allowedScene, clean, evidenceOf, findDecision, RELEASE, runOf, type Scene } from './scene.ts';

/** One thing changed in an allowed release, the check that must notice, and the sentence that must say so. */
export type Refusal = [
  name: string,
  check: string,
  status: 'failed' | 'missing',
  change: (s: Scene) => void,
  says: RegExp,
  base?: () => Scene,
];

/** A test for each: the check notices, says why with references and a next step, and the release is blocked. */
export function testRefusals(cases: Refusal[]): void {
  test.each(cases)('%s: %s is %s', (_name, id, status, change, says, base) => {
    const scene = (base ?? allowedScene)();
    change(scene);
    const r = evaluateGate(scene);
    const check = r.checks.find((c) => c.id === id)!;
    expect(check.reasons.map((x) => x.text).join('\n')).toMatch(says);
    expect(check.status).toBe(status);
    expect(r.verdict).not.toBe('allow');
    if (status === 'failed') expect(r.verdict).toBe('refuse');
    for (const reason of check.reasons)
      for (const ref of reason.records) expect(ref).toMatch(/^[A-Z]{3}-\d{4}$/);
  });

  test('most refusals say what to do next', () => {
    const steps = cases.map(([, id, , change, , base]) => {
      const scene = (base ?? allowedScene)();
      change(scene);
      return evaluateGate(scene).checks.find((c) => c.id === id)!.next.length;
    });
    expect(steps.filter((n) => n > 0).length).toBeGreaterThan(cases.length / 2);
  });
}

export function drop<T>(list: T[], which: (x: T) => boolean): void {
  const at = list.findIndex(which);
  if (at < 0) throw new Error('nothing to drop');
  list.splice(at, 1);
}

export const dropDecision = (s: Scene, subject: string, by?: string) =>
  drop(s.decisions, (d) => d === findDecision(s, subject, by));

/** Puts these runs, each with its evidence file, in place of the scene's. */
export const runs =
  (...list: Scene['runs']) =>
  (s: Scene) => {
    s.runs = list;
    s.evidence = list.map((_, i) => evidenceOf(`EVD-000${i + 1}`, i + 1));
  };

/** TST-0001 over both hazards of the plan. */
export const two = (more: Record<string, unknown>, failed = 0) =>
  runOf('TST-0001', RELEASE, [{ ...clean('pii:direct'), failed }, clean('hijacking', 8)], more);
