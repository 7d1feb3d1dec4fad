import { digest, myWork, WORK_KINDS } from '../answers/work.ts';
import { defineAction } from './action.ts';
import { cursor, limit, numbered, oneOf, words } from './params.ts';

const tag = 'My work';
const person = numbered(
  'whose; your own unless told. For an AIMS manager, and the line manager of that person',
  'a person',
  'PSN-0003',
  /^PSN-\d{4,9}$/,
);

export const readWork = defineAction({
  id: 'myWork',
  method: 'GET',
  path: 'my-work',
  tag,
  summary: 'What is due, waits or no longer counts for one person, and why; most urgent first',
  query: {
    person,
    kind: oneOf(`only one kind: ${WORK_KINDS.join(', ')}`, WORK_KINDS),
    after: cursor,
    limit,
  },
  answer: myWork,
});

export const readDigest = defineAction({
  id: 'myWork.digest',
  method: 'GET',
  path: 'my-work/digest',
  tag,
  summary: 'One week of it, as data for one mail',
  query: { person, week: words('ISO week such as 2027-W07; the present one unless told') },
  answer: digest,
});
