import type { Ask, Statement } from './connections.ts';

/** What this part holds of a person of an organisation. */
export interface HeldAccount {
  /** Name and address of the account behind the person; undefined when there is none. */
  account?: { name: string; email: string };
  /** Invitations with the person's address, used ones too. */
  invitations: number;
}

/** Reads what `eraseAccount` would delete. */
export async function heldAccount(
  ask: Ask,
  o: { organisation: number; personRef: string },
): Promise<HeldAccount> {
  const [row] = await ask<{ name: string | null; email: string | null; invitations: number }>({
    text: `select u.name, u.email, (select count(*)::int from invitation i where i.organisation = $1 and i.person_ref = $2) as invitations
      from (select) one left join (membership m join identity_user u on u.id = m.user_id)
        on m.organisation = $1 and m.person_ref = $2`,
    values: [o.organisation, o.personRef],
  });
  return {
    ...(row?.email && row.name !== null ? { account: { name: row.name, email: row.email } } : {}),
    invitations: row?.invitations ?? 0,
  };
}

/**
 * Statements that delete what this part holds of a person, for the transaction that erases the person's record: membership,
 * invitations, and the account with password and sessions when it belongs to no other organisation. `emails` are the addresses that the
 * record ever named: an account under one of them that belongs nowhere (an acceptance that did not finish) goes as well. Answers to
 * earlier requests about the record go too: their fingerprints are digests of what was sent.
 */
export function eraseAccount(o: { personRef: string; emails: readonly string[] }): Statement[] {
  return [
    {
      text: 'select erase_account($1, $2::text[])',
      values: [o.personRef, o.emails.map((e) => e.trim().toLowerCase())],
    },
  ];
}
