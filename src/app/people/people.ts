import type { Committed } from '../../answers/record.ts';
import { deed } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { invitationFailure } from '../../identity/index.ts';
import { contentsFrom, freshContents, parseInput } from '../../register/values.ts';
import type { Actor, Role } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { finishFirstRun, firstRunFailure } from '../../store/db/first-run.ts';
import type { App, Asking } from '../context.ts';
import { createChecked, createRuled, type TransitionInput, transitRecord } from '../write/commit.ts';
import { demandCreate } from '../write/create.ts';
import { createOrganisation, type Organisation, slugOf } from './organisations.ts';

/** The system itself, when no person stands behind an act. */
export const engineActor = (o: { id: number; slug: string }): Actor => ({
  organisation: o.id,
  organisationSlug: o.slug,
  kind: 'engine',
  ref: 'engine',
  name: 'OpenAIMS',
  roles: [],
});

/** Creates a person with an account behind them, without an invitation: the first run, and the demo. */
export async function createMember(
  app: App,
  organisation: Organisation,
  o: {
    name: string;
    email: string;
    roles: Role[];
    userId: string;
    manager?: string;
    /** Uses the first run up, in the same transaction. */
    firstRun?: boolean;
  },
): Promise<Committed> {
  const register = app.registry.of(registers.person);
  const { userId, firstRun, ...input } = o;
  return createChecked(
    app,
    { actor: engineActor(organisation) },
    register,
    contentsFrom(register, input, 'engine'),
    {
      as: 'engine',
      state: 'active',
      also: (ref) => [
        ...(firstRun ? [finishFirstRun(app.clock.now())] : []),
        app.identity.membership({ organisation: organisation.id, userId, personRef: ref }),
      ],
    },
  );
}

/**
 * The first run: the organisation, its log, the first account. Whoever holds the printed link is top management and AIMS manager. Of
 * several at once one gets through, and the others leave no organisation and no member. Begun and broken off, it can be begun again.
 * Throws ALREADY_EXISTS when it is over, CONFLICT when it was begun for another organisation.
 */
export async function firstRun(
  app: App,
  o: { name: string; email: string; password: string; organisation: string; size?: number; ip: string },
): Promise<{ organisation: Organisation }> {
  const { userId } = await app.identity.openAccount(o);
  try {
    const organisation = await createOrganisation(app, {
      name: o.organisation,
      slug: slugOf(o.organisation),
      logPublic: false,
      demo: false,
      size: o.size,
      firstRun: true,
    });
    await createMember(app, organisation, {
      name: o.name,
      email: o.email,
      roles: ['topManagement', 'aimsManager'],
      userId,
      firstRun: true,
    });
    return { organisation };
  } catch (error) {
    throw firstRunFailure(error) ?? error;
  }
}

/** How long an invitation can be accepted. */
const INVITATION_DAYS = 14;

/** Invites a person of the directory; answers the link once. */
export async function invite(
  app: App,
  ask: Asking,
  ref: string,
  input: TransitionInput,
): Promise<Committed & { link: string }> {
  let link = '';
  const done = await transitRecord(app, ask, app.registry.of(registers.person), ref, 'invite', input, {
    more: async ({ intent }) => {
      const { values } = intent.contents;
      const email = values.email;
      if (typeof email !== 'string')
        throw new Failure('REQUIREMENTS_MISSING', `To invite ${ref}, first fill in the e-mail address.`, [
          { path: '/values/email', message: 'is needed for this step' },
        ]);
      const expiresAt = new Date(app.clock.now().getTime() + INVITATION_DAYS * 86_400_000);
      const { token, statement } = app.identity.issueInvitation({
        organisation: ask.actor.organisation,
        personRef: ref,
        email,
        name: String(values.name),
        expiresAt,
      });
      link = `${app.baseUrl}/#/invitation?token=${token}`;
      return { also: [statement] };
    },
  });
  return { ...done, link };
}

/** Accepts an invitation: the account, the membership and the person's new state, all or nothing. */
export async function acceptInvitation(
  app: App,
  o: { token: string; password: string; ip: string },
): Promise<{ email: string; slug: string }> {
  const open = await app.identity.readInvitation(o.token);
  if (!open)
    throw new Failure('NOT_FOUND', 'This invitation has been used or has expired. Ask for a new one.');
  const { userId } = await app.identity.openAccount({
    email: open.email,
    name: open.name,
    password: o.password,
    ip: o.ip,
  });
  const actor: Actor = {
    ...engineActor({ id: open.organisation, slug: open.slug }),
    ref: open.personRef,
    name: open.name,
  };
  try {
    await transitRecord(
      app,
      { actor },
      app.registry.of(registers.person),
      open.personRef,
      'join',
      {},
      { more: async () => ({ also: [app.identity.acceptInvitation({ token: o.token, userId })] }) },
    );
  } catch (error) {
    throw invitationFailure(error) ?? error;
  }
  return { email: open.email, slug: open.slug };
}

/** Makes an API key; its secret is answered once and kept nowhere. */
export async function createApiKey(
  app: App,
  ask: Asking,
  input: unknown,
): Promise<Committed & { secret: string }> {
  const register = app.registry.of(registers.apiKey);
  const as = demandCreate(ask, register, deed('makeKeys'));
  const contents = freshContents(register, parseInput(register, input, 'create'));
  let secret = '';
  const done = await createRuled(app, ask, register, contents, {
    as,
    also: (ref) => {
      const issued = app.identity.issueApiKey({ organisation: ask.actor.organisation, keyRef: ref });
      secret = issued.secret;
      return [issued.statement];
    },
  });
  return { ...done, secret };
}
