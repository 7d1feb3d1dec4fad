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
  command: {
    name: 'rows check',
    says: 'Compare every record with its newest version. Exit code: 0 all agree, 1 some differ, 2 error.',
    form: 'json',
    refuses: (found) => found.total > 0,
    shows(found, say) {
      const rows = found.items.map((i) => [i.ref, i.title, i.version, i.differs.join(', ')]);
      if (rows.length > 0) say.table(['Record', 'Title', 'Version', 'Differs in'], rows);
      say.note(`${found.records} records compared, ${found.total} differ from their newest version.`);
    },
  },
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
  command: {
    name: 'rows mend',
    says: 'Mend one of them by a new version: for top management and the AIMS manager. No version is changed.',
    takes: {
      ref: { argument: true, says: 'number of the record' },
      keep: {
        as: '--keep <what>',
        says: 'what is right: the record as it stands, or what its newest version says',
      },
      reason: { as: '--reason <text>', says: 'why, kept in the new version' },
    },
    shows: ({ record }, say) => say.line(`${record.ref}, version ${record.version}`),
  },
});
