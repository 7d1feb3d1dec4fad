import * as z from 'zod';
import { MAX_OVERLAP_DAYS, makeReadToken, rotateKey, setLogPublic } from '../app/log-admin.ts';
import { beginNewLog } from '../app/new-log.ts';
import { findOrganisation } from '../app/organisations.ts';
import { askingWith } from './asking.ts';
import { checked } from './body.ts';
import type { Call, Operation } from './operation.ts';

const BASE = '/api/v1/:org/log';
const reason = z.string().max(5000).optional();
const password = z.string().max(200).optional();

const visibility = z.strictObject({ public: z.boolean(), reason });
const token = z.strictObject({ withdraw: z.boolean().optional(), reason });
const days = `expected a whole number of days from 1 to ${MAX_OVERLAP_DAYS}`;
const rotation = z.strictObject({
  overlapDays: z.number(days).int(days).min(1, days).max(MAX_OVERLAP_DAYS, days).default(30),
  reason,
  password,
});
const newLog = z.strictObject({ because: z.enum(['lost', 'compromised']), reason, password });

/** What the keepers of a log can do to the log itself. */
export function logAdminOperations(): Operation[] {
  const common = { method: 'POST' as const, access: 'member' as const, mutates: true, tag: 'Ledger' };
  const organisationOf = async (c: Call) => (await findOrganisation(c.app, c.params.org!))!;
  return [
    {
      ...common,
      id: 'log.visibility',
      path: `${BASE}/visibility`,
      summary: 'Open the log to everybody, or close it',
      input: visibility,
      handler: async (c) => setLogPublic(c.app, c.ask, await organisationOf(c), checked(visibility, c.body)),
    },
    {
      ...common,
      id: 'log.token',
      path: `${BASE}/token`,
      summary: 'Make or withdraw the read token of a private log; it is shown once',
      input: token,
      handler: async (c) => makeReadToken(c.app, c.ask, await organisationOf(c), checked(token, c.body)),
    },
    {
      ...common,
      id: 'log.rotateKey',
      path: `${BASE}/rotate-key`,
      summary: 'Give the log a new key; the old one signs beside it for some days',
      input: rotation,
      handler: async (c) => {
        const { password: secret, ...o } = checked(rotation, c.body);
        return rotateKey(c.app, askingWith(c, secret), await organisationOf(c), o);
      },
    },
    {
      ...common,
      id: 'log.new',
      path: `${BASE}/new`,
      summary: 'Freeze the log and continue in a new one: its database is lost, or its key is in other hands',
      input: newLog,
      handler: async (c) => {
        const { password: secret, ...o } = checked(newLog, c.body);
        return beginNewLog(c.app, askingWith(c, secret), await organisationOf(c), o);
      },
    },
  ];
}
