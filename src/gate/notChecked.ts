import type { Basis, NotChecked } from './result.ts';

const EMERGENCY: readonly NotChecked[] = [
  {
    id: 'emergency',
    title: 'Tests, risks, impact, rollback drill and the approvals of the class',
    why: 'In an emergency one person decides for 72 hours and nothing of this is asked. Bring the release to the gate with a ticket of its own before they are over.',
  },
];

const CLEARANCE: readonly NotChecked[] = [
  {
    id: 'vendorRun',
    title: 'Components, tests and the way back',
    why: 'The vendor runs the service. What it consists of, when it changes and whether it stops is not in our hands; only our use of it is.',
  },
];

const RELEASE: readonly NotChecked[] = [
  {
    id: 'deployment',
    title: 'What really runs',
    why: 'The gate compares records and files. Whether the release that it lets through is the one that is deployed must be seen where it runs.',
  },
];

/** What nobody looked at, told with every result. It never counts as passed. */
export function notCheckedFor(basis: Basis): NotChecked[] {
  return [...(basis === 'emergency' ? EMERGENCY : basis === 'useClearance' ? CLEARANCE : RELEASE)];
}
