import { importAnswer, importInspection } from '../answers/exchange.ts';
import {
  changedRecord,
  disclosure,
  recordExport,
  recordList,
  recordPage,
  versions,
} from '../answers/record.ts';
import { inSentence } from '../register/describe.ts';
import type { Register } from '../register/register.ts';
import { defineAction } from './action.ts';
import { AS_OF, asOf, type Param, raw, yes } from './params.ts';

/**
 * What every register has of its own, said once for all of them: `:register` in the path is its name. Bodies of writes are made from the declaration of
 * the register; the interface checks them.
 */
const one = (r: Register) => inSentence(r.label.one);
const many = (r: Register) => inSentence(r.label.many);
const tag = (r: Register) => r.label.many;
/** Read by whoever answers. */
const asGiven = (says: string): Param<string | undefined, string | number | boolean> => raw(says);

/** Whoever asks may spell it out; a register with a column of that name takes its numbers there. */
const counted: Param<boolean, string | number | boolean> = yes('`true` counts all matches');

/** Beside these, a column of the register is a filter. */
const ask = {
  limit: asGiven('how many, 1 to 200; 50 unless told'),
  after: raw('cursor of the page before (its `next`)'),
  sort: raw('a column; with - in front descending'),
  q: raw('words to search for; the last may be unfinished'),
  total: counted,
  columns: raw(
    'only these fields, links and derived values of each record, such as `title,owner`; all unless told',
  ),
  asOf: raw(AS_OF),
};

export const list = defineAction({
  id: 'list',
  method: 'GET',
  path: ':register',
  tag,
  summary: (r) => `${r.label.many}, a page at a time`,
  query: ask,
  answer: recordList,
});

export const read = defineAction({
  id: 'get',
  method: 'GET',
  path: ':register/:ref',
  tag,
  summary: (r) => `One ${one(r)} with what it links to and what you may do with it`,
  query: { asOf },
  answer: recordPage,
});

export const listVersions = defineAction({
  id: 'versions',
  method: 'GET',
  path: ':register/:ref/versions',
  tag,
  summary: (r) => `Every version of one ${one(r)}, newest first`,
  query: { after: asGiven('number of the last version seen'), asOf },
  answer: versions,
});

export const prove = defineAction({
  id: 'proof',
  method: 'GET',
  path: ':register/:ref/proof',
  tag,
  summary: (r) => `File that proves offline what a version of one ${one(r)} says`,
  query: {
    version: asGiven('which version; the present one unless told'),
    latest: asGiven(
      '`true`: instead, which version was the newest at the last daily snapshot; a number: at the last one below that size of the log',
    ),
  },
  answer: disclosure,
});

export const exportAll = defineAction({
  id: 'export',
  method: 'GET',
  path: ':register/export',
  tag,
  summary: (r) => `All ${many(r)} as CSV, JSON or XLSX`,
  query: { format: raw('csv, json or xlsx'), asOf },
  answer: recordExport,
});

export const create = defineAction({
  id: 'create',
  method: 'POST',
  path: ':register',
  tag,
  summary: (r) => `Create one ${one(r)}`,
  writes: true,
  status: 201,
  body: 'json',
  answer: changedRecord,
});

const format = raw('csv, json or xlsx; from the content type or the file itself unless told');
const sheet = raw('sheet of a workbook; the first one that is shown unless told');

export const importAll = defineAction({
  id: 'import',
  method: 'POST',
  path: ':register/import',
  tag,
  summary: (r) => `Create or update many ${many(r)} from CSV, JSON or XLSX, all or none`,
  writes: true,
  body: 'file',
  query: {
    format,
    dryRun: yes('`true` only checks'),
    sheet,
    mapping: raw('JSON object: heading of a column -> field, or null to leave the column out'),
    onBehalfOf: raw('person who wrote the records originally, such as PSN-0003'),
  },
  answer: importAnswer,
});

export const inspectImport = defineAction({
  id: 'importInspect',
  method: 'POST',
  path: ':register/import/inspect',
  tag,
  summary: (r) => `Look into a file of ${many(r)} and propose what its columns are; nothing is stored`,
  body: 'file',
  query: { format, sheet },
  answer: importInspection,
});

export const templateXlsx = defineAction({
  id: 'templateXlsx',
  method: 'GET',
  path: ':register/template.xlsx',
  tag,
  summary: (r) => `Workbook to fill in and import: headings, lists to choose from, help for ${many(r)}`,
  answer: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
});

export const templateCsv = defineAction({
  id: 'template',
  method: 'GET',
  path: ':register/template.csv',
  tag,
  summary: (r) => `Head line for importing ${many(r)}`,
  answer: 'text/csv',
});

export const edit = defineAction({
  id: 'edit',
  method: 'PATCH',
  path: ':register/:ref',
  tag,
  summary: (r) => `Change one ${one(r)}; null clears a field`,
  writes: true,
  body: 'json',
  answer: changedRecord,
});

/** A step of the register's workflow; its own summary names it. */
export const take = defineAction({
  id: 'step',
  method: 'POST',
  path: ':register/:ref/:step',
  tag,
  summary: (r) => `Take a step of one ${one(r)}`,
  writes: true,
  body: 'json',
  answer: changedRecord,
});
