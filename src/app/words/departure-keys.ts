import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('departure.keys', {
  unsaid: [
    'CONFLICT',
    '{ref} made {number, plural, one {an API key that still works} other {{number} API keys that still work}}: {keys}. Say what becomes of them: keep, when others use them and the secret is not with {ref}, or revoke.',
  ],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('departure.keys.wrong', {
  keepOrRevoke: 'expected keep or revoke',
});
