import type { GatePolicy, RiskClass } from './policy.ts';
import type { NotChecked } from './result.ts';

interface Open {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly classes: readonly RiskClass[];
}

const OPEN: readonly Open[] = [
  {
    id: 'impact',
    title: 'AI system impact assessment',
    why: 'There is no register of impact assessments yet, so the gate cannot see whether one was made (6.1.4, 8.4, A.5). Look at it yourself.',
    classes: ['minimal', 'limited', 'high'],
  },
  {
    id: 'monitoring',
    title: 'Monitoring and event logs',
    why: 'There is no register of monitors yet, so the gate cannot see whether the system is watched in use (A.6.2.6, A.6.2.8). Look at it yourself.',
    classes: ['minimal', 'limited', 'high'],
  },
  {
    id: 'userInformation',
    title: 'Information for users',
    why: 'There is no register of user information yet, so the gate cannot see whether it fits this version (A.8.2). Look at it yourself.',
    classes: ['high'],
  },
  {
    id: 'confidence',
    title: 'Confidence bound of the test results',
    why: 'Failed shares are compared as measured. With few cases the true share may be higher; choose the fewest cases in the plan accordingly.',
    classes: ['high'],
  },
];

/** What the class demands and the gate cannot look at. It is told with every result, and never counts as passed. */
export function notCheckedFor(policy: GatePolicy): NotChecked[] {
  return OPEN.filter((o) => o.classes.includes(policy.riskClass)).map(({ id, title, why }) => ({
    id,
    title,
    why,
  }));
}
