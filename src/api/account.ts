import * as z from 'zod';
import { acceptInvitation, firstRun } from '../app/people.ts';
import { Failure } from '../base/failure.ts';
import { firstRunOver } from '../store/first-run.ts';
import { checked } from './body.ts';
import { addressOf } from './front.ts';
import type { Call, Operation } from './operation.ts';
import type { ServerOptions } from './options.ts';

const setupBody = z.strictObject({
  token: z.string().max(200),
  name: z.string().min(1).max(200),
  email: z.string().min(3).max(200),
  password: z.string().max(200),
  organisation: z.string().min(1).max(200),
  size: z.number({ error: 'expected a whole number of people' }).int().min(1).max(10_000_000).optional(),
});
const signInBody = z.strictObject({ email: z.string().max(300), password: z.string().max(300) });
const acceptBody = z.strictObject({ token: z.string().max(200), password: z.string().max(200) });

/** Answers who signed in, and sets the session cookie. */
async function session(c: Call, email: string, password: string) {
  const { setCookie } = await c.app.identity.signIn({
    email,
    password,
    ip: addressOf(c.request),
    userAgent: c.request.headers['user-agent'],
  });
  c.reply.header('set-cookie', setCookie);
  const cookie = setCookie.map((s) => s.split(';')[0]).join('; ');
  return shown(await c.app.identity.whoAmI({ cookie }));
}

/** Who somebody is, without the internal number of the account. */
function shown(who: Awaited<ReturnType<Call['app']['identity']['whoAmI']>>) {
  if (!who) throw new Failure('NOT_SIGNED_IN', 'Sign in, or send an API key.');
  const { userId: _, ...rest } = who;
  return rest;
}

/** First run, sign-in, invitations: what can be asked for before one is known. */
export function accountOperations(o: Pick<ServerOptions, 'firstRunToken' | 'demo'>): Operation[] {
  const common = { tag: 'Account', access: 'public' as const, mutates: false };
  return [
    {
      ...common,
      id: 'setup.read',
      method: 'GET',
      path: '/api/v1/setup',
      summary: 'Whether the first account is still to be made',
      handler: async (c) => ({
        firstRun: !(await c.app.identity.hasAccounts()),
        demo: o.demo !== undefined,
        ...(o.demo ? { demoPeople: o.demo.people, demoPassword: o.demo.password } : {}),
      }),
    },
    {
      ...common,
      id: 'setup.create',
      method: 'POST',
      path: '/api/v1/setup',
      summary:
        'First run: the organisation and the first account; the token stands in the link printed at start',
      mutates: true,
      status: 201,
      input: setupBody,
      handler: async (c) => {
        const body = checked(setupBody, c.body);
        if (await c.app.identity.hasAccounts()) throw firstRunOver();
        if (!o.firstRunToken(body.token))
          throw new Failure(
            'NOT_ALLOWED',
            'This link is not the one printed at the last start; take that one.',
          );
        await firstRun(c.app, { ...body, ip: addressOf(c.request) });
        c.reply.code(201);
        return session(c, body.email, body.password);
      },
    },
    {
      ...common,
      id: 'session.create',
      method: 'POST',
      path: '/api/v1/sign-in',
      summary: 'Sign in; sets a session cookie',
      input: signInBody,
      handler: async (c) => {
        const { email, password } = checked(signInBody, c.body);
        return session(c, email, password);
      },
    },
    {
      ...common,
      id: 'session.end',
      method: 'POST',
      path: '/api/v1/sign-out',
      summary: 'Sign out; ends the session',
      body: 'none',
      handler: async (c) => {
        const { setCookie } = await c.app.identity.signOut(c.request.headers.cookie);
        c.reply.header('set-cookie', setCookie);
        return { signedOut: true };
      },
    },
    {
      ...common,
      id: 'invitation.read',
      method: 'GET',
      path: '/api/v1/invitations/:token',
      summary: 'Whom an invitation is for',
      handler: async (c) => {
        const open = await c.app.identity.readInvitation(c.params.token!);
        if (!open)
          throw new Failure('NOT_FOUND', 'This invitation has been used or has expired. Ask for a new one.');
        return { organisation: open.organisationName, name: open.name, email: open.email };
      },
    },
    {
      ...common,
      id: 'invitation.accept',
      method: 'POST',
      path: '/api/v1/invitations/accept',
      summary: 'Accept an invitation with a password of your own',
      mutates: true,
      input: acceptBody,
      handler: async (c) => {
        const { token, password } = checked(acceptBody, c.body);
        const { email } = await acceptInvitation(c.app, { token, password, ip: addressOf(c.request) });
        return session(c, email, password);
      },
    },
    {
      ...common,
      id: 'me',
      method: 'GET',
      path: '/api/v1/me',
      access: 'account',
      summary: 'Who you are, and your organisations',
      handler: async (c) => {
        return shown(await c.app.identity.whoAmI(c.request.headers));
      },
    },
  ];
}
