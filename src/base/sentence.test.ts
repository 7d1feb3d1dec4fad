import { expect, it } from 'vitest';
import { failures, refusals } from './refusals.ts';
import { catalogue, inEnglish, piecesOf, worded } from './sentence.ts';

const say = catalogue('test', {
  plain: 'Nothing is wrong.',
  cases: '{ref}: {n, plural, =0 {no case} one {{n} case} other {{n} cases of {what}}} failed.',
  way: '{who} {how, select, alone {decided alone} other {approved}} {refs}.',
  list: 'Ask {who}: {details}.',
});

it('keeps id and parameters beside the English', () => {
  expect(say('plain')).toEqual({ message: 'test.plain', params: {}, text: 'Nothing is wrong.' });
  const params = { ref: 'TST-0001', n: 1200, what: 'injection' };
  expect(say('cases', params)).toEqual({
    message: 'test.cases',
    params,
    text: 'TST-0001: 1200 cases of injection failed.',
  });
});

it('chooses by number and by word', () => {
  const cases = (n: number) => say('cases', { ref: 'A', n, what: 'b' }).text;
  expect([0, 1, 2].map(cases)).toEqual([
    'A: no case failed.',
    'A: 1 case failed.',
    'A: 2 cases of b failed.',
  ]);
  expect(say('way', { who: 'Ana', how: 'alone', refs: ['A', 'B', 'C'] }).text).toBe(
    'Ana decided alone A, B and C.',
  );
  expect(say('way', { who: 'Ana', how: 'other', refs: [] }).text).toBe('Ana approved .');
});

it('joins lists as they are meant, sentences within them included', () => {
  const who = { join: 'orElse', items: [worded('who.owner', 'the owner'), 'Ana'] } as const;
  const details = { join: 'comma', items: ['a', say('plain')] } as const;
  expect(say('list', { who, details }).text).toBe('Ask the owner or Ana: a, Nothing is wrong..');
});

it('can be said again from id and parameters alone', () => {
  const said = say('cases', { ref: 'A', n: 2, what: 'b' });
  expect(inEnglish('{ref}: {n, plural, other {{n} of {what}}}', said.params)).toBe('A: 2 of b');
});

it('takes what a parameter says as it is', () => {
  const braces = '{ref} {n, plural, other {x}} $& \\';
  expect(say('cases', { ref: braces, n: 1, what: '' }).text).toBe(`${braces}: 1 case failed.`);
});

it('refuses what is no message, and an area that is declared twice', () => {
  for (const wrong of ['{ref', '{a b}', '{n, number}', '{n, plural, one {x}}', '{n, plural, other x}'])
    expect(() => piecesOf(wrong), wrong).toThrow();
  expect(() => catalogue('test', {})).toThrow('twice');
});

it('makes failures with code, id, parameters and problems', () => {
  const table = {
    gone: ['NOT_FOUND', 'There is no {ref}.'],
    late: ['CONFLICT', 'It is too late.'],
  } as const;
  const no = failures('test.failures', table);
  const at = [{ path: '/x', message: 'is wrong' }];
  expect(no('gone', { ref: 'A' }, at)).toMatchObject({
    code: 'NOT_FOUND',
    message: 'There is no A.',
    said: { message: 'test.failures.gone', params: { ref: 'A' } },
    problems: at,
  });
  expect(no('late', at)).toMatchObject({ code: 'CONFLICT', problems: at, said: { params: {} } });
  expect(refusals('test.refusals', table)('late')).toMatchObject({ id: 'late', problems: [] });
});

/** Never called: what must not compile. */
const wrongs = () => {
  // @ts-expect-error an unknown id
  say('nope');
  // @ts-expect-error a parameter too many, where there are none
  say('plain', { a: 1 });
  // @ts-expect-error one is missing
  say('cases', { ref: 'a', n: 1 });
  // @ts-expect-error a number is wanted
  say('cases', { ref: 'a', n: '1', what: 'x' });
  // @ts-expect-error one too many
  say('cases', { ref: 'a', n: 1, what: 'x', more: 1 });
  // @ts-expect-error no branch of that name
  say('way', { who: 'a', how: 'maybe', refs: [] });
  // @ts-expect-error parameters are missing
  say('list');
};
void wrongs;
