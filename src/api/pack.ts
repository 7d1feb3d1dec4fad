import { findOrganisation } from '../app/organisations.ts';
import { makePack } from '../app/pack.ts';
import { AS_OF, asOfOf } from './listing.ts';
import { type Operation, single } from './operation.ts';

/** The audit pack: everything an auditor needs, in one file. */
export function packOperations(): Operation[] {
  return [
    {
      id: 'auditPack',
      method: 'GET',
      path: '/api/v1/:org/audit-pack',
      tag: 'Ledger',
      summary:
        'Everything in one ZIP that anybody can verify offline: records, versions, log, evidence, proofs',
      access: 'member',
      mutates: false,
      query: { system: 'only the records around this AI system, such as SYS-0001', asOf: AS_OF },
      handler: async (c) => {
        const organisation = (await findOrganisation(c.app, c.params.org!))!;
        const pack = await makePack(c.app, c.ask, organisation, {
          system: single(c.query, 'system'),
          asOf: asOfOf(c),
        });
        c.reply
          .header('content-type', 'application/zip')
          .header('content-length', pack.bytes)
          .header('content-disposition', `attachment; filename="${pack.fileName}"`);
        return pack.stream;
      },
    },
  ];
}
