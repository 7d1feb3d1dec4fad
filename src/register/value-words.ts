import { failures } from '../base/refusals.ts';
import { catalogue, type Sentence } from '../base/sentence.ts';

/** What is wrong with a value. */
export const say = catalogue('value', {
  text: 'expected text',
  notEmpty: 'must not be empty',
  mostCharacters: 'must be at most {max} characters',
  noBroken: 'must not hold NUL or broken characters',
  notBlank: 'must not be blank',
  oneOf: 'must be one of {options}',
  noNul: 'must not hold NUL',
  number: 'expected a number',
  atLeast: 'must be at least {min}',
  atMost: 'must be at most {max}',
  whole: 'expected a whole number',
  yesNo: 'expected true or false',
  oneLine: 'must be one line',
  fromTo: 'must be from {min} to {max}',
  list: 'expected a list',
  noRepeat: 'must not repeat a choice',
  someone: 'expected a person',
  someoneSuch: 'expected a person such as PSN-0001',
  people: 'expected a list of people',
  noTwice: 'must not name a person twice',
  day: 'expected a day',
  daySuch: 'expected a day such as 2027-03-31',
  moment: 'expected a point in time',
  momentSuch: 'expected a point in time such as 2027-03-31T08:00:00Z',
  duration: 'expected a duration',
  durationSuch: 'expected a duration such as PT15M or P30D',
  address: 'expected an address',
  addressSuch: 'expected an address that begins with https:// or http://',
  digest: 'expected a digest',
  sha256: 'expected sha256: and 64 hex digits',
  sha: 'expected sha256:, sha384: or sha512: and the hex digits of that length',
  row: 'expected a row with the named cells',
  rows: 'expected a list of rows',
  mostRows: 'must have at most {most} rows',
  reference: 'expected a reference such as SYS-0001',
  references: 'expected a list of references',
  twice: 'names a record twice',
  needs: 'needs at least {min}',
  takes: '{max, plural, one {takes one reference} other {takes at most {max} references}}',
  missing: 'is missing; {expected}',
  notKnown: 'is not known here; known: {known}',
  notEmptied: 'cannot be emptied',
});

export const no = failures('value.refused', {
  place: ['INVALID', '{register}: {place} {wrong}{more, plural, =0 {} other { (and {more} more)}}.'],
  body: ['INVALID', '{register}: the body {wrong}{more, plural, =0 {} other { (and {more} more)}}.'],
  emptied: ['INVALID', '{register}: {field} cannot be emptied; it is needed from the start.'],
});

/** Schemas tell what is wrong as a text alone. They are made once for what is declared, so that these are as few as their sentences. */
const sentences = new Map<string, Sentence>();

/** The text for a schema, by which `saidOf` finds the sentence again. */
export function told(said: Sentence): string {
  sentences.set(said.text, said);
  return said.text;
}

export const saidOf = (text: string): Sentence | undefined => sentences.get(text);
