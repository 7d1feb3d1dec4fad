import { importAll } from '../actions/own.ts';
import type { ImportOptions } from '../app/exchange/transfer.ts';
import { Failure } from '../base/failure.ts';
import { IMPORT_FORMATS, type ImportFormat } from '../intake/grid.ts';
import { type Call, single } from './operation.ts';

/** The body as it came; an empty one is an empty file. */
export const bodyBytes = (c: Call): Buffer => (Buffer.isBuffer(c.body) ? c.body : Buffer.alloc(0));

export function importOptions(c: Call): ImportOptions {
  return {
    format: told(c),
    dryRun: importAll.query.dryRun.read(single(c.query, 'dryRun'), 'dryRun'),
    sheet: single(c.query, 'sheet') || undefined,
    mapping: single(c.query, 'mapping'),
    madeFor: single(c.query, 'onBehalfOf') || undefined,
  };
}

/** What the request says that the file is; nothing when it says nothing of use. */
function told(c: Call): ImportFormat | undefined {
  const said = single(c.query, 'format');
  if (said === undefined) {
    const type = c.request.headers['content-type'] ?? '';
    return /json/.test(type)
      ? 'json'
      : /spreadsheetml/.test(type)
        ? 'xlsx'
        : /csv/.test(type)
          ? 'csv'
          : undefined;
  }
  const format = IMPORT_FORMATS.find((f) => f === said);
  if (!format)
    throw new Failure(
      'BAD_INPUT',
      `format: expected ${IMPORT_FORMATS.join(', ')}, got ${JSON.stringify(said.slice(0, 20))}.`,
      [{ path: '/format', message: `expected ${IMPORT_FORMATS.join(', ')}` }],
    );
  return format;
}
