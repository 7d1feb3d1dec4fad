import { registers } from '../../registers/index.ts';
import { toAcknowledge } from '../../store/work/acknowledgements.ts';
import type { WorkRule } from './rule.ts';
import { day, sinceOf, stepNext, why } from './words.ts';

export const acknowledgements: WorkRule = {
  kind: 'acknowledgements',
  statement: toAcknowledge,
  tells: (r) => [
    {
      rule: 'document.acknowledge',
      since: sinceOf(r),
      why: r.since ? why('acknowledge', { since: day(r.since) }) : why('acknowledgeSince'),
      next: stepNext(registers.document, 'acknowledge'),
    },
  ],
};
