import { added, filesChecked, inspection } from '../answers/evidence.ts';
import { registers } from '../registers/index.ts';
import { defineAction } from './action.ts';
import { day, whole, words } from './params.ts';

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

export const add = defineAction({
  id: `${evidence.name}.add`,
  method: 'POST',
  path: `${evidence.name}/add`,
  tag,
  summary: 'Hand in a result file: evidence and recounted test run',
  writes: true,
  status: 201,
  body: 'bytes',
  query: {
    release: words('the release it was run on', 40),
    fileName,
    title: words('title; from the file unless told', 200),
    claim: words('what it shows', 1000),
    coversFrom: day('first day it covers'),
    coversTo: day('last day it covers'),
  },
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
