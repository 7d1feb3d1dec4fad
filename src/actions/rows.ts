import * as z from 'zod';
import { committed } from '../answers/record.ts';
import { rowDifferences } from '../answers/rows.ts';
import { defineAction } from './action.ts';

const tag = 'Ledger';

export const check = defineAction({
  id: 'rows.check',
  method: 'GET',
  path: 'rows/differences',
  tag,
  summary: 'Compare every record as it stands with its newest version, and name those that differ',
  answer: rowDifferences,
});

export const mend = defineAction({
  id: 'rows.mend',
  method: 'POST',
  path: 'rows/mend',
  tag,
  summary: 'Mend a record that differs from its newest version, by a new version that says why',
  writes: true,
  body: z.strictObject({
    ref: z.string().min(1).max(40),
    keep: z
      .enum(['row', 'version'])
      .describe('What is right: the record as it stands, or what its newest version says'),
    reason: z.string().min(1).max(5000),
  }),
  answer: committed,
});
