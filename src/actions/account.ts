import * as z from 'zod';
import { invited, me, setup, signedOut } from '../answers/account.ts';
import { defineAction } from './action.ts';

const tag = 'Account';
const access = 'public';

export const readSetup = defineAction({
  id: 'setup.read',
  method: 'GET',
  path: '/api/v1/setup',
  tag,
  access,
  summary: 'Whether the first account is still to be made',
  answer: setup,
});

export const createSetup = defineAction({
  id: 'setup.create',
  method: 'POST',
  path: '/api/v1/setup',
  tag,
  access,
  summary: 'First run: the organisation and the first account; the token stands in the link printed at start',
  writes: true,
  status: 201,
  body: z.strictObject({
    token: z.string().max(200),
    name: z.string().min(1).max(200),
    email: z.string().min(3).max(200),
    password: z.string().max(200),
    organisation: z.string().min(1).max(200),
    size: z.number({ error: 'expected a whole number of people' }).int().min(1).max(10_000_000).optional(),
  }),
  answer: me,
});

export const signIn = defineAction({
  id: 'session.create',
  method: 'POST',
  path: '/api/v1/sign-in',
  tag,
  access,
  summary: 'Sign in; sets a session cookie',
  body: z.strictObject({ email: z.string().max(300), password: z.string().max(300) }),
  answer: me,
});

export const signOut = defineAction({
  id: 'session.end',
  method: 'POST',
  path: '/api/v1/sign-out',
  tag,
  access,
  summary: 'Sign out; ends the session',
  answer: signedOut,
});

export const readInvitation = defineAction({
  id: 'invitation.read',
  method: 'GET',
  path: '/api/v1/invitations/:token',
  tag,
  access,
  summary: 'Whom an invitation is for',
  answer: invited,
});

export const acceptInvitation = defineAction({
  id: 'invitation.accept',
  method: 'POST',
  path: '/api/v1/invitations/accept',
  tag,
  access,
  summary: 'Accept an invitation with a password of your own',
  writes: true,
  body: z.strictObject({ token: z.string().max(200), password: z.string().max(200) }),
  answer: me,
});

export const whoAmI = defineAction({
  id: 'me',
  method: 'GET',
  path: '/api/v1/me',
  tag,
  access: 'account',
  summary: 'Who you are, and your organisations',
  answer: me,
  command: {
    name: 'whoami',
    heading: 'Account:',
    says: 'Whom the server takes you for, and your roles.',
    form: 'json',
    shows(me, say) {
      const email = me.email ? ` <${me.email}>` : '';
      say.line(`${me.name}${email}${me.kind === 'apiKey' ? ' (API key)' : ''} at ${say.here.url}`);
      for (const o of me.organisations) {
        const roles = o.roles?.join(', ') || 'no role';
        const current = o.slug === say.here.org ? ' (in use)' : '';
        say.line(`  ${o.slug}: ${o.name}${o.ref ? `, ${o.ref}` : ''}, ${roles}${current}`);
      }
    },
  },
});
