import type { Sample } from './sample-pack.ts';
import { type Line, put, split, type Tamper, unsplit } from './tampers.ts';

/**
 * Rows whose time is not that of their entry. In 0.1.0 changes of several records at once stored rows some milliseconds after their entries:
 * such packs hold and say so. Anything beyond is an altered row.
 */
export interface LateCase extends Tamper {
  /** True when the pack holds all the same. */
  holds: boolean;
}

type Version = Line['versions'][number] & { at: string; act: string; state: string };

export function* lateRows({ files }: Sample): Generator<LateCase> {
  const File = 'records/risk.jsonl';
  const lines = split(files.get(File)!);
  const place = (ref: string, version: number) => `${ref} version ${version}\\b`;
  const changed = (
    what: string,
    line: number,
    change: (v: Version) => void,
    says: string,
    holds = false,
    version = -1,
  ): LateCase => {
    const record = JSON.parse(lines[line]!) as Line;
    const own = record.versions.at(version) as Version;
    change(own);
    return {
      what,
      // The table tells the time of the row as well: it is another check's.
      Edits: [
        put(File, unsplit(lines.with(line, JSON.stringify(record)))),
        { File: 'documents/risk.csv', Remove: true },
      ],
      Seal: true,
      says: new RegExp(`${place(record.ref, own.version)}[\\s\\S]*${says}`),
      holds,
    };
  };
  const later = (ms: number, more?: (v: Version) => void) => (v: Version) => {
    v.at = new Date(Date.parse(v.at) + ms).toISOString();
    more?.(v);
  };
  for (const ms of [1, 15, 10_000])
    yield changed(`a row ${ms} ms late`, 0, later(ms), `${ms} ms later`, true);
  for (const ms of [-1, 10_001, -10_000, 86_400_000])
    yield changed(`a row of another time, by ${ms} ms`, 0, later(ms), '\\bat is');
  yield changed(
    'a late row in another spelling',
    0,
    (v) => {
      v.at = new Date(Date.parse(v.at) + 15).toISOString().replace('Z', '+00:00');
    },
    '\\bat is',
  );
  yield changed(
    'a late row of a day that does not exist',
    0,
    (v) => {
      v.at = '2026-02-30T08:00:00.000Z';
    },
    '\\bat is',
  );
  yield changed(
    'a late row of another state',
    0,
    later(15, (v) => {
      v.state = 'closed';
    }),
    'state',
  );
  const imported = lines.findIndex((l) => ((JSON.parse(l) as Line).versions[0] as Version).act === 'import');
  yield changed('a late row of an import', imported, later(15), '\\bat is', false, 0);
}

/** A late row of each version that was not imported: told before the entry from which on rows carry the time of their entries, refused from there on. */
export function* lateAfter({ files, exactFrom }: Sample): Generator<LateCase> {
  for (const register of ['aiSystem', 'risk']) {
    const File = `records/${register}.jsonl`;
    const lines = split(files.get(File)!);
    for (const [line, text] of lines.entries())
      for (const n of (JSON.parse(text) as Line).versions.keys()) {
        const record = JSON.parse(text) as Line;
        const own = record.versions[n] as Version;
        if (own.act === 'import') continue;
        own.at = new Date(Date.parse(own.at) + 15).toISOString();
        const { log, index } = exactFrom ?? { log: Number.POSITIVE_INFINITY, index: 0 };
        const holds = own.log < log || (own.log === log && own.index < index);
        yield {
          what: `${record.ref} version ${own.version}, entry ${own.index} of log ${own.log}`,
          Edits: [
            put(File, unsplit(lines.with(line, JSON.stringify(record)))),
            { File: `documents/${register}.csv`, Remove: true },
          ],
          Seal: true,
          says: new RegExp(
            holds ? `^[^\\n]*${record.ref}[^\\n]* 15 ms later$` : `^(?![\\s\\S]*later)[\\s\\S]*\\bat is`,
          ),
          holds,
        };
      }
  }
}
