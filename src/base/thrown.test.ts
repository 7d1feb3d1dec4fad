import { expect, test } from 'vitest';
import { codeOf, messageOf, thrown } from './thrown.ts';

test('what was thrown is read for what it is, whatever it is', () => {
  const error = Object.assign(new Error('gone', { cause: 'why' }), { code: 'ENOENT', statusCode: 404 });
  expect(thrown(error)).toMatchObject({
    name: 'Error',
    message: 'gone',
    code: 'ENOENT',
    statusCode: 404,
    cause: 'why',
  });
  expect([codeOf(error), messageOf(error)]).toEqual(['ENOENT', 'gone']);
  for (const strange of [undefined, null, 'text', 7]) {
    expect(thrown(strange)).toEqual({});
    expect([codeOf(strange), messageOf(strange)]).toEqual([undefined, String(strange)]);
  }
  expect(thrown({ code: 7, message: null, name: [] })).toEqual({});
});
