import { expect, test } from 'vitest';
import type { Field } from './field.ts';
import { joinList, KINDS, kindOf, splitList } from './kinds.ts';

const AWKWARD = [
  'a',
  'a; b',
  'a;b',
  ';',
  '"',
  'say "yes"',
  '"quoted"',
  ' before',
  'after ',
  'two\nlines',
  'cr\rhere',
  'comma, too',
  '',
];

test('words of a cell come back as they were, whatever stands in them', () => {
  let pairs = 0;
  for (const first of AWKWARD)
    for (const second of AWKWARD) {
      pairs += 1;
      expect(splitList(joinList([first, second])), JSON.stringify([first, second])).toEqual([first, second]);
    }
  expect(pairs).toBe(169);
  expect(joinList(['a', 'b'])).toBe('a; b');
  expect(joinList(['a; b', 'say "c"'])).toBe('"a; b"; "say ""c"""');
});

test('every kind that holds several words writes and reads its cell so', () => {
  const several: string[] = [];
  for (const kind of Object.keys(KINDS) as Field['kind'][]) {
    const field = { kind, label: 'X', options: AWKWARD } as unknown as Field;
    const { text, parse } = kindOf(field);
    if (kind === 'table' || !/[;]/.test(text(['a', 'b'], field))) continue;
    several.push(kind);
    expect(parse(text(AWKWARD, field), field), kind).toEqual(AWKWARD);
  }
  expect(several).toEqual(['choices', 'people']);
});
