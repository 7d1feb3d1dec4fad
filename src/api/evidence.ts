import * as action from '../actions/evidence.ts';
import { addEvidence, addedBefore, evidenceFile, inspectUpload } from '../app/release/evidence.ts';
import { checkFiles } from '../app/release/evidence-files.ts';
import type { Operation } from './operation.ts';
import { Raw, serve } from './serve.ts';

/** Result files: read, taken in, kept. */
export const evidenceOperations = (): Operation[] => [
  ...serve(action.inspect, ({ app, ask, body, query }) =>
    inspectUpload(app, ask, body, query.fileName ?? ''),
  ),
  ...serve(
    action.add,
    async ({ app, ask, body, query, wrote }) => {
      const added = await addEvidence(app, ask, body, { ...query, fileName: query.fileName ?? 'unnamed' });
      wrote({ record: added.evidence });
      return added;
    },
    async ({ app, ask, query, wrote }, kept) => {
      const added = await addedBefore(app, ask, query.fileName ?? 'unnamed', kept);
      wrote({ record: added.evidence });
      return added;
    },
  ),
  ...serve(action.checkFiles, ({ app, ask, query }) => checkFiles(app, ask, query.after)),
  ...serve(action.file, async ({ app, ask, params, reply }) => {
    const file = await evidenceFile(app, ask, params.ref);
    // Always a download of opaque bytes: a stored file must never run as a page of ours.
    reply
      .header('content-type', 'application/octet-stream')
      .header('content-length', file.bytes)
      .header('repr-digest', `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`)
      .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`);
    return new Raw(file.stream);
  }),
];
