import type { JsonOptions, JsonValue } from '../base/json.ts';
import { parseJson } from '../base/json.ts';
import type { Inspection } from '../evidence/model.ts';
import type { ComponentFile } from '../evidence/proposals/model.ts';
import type { Grid, ImportFormat, Items } from './grid.ts';
import type { Columns, TableLine } from './lines.ts';

/** Every way in which a file of a person is read: what is told beside its bytes, and what comes of it. */
export interface Ways {
  /** A result file of a tool. */
  evidence: { told: { fileName: string }; read: Inspection };
  /** A bill of materials, or the card of a model or dataset. */
  components: { told: { fileName: string }; read: ComponentFile };
  /** Records to import: CSV, XLSX or JSON. */
  grid: { told: { format?: ImportFormat | undefined; sheet?: string | undefined }; read: Grid | Items };
  /** A small CSV with columns of its own: readings, acknowledgements. */
  lines: { told: { columns: Columns; most: number }; read: TableLine[] };
  json: { told: JsonOptions; read: JsonValue };
}

export type Way = keyof Ways;

type Readers = { readonly [W in Way]: (bytes: Buffer, told: Ways[W]['told']) => Promise<Ways[W]['read']> };

/** Each loads what it needs when it is first used: a worker that reads CSVs holds no reader of YAML. */
const READERS: Readers = {
  evidence: async (bytes, told) => (await import('../evidence/inspect.ts')).inspectEvidence(bytes, told),
  components: async (bytes, told) =>
    (await import('../evidence/proposals/index.ts')).readComponents(bytes, told.fileName),
  grid: async (bytes, told) => (await import('./grid.ts')).readGrid(bytes, told),
  lines: async (bytes, told) => (await import('./lines.ts')).tableLines(bytes, told.columns, told.most),
  json: async (bytes, told) => parseJson(bytes, told),
};

/** Reads a file on this thread. Throws Failure or JsonError for what is wrong with it. */
export const readHere = <W extends Way>(
  way: W,
  bytes: Buffer,
  told: Ways[W]['told'],
): Promise<Ways[W]['read']> => READERS[way](bytes, told);
