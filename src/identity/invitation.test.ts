import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { invitationFailure } from './index.ts';
import { PASSWORD, type World, world } from './testing/world.ts';

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.end());
beforeEach(() => w.clock.set('2030-03-01T09:00:00Z'));

const person = (ref: string, state: string, organisation = w.demo) =>
  w.record({
    organisation,
    register: 'person',
    ref,
    state,
    values: { name: `Name of ${ref}`, roles: ['reader'] },
  });

async function invite(personRef: string, email: string, organisation = w.demo): Promise<string> {
  await person(personRef, 'invited', organisation);
  const expiresAt = new Date(w.clock.now().getTime() + 7 * 86_400_000);
  const { token, statement } = w.identity.issueInvitation({
    organisation,
    personRef,
    email,
    name: personRef,
    expiresAt,
  });
  await w.database.run(organisation, [statement]);
  return token;
}

async function accept(token: string, userId: string, organisation = w.demo): Promise<void> {
  await w.database.run(organisation, [w.identity.acceptInvitation({ token, userId })]);
}

const refused = (p: Promise<void>) =>
  p.then(
    () => 'accepted',
    (e: unknown) => invitationFailure(e)?.code ?? String(e),
  );

describe('an invitation', () => {
  test('shows what it is for, and makes its account a member once', async () => {
    const token = await invite('PSN-0001', 'Ada@Example.org');
    expect(await w.identity.readInvitation(token)).toEqual({
      organisation: w.demo,
      slug: 'demo',
      organisationName: 'Organisation demo',
      personRef: 'PSN-0001',
      email: 'ada@example.org',
      name: 'Name of PSN-0001',
    });
    const account = { email: 'ada@example.org', name: 'Ada', password: PASSWORD, ip: '::1' };
    const { userId } = await w.identity.openAccount(account);
    await accept(token, userId);
    await person('PSN-0001', 'active');
    expect((await w.identity.identify({ cookie: await w.signInAs('ada@example.org') }, 'demo'))?.ref).toBe(
      'PSN-0001',
    );
    expect(await w.identity.readInvitation(token)).toBeUndefined();
    expect(await refused(accept(token, userId))).toBe('NOT_FOUND');
  });

  test('is not in the database: only its hash, which is no token', async () => {
    const token = await invite('PSN-0002', 'hash@example.org');
    const rows = await w.database.asOwner({ text: 'select * from invitation' });
    expect(JSON.stringify(rows)).not.toContain(token);
    for (const row of rows) expect(await w.identity.readInvitation(row.token_hash as string)).toBeUndefined();
    expect(await w.identity.readInvitation('')).toBeUndefined();
  });

  test('ends at its time, and when the person is no longer invited', async () => {
    const token = await invite('PSN-0003', 'late@example.org');
    const { userId } = await w.identity.createAccount({
      email: 'late@example.org',
      name: 'Late',
      password: PASSWORD,
    });
    await person('PSN-0003', 'departed');
    expect(await w.identity.readInvitation(token)).toBeUndefined();
    await person('PSN-0003', 'invited');
    expect(await w.identity.readInvitation(token)).toBeDefined();
    w.clock.advance(7 * 86_400_000);
    expect(await w.identity.readInvitation(token)).toBeUndefined();
    expect(await refused(accept(token, userId))).toBe('NOT_FOUND');
  });

  test('gives way to a newer one of the same person, and not to one of somebody else', async () => {
    const older = await invite('PSN-0004', 'old@example.org');
    const elsewhere = await invite('PSN-0004', 'old@example.org', w.other);
    const newer = await invite('PSN-0004', 'new@example.org');
    expect(await w.identity.readInvitation(older)).toBeUndefined();
    expect((await w.identity.readInvitation(newer))?.email).toBe('new@example.org');
    expect((await w.identity.readInvitation(elsewhere))?.organisation).toBe(w.other);
  });

  test('of one organisation is nothing in another', async () => {
    const token = await invite('PSN-0005', 'cross@example.org');
    const { userId } = await w.identity.createAccount({
      email: 'cross@example.org',
      name: 'C',
      password: PASSWORD,
    });
    expect(await refused(accept(token, userId, w.other))).toBe('NOT_FOUND');
    expect(await w.identity.readInvitation(token)).toBeDefined();
  });

  test('accepted by two at once is accepted by one', async () => {
    const token = await invite('PSN-0006', 'race@example.org');
    const { userId } = await w.identity.createAccount({
      email: 'race@example.org',
      name: 'R',
      password: PASSWORD,
    });
    const ends = await Promise.all([refused(accept(token, userId)), refused(accept(token, userId))]);
    expect(ends.sort()).toEqual(['NOT_FOUND', 'accepted']);
  });

  test('is not used up when the rest of the transaction fails', async () => {
    const token = await invite('PSN-0007', 'undone@example.org');
    const { userId } = await w.identity.createAccount({
      email: 'undone@example.org',
      name: 'U',
      password: PASSWORD,
    });
    const both = [w.identity.acceptInvitation({ token, userId }), { text: 'select 1 / 0' }];
    await expect(w.database.run(w.demo, both)).rejects.toThrow(/division/);
    expect(await w.identity.readInvitation(token)).toBeDefined();
  });
});

describe('an account that exists', () => {
  test('is not opened by an invitation, only by its own password', async () => {
    const { userId } = await w.member(w.other, 'PSN-0020', 'both@example.org');
    const account = { email: 'both@example.org', name: 'Stranger', ip: '::1' };
    await expect(
      w.identity.openAccount({ ...account, password: 'a password of a stranger' }),
    ).rejects.toMatchObject({
      code: 'NOT_SIGNED_IN',
    });
    expect(await w.identity.openAccount({ ...account, password: PASSWORD })).toEqual({ userId });
    await accept(await invite('PSN-0021', 'both@example.org'), userId);
    await person('PSN-0021', 'active');
    const me = await w.identity.whoAmI({ cookie: await w.signInAs('both@example.org') });
    expect(me?.organisations.map((o) => `${o.slug} ${o.ref}`)).toEqual(['demo PSN-0021', 'other PSN-0020']);
  });

  test('stands behind one person of an organisation; behind another one only after that person has left', async () => {
    const { userId } = await w.member(w.demo, 'PSN-0030', 'again@example.org');
    const token = await invite('PSN-0031', 'again@example.org');
    expect(await refused(accept(token, userId))).toBe('ALREADY_EXISTS');
    await person('PSN-0030', 'departed');
    await accept(token, userId);
    await person('PSN-0031', 'active');
    const cookie = await w.signInAs('again@example.org');
    expect((await w.identity.identify({ cookie }, 'demo'))?.ref).toBe('PSN-0031');
  });
});

test('an invitation to what is no e-mail address is refused', () => {
  const o = { organisation: 1, personRef: 'PSN-0001', email: 'nobody', name: 'N', expiresAt: new Date() };
  expect(() => w.identity.issueInvitation(o)).toThrow(/cannot be made/);
});
