import { monthsAfter } from '../../base/day.ts';
import { drillsAsked } from '../../gate/checks/rollback.ts';
import { isRiskClass, policyFor, policyFrom } from '../../gate/policy.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import type { Stored } from '../../store/records/records.ts';
import { systemsInUse } from '../../store/work/intervals.ts';
import type { Told, Whose, WorkRule } from './rule.ts';
import { daysBetween, next, part, whenSaid, why } from './words.ts';

/** Drills, risk assessments and tests that are older than the criteria in force ask for. */
export const intervals: WorkRule = { kind: 'intervals', statement: systemsInUse, tells: outOfInterval };

const DRILLS = cell.byName(cell.members({ held: cell.textOrNull, failed: cell.textOrNull }));

function outOfInterval(r: Row, w: Whose, criteria: Stored | undefined): Told[] {
  const { risk_class: riskClass } = r;
  if (!isRiskClass(riskClass)) return [];
  const own = criteria && policyFrom(criteria, riskClass);
  const policy = policyFor(criteria, riskClass);
  const source = own ? criteria.ref : part('ownPolicy');
  const drills = cell.orNull(DRILLS)(r.drills) ?? {};
  // Leave to use what a vendor runs depends on neither.
  const ours = r.vendor_run ? [] : drillsAsked(policy);
  const failed = ours.flatMap(({ kind }): Told[] => {
    const held = drills[kind]?.failed;
    if (!held) return [];
    return [
      {
        rule: 'aiSystem.failedDrill',
        urgency: 'soon',
        why: why('newestFailed', { kind, held }),
        next: { said: next('drillAgain') },
      },
    ];
  });
  const looks = [
    ...ours
      .filter(({ kind }) => !drills[kind]?.failed)
      .map(({ kind, months }) => ({
        rule: `aiSystem.${kind}Drill`,
        what: part('heldDrill', { kind }),
        newest: drills[kind]?.held ?? null,
        months,
        label: next('holdDrill'),
      })),
    {
      rule: 'aiSystem.riskAssessment',
      what: part('assessment'),
      newest: cell.textOrNull(r.assessment),
      months: policy.riskMonths,
      label: next('assess'),
    },
    {
      rule: 'aiSystem.test',
      what: part('test'),
      newest: cell.textOrNull(r.test),
      months: r.vendor_run ? 0 : policy.riskMonths,
      label: next('test'),
    },
  ];
  const old = looks.flatMap(({ rule, what, newest, months, label }): Told[] => {
    if (months === 0) return [];
    const demand = part('demand', { source, months, riskClass });
    if (newest === null) return [{ rule, why: why('never', { what, demand }), next: { said: label } }];
    const held = newest.slice(0, 10);
    // A drill of 31 August lasts to the last day of February.
    const due = monthsAfter(held, months);
    if (due >= w.today && daysBetween(w.today, due) > w.ahead) return [];
    const params = { what, held, when: whenSaid(due, w.today), demand };
    return [
      { rule, due, why: due < w.today ? why('old', params) : why('growsOld', params), next: { said: label } },
    ];
  });
  return [...failed, ...old];
}
