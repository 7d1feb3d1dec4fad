import { expect, test } from 'vitest';
import {
  byName,
  bytes,
  flag,
  list,
  maybe,
  members,
  moment,
  number,
  object,
  oneOf,
  orNull,
  text,
  texts,
} from './cells.ts';

const READ = {
  text,
  number,
  flag,
  bytes,
  moment,
  object,
  texts,
  named: byName(number),
  word: oneOf(['a', 'b']),
};
const GOOD: { [K in keyof typeof READ]: unknown } = {
  text: 'a word',
  number: 4,
  flag: false,
  bytes: Buffer.from('x'),
  moment: new Date(0),
  object: { a: 1 },
  texts: ['a', 'b'],
  named: { a: 1 },
  word: 'b',
};

test('each cell takes what it is for, and says of anything else which type came instead, never the value', () => {
  const kinds = Object.keys(GOOD);
  let refused = 0;
  for (const [kind, read] of Object.entries(READ)) {
    expect(read(GOOD[kind as keyof typeof GOOD])).toEqual(GOOD[kind as keyof typeof GOOD]);
    expect(() => read(null), kind).toThrow('gave null');
    expect(() => read(undefined), kind).toThrow('gave undefined');
    for (const other of kinds) {
      const value = GOOD[other as keyof typeof GOOD];
      // Bytes, moments and named numbers are objects too, and a word is text.
      if (other === kind || kind === 'object' || (kind === 'text' && other === 'word')) continue;
      if (kind === 'named' && ['object', 'bytes', 'moment'].includes(other)) continue;
      refused += 1;
      expect(() => read(value), `${kind} of ${other}`).toThrow(/^a statement was expected to give /);
      expect(() => read(value), `${kind} of ${other}`).not.toThrow('a word');
    }
  }
  expect(refused).toBeGreaterThan(50);
});

test('cells are put together', () => {
  const person = members({ name: text, roles: orNull(texts), since: maybe(number) });
  expect(person({ name: 'Ana', roles: null, more: 1 })).toEqual({
    name: 'Ana',
    roles: null,
    since: undefined,
  });
  expect(() => person({ roles: null })).toThrow('expected to give text, and gave undefined');
  expect(list(orNull(text))(['a', null])).toEqual(['a', null]);
});
