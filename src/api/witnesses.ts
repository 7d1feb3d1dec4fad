import * as z from 'zod';
import { findOrganisation } from '../app/organisations.ts';
import { addWitness, listWitnesses, removeWitness } from '../app/witnesses.ts';
import { checked } from './body.ts';
import type { Call, Operation } from './operation.ts';

const BASE = '/api/v1/:org/log/witnesses';
const reason = z.string().max(5000).optional();
const vkey = z.string().min(1).max(1200);
const addition = z.strictObject({ vkey, url: z.string().min(1).max(2000), reason });
const removal = z.strictObject({ vkey, reason });

/** Witnesses of the log: others that cosign its checkpoints. */
export function witnessOperations(): Operation[] {
  const common = { access: 'member' as const, tag: 'Ledger' };
  const organisationOf = async (c: Call) => (await findOrganisation(c.app, c.params.org!))!;
  return [
    {
      ...common,
      id: 'log.witnesses',
      method: 'GET',
      path: BASE,
      mutates: false,
      summary: 'The witnesses of the log, and what each cosigned last',
      handler: (c) => listWitnesses(c.app, c.ask.actor.organisation),
    },
    {
      ...common,
      id: 'log.witnesses.add',
      method: 'POST',
      path: BASE,
      mutates: true,
      summary: 'Have a witness asked to cosign every checkpoint (C2SP tlog-witness)',
      input: addition,
      handler: async (c) => addWitness(c.app, c.ask, await organisationOf(c), checked(addition, c.body)),
    },
    {
      ...common,
      id: 'log.witnesses.remove',
      method: 'POST',
      path: `${BASE}/remove`,
      mutates: true,
      summary: 'Have a witness asked no more; what it cosigned stays',
      input: removal,
      handler: async (c) => removeWitness(c.app, c.ask, await organisationOf(c), checked(removal, c.body)),
    },
  ];
}
