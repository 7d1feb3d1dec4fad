import * as z from 'zod';
import { recordView } from './record.ts';
import { type Answer, flag, list, number, object, text } from './shape.ts';

/** Number of cases by verdict; `total` is their sum. Counted from the rows, never read from a summary. */
export const counts = object({
  error: number,
  inconclusive: number,
  total: number,
  fail: number,
  pass: number,
  skipped: number,
});
export type Counts = Answer<typeof counts>;

export const inspection = object({
  format: z.literal('promptfoo.results').nullable(),
  formatVersion: text.nullable(),
  tool: object({ name: text, version: text.nullable() }).nullable(),
  counts,
  reported: object({ pass: number, fail: number, error: number }).nullable(),
  hazards: list(object({ id: text, planned: number.nullable(), executed: number, failed: number })),
  subjects: list(
    object({
      role: z.enum(['system', 'model']),
      name: text,
      version: text.nullable(),
      provider: text.nullable(),
    }),
  ),
  findings: list(
    object({
      code: text,
      severity: z.enum(['refuse', 'flag', 'info']),
      location: text,
      message: text,
    }),
  ),
  accepted: flag,
  kind: z.enum(['eval', 'redteam']),
  status: z.enum(['complete', 'incomplete']),
  sha256: text,
  toolRunId: text.nullable(),
  startedAt: text.nullable(),
  endedAt: text.nullable(),
});
export type Inspection = Answer<typeof inspection>;

export const added = object({
  evidence: recordView,
  testRun: recordView.optional().describe('Of a test report: the run counted from its rows'),
  inspection: inspection.optional().describe('Of a test report'),
  already: flag.optional().describe('True when it was there already, for these records: nothing was written'),
  misnamed: text.optional().describe('The end of its name, where its bytes are something else'),
});
export type Added = Answer<typeof added>;

export const filesChecked = object({
  checked: number,
  damaged: list(object({ ref: text, message: text })).describe('Files that are gone, cut short or altered'),
  next: number.nullable().describe('Number of the last one looked at, when there are more'),
});
export type FilesChecked = Answer<typeof filesChecked>;
