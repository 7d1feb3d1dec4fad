import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('capa', {
  verifierBy: ['NOT_ALLOWED', '{ref} is {state}: who checks it is changed by {who}.'],
  closed: [
    'WRONG_STATE',
    '{number, plural, one {{refs} is} other {{refs} are}} closed: reopen first, then plan another action.',
  ],
  staysWith: [
    'WRONG_STATE',
    '{ref} was agreed on before, for {refs}, and stays with it. If it is not needed, drop it with the reason ({who}).',
  ],
  lookMore: [
    'REQUIREMENTS_MISSING',
    '{ref}: {needed} cases at least have to be looked at, as was agreed; {seen} were. Look at more, then confirm.',
  ],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('capa.wrong', {
  byManager: 'is changed by an AIMS manager',
  isClosed: '{ref} is closed',
  waits: '{ref} waits for this action',
  atLeast: 'must be at least {needed}',
  wasBefore: '{ref} was {state} before',
  didNotWork: '{ref} did not work',
});
