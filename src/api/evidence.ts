import type { FastifyReply } from 'fastify';
import * as action from '../actions/evidence.ts';
import type { Added } from '../answers/evidence.ts';
import type { Committed } from '../answers/record.ts';
import { addEvidence, addedBefore, referTo } from '../app/release/evidence.ts';
import { checkFiles, evidenceFile, evidencePreview } from '../app/release/evidence-files.ts';
import { inspectUpload } from '../app/release/evidence-reports.ts';
import type { Operation } from './operation.ts';
import { Raw, serve } from './serve.ts';

interface Telling {
  wrote(done: Committed): unknown;
  reply: FastifyReply;
}

/** What is there already was not made: it is answered as it is. */
function told({ wrote, reply }: Telling, added: Added): Added {
  wrote({ record: added.evidence });
  if (added.already) reply.code(200);
  return added;
}

/** Evidence: read, taken in, kept. */
export const evidenceOperations = (): Operation[] => [
  ...serve(action.inspect, ({ app, ask, body, query }) =>
    inspectUpload(app, ask, body, query.fileName ?? ''),
  ),
  ...serve(
    action.add,
    async (c) =>
      told(
        c,
        await addEvidence(c.app, c.ask, c.body, { ...c.query, fileName: c.query.fileName ?? 'unnamed' }),
      ),
    async (c, kept) => told(c, await addedBefore(c.app, c.ask, kept)),
  ),
  ...serve(
    action.refer,
    async (c) => told(c, await referTo(c.app, c.ask, c.query, c.query.reference ?? '')),
    async (c, kept) => told(c, await addedBefore(c.app, c.ask, kept)),
  ),
  ...serve(action.checkFiles, ({ app, ask, query }) => checkFiles(app, ask, query.after)),
  ...serve(action.file, async ({ app, ask, params, reply }) => {
    const file = await evidenceFile(app, ask, params.ref);
    // Always a download of opaque bytes: a stored file must never run as a page of ours.
    reply
      .header('content-security-policy', "sandbox; default-src 'none'")
      .header('content-type', 'application/octet-stream')
      .header('content-length', file.bytes)
      .header('repr-digest', `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`)
      .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`);
    return new Raw(file.stream);
  }),
  ...serve(action.preview, async ({ app, ask, params, reply }) => {
    const { type, stream } = await evidencePreview(app, ask, params.ref);
    // Nothing runs, nothing is asked, and only a page of ours frames it.
    reply
      .header('content-type', type)
      .header(
        'content-security-policy',
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
      );
    return new Raw(stream);
  }),
];
