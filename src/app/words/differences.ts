import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('differences', {
  fromMissing: ['BAD_INPUT', 'from: say from when on: a time, a day, or a size of the log.'],
  exchange: [
    'BAD_INPUT',
    'from: entry {size} of log {log} ({at}) comes after to, entry {toSize} of log {toLog} ({toAt}); exchange them.',
  ],
  noRegister: ['BAD_INPUT', 'register: there is no register {name}; there are {known}.'],
  otherCursor: [
    'BAD_INPUT',
    'after: this cursor does not belong to these differences; begin again without it.',
  ],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('differences.wrong', {
  missing: 'is missing',
  after: 'comes after to',
  notKnown: 'is not known',
  notCursor: 'is not a cursor of these differences',
});
