import { yes } from '../actions/params.ts';
import type { ImportOptions } from '../app/transfer.ts';
import { Failure } from '../base/failure.ts';
import { IMPORT_FORMATS, type ImportFormat } from '../intake/grid.ts';
import { type Call, single } from './operation.ts';

const DRY_RUN = yes('`true` only checks');

/** Parameters of an import; those of looking into a file are among them. */
export const IMPORT_QUERY = {
  format: 'csv, json or xlsx; from the content type or the file itself unless told',
  dryRun: DRY_RUN.says,
  sheet: 'sheet of a workbook; the first one that is shown unless told',
  mapping: 'JSON object: heading of a column -> field, or null to leave the column out',
  onBehalfOf: 'person who wrote the records originally, such as PSN-0003',
};

export const INSPECT_QUERY = { format: IMPORT_QUERY.format, sheet: IMPORT_QUERY.sheet };

/** The body as it came; an empty one is an empty file. */
export const bodyBytes = (c: Call): Buffer => (Buffer.isBuffer(c.body) ? c.body : Buffer.alloc(0));

export function importOptions(c: Call): ImportOptions {
  return {
    format: told(c),
    dryRun: DRY_RUN.read(single(c.query, 'dryRun'), 'dryRun'),
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
