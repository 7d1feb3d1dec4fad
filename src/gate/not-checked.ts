import { catalogue, keyOf } from '../base/sentence.ts';
import type { Basis, NotChecked } from './result.ts';

const title = catalogue('gate.notChecked.title', {
  emergency: 'Tests, risks, impact, rollback drill and the approvals of the class',
  vendorRun: 'Components, tests and the way back',
  deployment: 'What really runs',
});

const why = catalogue('gate.notChecked', {
  emergency:
    'In an emergency one person decides for 72 hours and nothing of this is asked. Bring the release to the gate with a ticket of its own before they are over.',
  vendorRun:
    'The vendor runs the service. What it consists of, when it changes and whether it stops is not in our hands; only our use of it is.',
  deployment:
    'The gate compares records and files. Whether the release that it lets through is the one that is deployed must be seen where it runs.',
});

function told(id: 'emergency' | 'vendorRun' | 'deployment') {
  const [called, said] = [title(id), why(id)];
  return { title: called.text, titleMessage: called.message, ...keyOf(said), why: said.text };
}

const EMERGENCY: readonly NotChecked[] = [
  {
    id: 'emergency',
    ...told('emergency'),
  },
];

const CLEARANCE: readonly NotChecked[] = [
  {
    id: 'vendorRun',
    ...told('vendorRun'),
  },
];

const RELEASE: readonly NotChecked[] = [
  {
    id: 'deployment',
    ...told('deployment'),
  },
];

/** What nobody looked at, told with every result. It never counts as passed. */
export function notCheckedFor(basis: Basis): NotChecked[] {
  return [...(basis === 'emergency' ? EMERGENCY : basis === 'useClearance' ? CLEARANCE : RELEASE)];
}
