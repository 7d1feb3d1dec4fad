import { myWork, WORK_KINDS, type WorkKind } from '../app/myWork.ts';
import { workDigest } from '../app/workDigest.ts';
import { Failure } from '../base/failure.ts';
import { wholeNumber } from './listing.ts';
import { type Call, type Operation, single } from './operation.ts';

const BASE = '/api/v1/:org/my-work';

const PERSON_PARAMETER = 'person';
const PERSON_OF = 'whose; your own unless told. For an AIMS manager, and the line manager of that person';

function personOf(c: Call): string | undefined {
  const v = single(c.query, PERSON_PARAMETER);
  if (v !== undefined && !/^PSN-\d{4,9}$/.test(v))
    throw new Failure(
      'BAD_INPUT',
      `person: expected a person such as PSN-0003, got ${JSON.stringify(v.slice(0, 40))}.`,
      [{ path: `/${PERSON_PARAMETER}`, message: 'expected a person such as PSN-0003' }],
    );
  return v;
}

function kindOf(c: Call): WorkKind | undefined {
  const v = single(c.query, 'kind');
  const kind = WORK_KINDS.find((k) => k === v);
  if (v !== undefined && !kind)
    throw new Failure(
      'BAD_INPUT',
      `kind: expected one of ${WORK_KINDS.join(', ')}, got ${JSON.stringify(v.slice(0, 40))}.`,
      [{ path: '/kind', message: `expected one of ${WORK_KINDS.join(', ')}` }],
    );
  return kind;
}

/** What a person has to do, and why. */
export function myWorkOperations(): Operation[] {
  const common = { tag: 'My work', access: 'member' as const, mutates: false, method: 'GET' as const };
  return [
    {
      ...common,
      id: 'myWork',
      path: BASE,
      summary: 'What is due, waits or no longer counts for one person, and why; most urgent first',
      query: {
        person: PERSON_OF,
        kind: `only one kind: ${WORK_KINDS.join(', ')}`,
        after: 'cursor of the page before (its `next`)',
        limit: 'how many, 1 to 200; 50 unless told',
      },
      handler: (c) =>
        myWork(c.app, c.ask, {
          person: personOf(c),
          kind: kindOf(c),
          after: single(c.query, 'after'),
          limit: wholeNumber(single(c.query, 'limit') ?? '50', 'limit', 1, 200),
        }),
    },
    {
      ...common,
      id: 'myWork.digest',
      path: `${BASE}/digest`,
      summary: 'One week of it, as data for one mail',
      query: { person: PERSON_OF, week: 'ISO week such as 2027-W07; the present one unless told' },
      handler: (c) => workDigest(c.app, c.ask, { person: personOf(c), week: single(c.query, 'week') }),
    },
  ];
}
