import * as z from 'zod';
import { independence, type ReviewInputsAnswer, reviewInputsAnswer } from '../answers/assure.ts';
import { recordView } from '../answers/record.ts';
import { registers } from '../registers/index.ts';
import { defineAction } from './action.ts';
import type { Say } from './command.ts';
import { personRef } from './parts.ts';

const { audit, auditFinding, nonconformity, managementReview } = registers;

export const readIndependence = defineAction({
  id: `${audit.name}.independence`,
  method: 'GET',
  path: `${audit.name}/:ref/independence`,
  tag: 'Audit',
  summary: 'What each auditor has to do with what is audited, from the records',
  answer: independence,
  command: {
    name: 'audit independence',
    says: 'What each auditor has to do with what is audited, from the records. Exit code 1 when there is a conflict and no waiver.',
    takes: { ref: { as: 'audit', says: 'number of the audit, such as AUD-0001' } },
    form: 'text',
    refuses: (found) => !found.waiver && found.auditors.some((a) => a.conflicts.length > 0),
    shows({ auditors, from, to, waiver }, say) {
      for (const a of auditors) {
        say.line(`${a.ref} ${a.name}: ${a.result} (${from} to ${to})`);
        for (const c of a.conflicts) say.line(`  ${c.why}: ${c.ref} ${c.title} (${c.detail})`);
      }
      if (waiver) say.line(`Waived until ${waiver.until} by ${waiver.ref}.`);
    },
  },
});

export const openNonconformity = defineAction({
  id: `${auditFinding.name}.${nonconformity.name}`,
  method: 'POST',
  path: `${auditFinding.name}/:ref/${nonconformity.name}`,
  tag: 'Audit',
  summary: 'Open a nonconformity from this finding, filled in and linked to it',
  writes: true,
  status: 201,
  body: z.strictObject({
    owner: personRef.optional(),
    title: z.string({ error: 'expected text' }).min(1).max(200).optional(),
  }),
  answer: recordView,
  command: {
    name: 'audit-finding nonconformity',
    says: 'Open a nonconformity from this finding, filled in and linked to it.',
    takes: {
      ref: { as: 'finding', says: 'number of the finding, such as FND-0001' },
      owner: { as: '--owner <person>', says: 'who owns it; the person who answers the finding by default' },
      title: { as: '--title <text>', says: 'its title; that of the finding unless told' },
    },
    shows: (made, say) => say.line(`${made.ref} ${made.title}`),
  },
});

/** The inputs of a review, and whether they come out the same when they are drawn again. */
export function tellInputs({ ref, frozen, redrawn, same }: ReviewInputsAnswer, say: Say): void {
  const drawn = frozen ?? redrawn;
  say.line(`${ref}: ${frozen ? 'frozen' : 'not frozen yet; as of now,'} at ${drawn.at}`);
  for (const i of drawn.inputs) say.line(`${i.missing ? '!' : ' '} ${i.input}: ${i.found}`);
  if (same === null) return;
  say.note(`Drawn again at that point, the records say ${same ? 'the same' : 'something else'}.`);
}

export const readInputs = defineAction({
  id: `${managementReview.name}.inputs`,
  method: 'GET',
  path: `${managementReview.name}/:ref/inputs`,
  tag: 'Management review',
  summary: 'What the records say for a review: as frozen, and drawn again at the same checkpoint',
  answer: reviewInputsAnswer,
  command: {
    name: 'review inputs',
    says: 'Show the inputs, and draw them again at the same checkpoint. Exit code 1 when the records say something else.',
    takes: { ref: { as: 'review', says: 'number of the review, such as MRV-0001' } },
    form: 'text',
    refuses: (found) => found.same === false,
    shows: tellInputs,
  },
});
