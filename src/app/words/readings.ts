import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('reading', {
  notFor: ['NOT_ALLOWED', 'You may not hand in readings of {ref}: that is for {who}.'],
  takesNone: ['WRONG_STATE', '{ref} is {state} and takes no further readings.'],
  none: ['INVALID', 'There is no reading in it; each has at least a day (to) and a value.'],
  tooMany: ['TOO_LARGE', '{number} readings were handed in; at most {most} at once. Split them.'],
  faults: [
    'INVALID',
    '{faults} of {rows} readings have a fault; nothing was stored. First: {path}: {message}.',
  ],
  notObject: ['INVALID', 'Row {row}: expected an object.'],
  unknown: ['INVALID', 'Row {row}: {name} is not known; known are {known}.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('reading.wrong', {
  holdsNone: 'holds no reading',
  listExpected: 'expected a list',
  objectExpected: 'expected an object',
  notKnown: 'is not known; known are {known}',
});
