import { failures } from '../../base/refusals.ts';

export const no = failures('api.account', {
  signIn: ['NOT_SIGNED_IN', 'Sign in, or send an API key.'],
  otherLink: ['NOT_ALLOWED', 'This link is not the one printed at the last start; take that one.'],
  invitationGone: ['NOT_FOUND', 'This invitation has been used or has expired. Ask for a new one.'],
});
