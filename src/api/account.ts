import * as action from '../actions/account.ts';
import { acceptInvitation, firstRun } from '../app/people/people.ts';
import { Failure } from '../base/failure.ts';
import { firstRunOver } from '../store/db/first-run.ts';
import { addressOf } from './front.ts';
import type { Call, Operation } from './operation.ts';
import type { ServerOptions } from './options.ts';
import { serve } from './serve.ts';

/** Answers who signed in, and sets the session cookie. */
async function session(c: Pick<Call, 'app' | 'request' | 'reply'>, email: string, password: string) {
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
export const accountOperations = (o: Pick<ServerOptions, 'firstRunToken' | 'demo'>): Operation[] => [
  ...serve(action.readSetup, async ({ app }) => ({
    firstRun: !(await app.identity.hasAccounts()),
    demo: o.demo !== undefined,
    ...(o.demo ? { demoPeople: o.demo.people, demoPassword: o.demo.password } : {}),
  })),
  ...serve(action.createSetup, async (c) => {
    if (await c.app.identity.hasAccounts()) throw firstRunOver();
    if (!o.firstRunToken(c.body.token))
      throw new Failure('NOT_ALLOWED', 'This link is not the one printed at the last start; take that one.');
    await firstRun(c.app, { ...c.body, ip: addressOf(c.request) });
    return session(c, c.body.email, c.body.password);
  }),
  ...serve(action.signIn, (c) => session(c, c.body.email, c.body.password)),
  ...serve(action.signOut, async ({ app, request, reply }) => {
    const { setCookie } = await app.identity.signOut(request.headers.cookie);
    reply.header('set-cookie', setCookie);
    return { signedOut: true };
  }),
  ...serve(action.readInvitation, async ({ app, params }) => {
    const open = await app.identity.readInvitation(params.token);
    if (!open)
      throw new Failure('NOT_FOUND', 'This invitation has been used or has expired. Ask for a new one.');
    return { organisation: open.organisationName, name: open.name, email: open.email };
  }),
  ...serve(action.acceptInvitation, async (c) => {
    const { token, password } = c.body;
    const { email } = await acceptInvitation(c.app, { token, password, ip: addressOf(c.request) });
    return session(c, email, password);
  }),
  ...serve(action.whoAmI, async ({ app, request }) => shown(await app.identity.whoAmI(request.headers))),
];
