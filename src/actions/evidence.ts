import { added, filesChecked, inspection } from '../answers/evidence.ts';
import { registers } from '../registers/index.ts';
import { defineAction } from './action.ts';
import { day, numbers, whole, words } from './params.ts';

const { evidence } = registers;
const tag = 'Evidence';
const fileName = words('name of the file', 300);

export const inspect = defineAction({
  id: `${evidence.name}.inspect`,
  method: 'POST',
  path: `${evidence.name}/inspect`,
  tag,
  summary: 'Read a result file and say what was understood; nothing is stored',
  body: 'bytes',
  query: { fileName },
  answer: inspection,
});

/** What evidence is handed in with, whatever it is. */
const handedIn = {
  for: numbers('records that it supports, such as CTL-0007,RSK-0012'),
  title: words('title; from the file unless told', 200),
  claim: words('what it shows', 1000),
  coversFrom: day('first day it covers'),
  coversTo: day('last day it covers'),
  captured: day('day on which it was captured'),
  holdsUntil: day('last day on which it supports anything'),
  supersedes: words('evidence of which it is a newer version; it supports the same records unless told', 40),
};

export const add = defineAction({
  id: `${evidence.name}.add`,
  method: 'POST',
  path: `${evidence.name}/add`,
  tag,
  summary: 'Hand in a file as evidence; a test report becomes a recounted test run, too',
  writes: true,
  status: 201,
  body: 'bytes',
  query: {
    release: words('the release that a test report is of: any other file is refused', 40),
    fileName,
    ...handedIn,
  },
  answer: added,
});

export const refer = defineAction({
  id: `${evidence.name}.refer`,
  method: 'POST',
  path: `${evidence.name}/refer`,
  tag,
  summary: 'Record what another system keeps as evidence: it counts as declared',
  writes: true,
  status: 201,
  query: { reference: words('address, or system and number there', 2000), ...handedIn },
  answer: added,
});

export const checkFiles = defineAction({
  id: `${evidence.name}.files`,
  method: 'GET',
  path: `${evidence.name}/files`,
  tag,
  summary: 'Compare stored files with the digests on record; those that are gone or altered are named',
  query: { after: whole('`next` of the page before', 0, 2 ** 31 - 1, 0) },
  answer: filesChecked,
});

export const file = defineAction({
  id: `${evidence.name}.file`,
  method: 'GET',
  path: `${evidence.name}/:ref/file`,
  tag,
  summary: 'The stored file, byte for byte',
  answer: 'application/octet-stream',
});

export const preview = defineAction({
  id: `${evidence.name}.preview`,
  method: 'GET',
  path: `${evidence.name}/:ref/preview`,
  tag,
  summary:
    'What of the stored file can be shown in a frame: a picture, or the beginning of a text as plain text',
  answer: 'text/plain',
});
