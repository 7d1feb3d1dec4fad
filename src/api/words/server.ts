import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('api.server', {
  nothing: ['NOT_FOUND', 'There is nothing at {method} {url}.'],
  object: ['INVALID', 'The body: expected a JSON object.'],
  signIn: ['NOT_SIGNED_IN', 'Sign in first, or send a valid API key as "Authorization: Bearer aims_…".'],
  noOrganisation: ['NOT_FOUND', 'There is no organisation {organisation} for you.'],
  idempotencyKey: ['BAD_INPUT', 'Idempotency-Key: expected 1 to 200 characters.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('api.server.wrong', {
  objectExpected: 'expected an object',
  wrongLength: 'has a wrong length',
});
