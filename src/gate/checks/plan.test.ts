import { testRefusals } from '../testing/refusals.ts';
import { hex } from '../testing/scene.ts';

testRefusals([
  ['no plan', 'plan', 'missing', (s) => delete s.plan, /has no verification plan/],
  ['plan in draft', 'plan', 'missing', (s) => (s.plan!.state = 'draft'), /VPL-0001 .* is not fixed/],
  [
    'plan fixed after the run',
    'plan',
    'failed',
    (s) => (s.plan!.fixedAt = '2027-03-12T10:30:00.000Z'),
    /after TST-0001 had started/,
  ],
  [
    'plan changed after it was fixed',
    'plan',
    'failed',
    (s) => (s.plan!.planDigest = hex(99)),
    /changed after it was fixed/,
  ],
  [
    'plan whose fixed version was erased',
    'plan',
    'missing',
    (s) => (s.plan = { ...s.plan!, planDigest: undefined, erased: ['text'] }),
    /said when it was fixed was erased since \(text\)/,
  ],
  [
    'plan erased since, of an earlier state',
    'plan',
    'missing',
    (s) => {
      s.incomparable = ['VPL-0001'];
      s.plan!.planDigest = hex(99);
    },
    /not known whether VPL-0001 .* is still what was fixed/,
  ],
  [
    'plan fixed by its author',
    'plan',
    'missing',
    (s) => (s.authors['VPL-0001'] = { 'PSN-0003': 1 }),
    /Nobody other than its author has fixed/,
  ],
  [
    'plan for another system',
    'plan',
    'failed',
    (s) => (s.plan!.links.system = ['SYS-0002']),
    /for another AI system/,
  ],
]);
