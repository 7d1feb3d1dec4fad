import { encodeBundle } from '../../ledger/index.ts';
import type { Place } from '../problems.ts';
import { type Files, rehashed } from './sample-pack.ts';

/**
 * What somebody could do to a pack, one case after the other, with the place a verifier has to name. Verifiers in other languages are
 * tried with the same cases. `files` is made when asked for, so that thousands of cases need the memory of one.
 */
export interface TamperCase {
  name: string;
  files(): Files;
  /** Members that at least one problem must have. `file` alone when nothing finer can be known. */
  at: Partial<Place>;
}

/** Files that nothing in the log commits to: only pack.json speaks of them, and who can change them can change it too. */
export const UNCOMMITTED = /^(?:README\.md|verify\.html|verifiers\/|documents\/|log\/policy$|pack\.json$)/;

const changed = (files: Files, path: string, bytes: Buffer | undefined): Files => {
  const copy = new Map(files);
  if (bytes === undefined) copy.delete(path);
  else copy.set(path, bytes);
  return copy;
};

/** One bit of a buffer flipped. */
export function flip(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

/** Single bits of every file but pack.json; `clever` sets the hashes in pack.json anew. `perFile` bits of each at most, spread evenly. */
export function* bitFlips(
  files: Files,
  o: { perFile: number; clever: boolean; from?: number; only?: RegExp },
): Generator<TamperCase> {
  for (const [path, bytes] of files) {
    if (path === 'pack.json' || (o.clever && UNCOMMITTED.test(path)) || o.only?.test(path) === false)
      continue;
    const bits = bytes.length * 8;
    const step = Math.max(1, bits / o.perFile);
    for (let at = (o.from ?? 0) % step; at < bits; at += step) {
      const bit = Math.floor(at);
      if (o.clever && uncommittedText(path, bytes, bit >> 3)) continue;
      const line = path.endsWith('.jsonl') ? { line: lineOf(bytes, bit >> 3) } : {};
      yield {
        name: `bit ${bit} of ${path}${o.clever ? ', hashes set anew' : ''}`,
        files: () => {
          const copy = changed(files, path, flip(bytes, bit));
          return o.clever ? rehashed(copy) : copy;
        },
        at: o.clever ? { file: path, ...line } : { file: path },
      };
    }
  }
}

const lineOf = (bytes: Buffer, at: number): number =>
  bytes.subarray(0, at).reduce((n, byte) => n + (byte === 10 ? 1 : 0), 1);

/** Times beside checkpoints and names of files for people are not signed by anybody. */
function uncommittedText(path: string, bytes: Buffer, at: number): boolean {
  const field = path === 'log/checkpoints.jsonl' ? 'at' : undefined;
  if (field === undefined) return false;
  const start = bytes.lastIndexOf(10, at - 1) + 1;
  const value = bytes.indexOf(`"${field}":"`, start) + field.length + 4;
  return at >= value && at < bytes.indexOf('"', value);
}

/** Whole files taken out, cut off, emptied, exchanged or added; `clever` sets the hashes anew. */
export function* fileCases(files: Files, clever: boolean): Generator<TamperCase> {
  const done = (copy: Files) => (clever ? rehashed(copy) : copy);
  const paths = [...files.keys()].filter((p) => p !== 'pack.json' && !(clever && UNCOMMITTED.test(p)));
  for (const path of paths) {
    const bytes = files.get(path)!;
    yield {
      name: `without ${path}`,
      files: () => done(changed(files, path, undefined)),
      at: placeOfMissing(path, clever),
    };
    for (const keep of [0, 1, Math.floor(bytes.length / 2), bytes.length - 1]) {
      // Without its lines a list is seen by what it should have held; nobody promised how many earlier checkpoints there are.
      const list = keep === 0 && path.endsWith('.jsonl') && clever;
      const whole = keep === 0 || bytes[keep - 1] === 10;
      if (keep >= bytes.length || (clever && whole && path === 'log/checkpoints.jsonl')) continue;
      yield {
        name: `${path} cut to ${keep} bytes`,
        files: () => done(changed(files, path, bytes.subarray(0, keep))),
        at: list ? {} : { file: path },
      };
    }
    yield {
      name: `${path} with a byte more`,
      files: () => done(changed(files, path, Buffer.concat([bytes, Buffer.from('x')]))),
      at: { file: path },
    };
    const other = paths.find((p) => p !== path && !files.get(p)!.equals(bytes))!;
    yield {
      name: `${path} exchanged with ${other}`,
      files: () => done(changed(changed(files, path, files.get(other)!), other, bytes)),
      at: {},
    };
  }
  for (const added of [
    'evidence/'.padEnd(73, 'a'),
    'decisions/GAT-0099.dsse.json',
    'log/tile/0/009',
    'stamps/3.txt',
  ])
    yield {
      name: `with ${added}`,
      files: () => done(changed(files, added, Buffer.from('x'))),
      at: { file: added },
    };
  if (!clever)
    yield {
      name: 'with a file more',
      files: () => changed(files, 'extra.txt', Buffer.from('x')),
      at: { file: 'extra.txt' },
    };
}

/** A records file that is gone is seen by the entries that miss their versions. */
const placeOfMissing = (path: string, clever: boolean): Partial<Place> =>
  clever && path.startsWith('records/') ? {} : { file: path };

/** Lines of every .jsonl file deleted, doubled, moved and inserted, with hashes set anew. */
export function* lineCases(files: Files): Generator<TamperCase> {
  for (const [path, bytes] of files) {
    if (!path.endsWith('.jsonl')) continue;
    const lines = bytes.toString('utf8').split('\n').slice(0, -1);
    const as = (changedLines: string[]) => () =>
      rehashed(changed(files, path, Buffer.from(changedLines.map((l) => `${l}\n`).join(''))));
    // Nobody promised how many earlier checkpoints a pack holds.
    const free = path === 'log/checkpoints.jsonl';
    for (const [i, line] of lines.entries()) {
      const ref = /"ref":"([A-Z]{3}-\d+)"/.exec(line)?.[1];
      const named = ref ? { ref } : {};
      if (!free) {
        yield { name: `${path} without line ${i + 1}`, files: as(lines.toSpliced(i, 1)), at: named };
        if (path.startsWith('records/'))
          yield {
            name: `${path} line ${i + 1} twice`,
            files: as(lines.toSpliced(i, 0, line)),
            at: { file: path, line: i + 2, ...named },
          };
        if (i > 0 && path.startsWith('records/'))
          yield {
            name: `${path} lines ${i} and ${i + 1} exchanged`,
            files: as(lines.with(i - 1, line).with(i, lines[i - 1]!)),
            at: { file: path, line: i + 1 },
          };
      }
      yield {
        name: `${path} with an empty line ${i + 1}`,
        files: as(lines.toSpliced(i, 0, '')),
        at: { file: path, line: i + 1 },
      };
      yield {
        name: `${path} with a line {} at ${i + 1}`,
        files: as(lines.toSpliced(i, 0, '{}')),
        at: { file: path, line: i + 1 },
      };
    }
  }
}

/** What can be said of a version, said otherwise. */
const OTHERWISE: Readonly<Record<string, (v: Record<string, unknown>) => unknown>> = {
  at: (v) => new Date(Date.parse(String(v.at)) - 1).toISOString(),
  act: (v) => (v.act === 'edit' ? 'create' : 'edit'),
  transition: (v) => (v.transition === null ? 'approve' : null),
  state: (v) => `${String(v.state)}x`,
  actor: () => 'PSN-0099',
  index: (v) => Number(v.index) + 1,
  version: (v) => Number(v.version) + 1,
  digest: (v) => String(v.digest).replace(/.$/, (c) => (c === '0' ? '1' : '0')),
  proof: (v) => (Array.isArray(v.proof) ? v.proof.slice(1) : []),
};

/** Each member of the first version of each file of records, and of the last: one that is not compared is found by nothing else. */
export function* memberCases(files: Files): Generator<TamperCase> {
  for (const [path, bytes] of files) {
    if (!path.startsWith('records/')) continue;
    const lines = bytes.toString('utf8').split('\n').slice(0, -1);
    for (const which of [0, -1])
      for (const [member, otherwise] of Object.entries(OTHERWISE)) {
        const record: { versions: Record<string, unknown>[] } = JSON.parse(lines[0]!);
        const version = record.versions.at(which)!;
        if (member === 'proof' && String(version.proof) === '') continue;
        version[member] = otherwise(version);
        const text = lines.with(0, JSON.stringify(record)).map((l) => `${l}\n`);
        yield {
          name: `${path}: ${member} of version ${which} of line 1`,
          files: () => rehashed(changed(files, path, Buffer.from(text.join('')))),
          at: { file: path, line: 1 },
        };
      }
  }
}

/** One digit of the salt of each group of parts, in each file of records: nothing but the commitment of that very group can tell. */
export function* saltCases(files: Files): Generator<TamperCase> {
  for (const [path, bytes] of files) {
    if (!path.startsWith('records/')) continue;
    const text = bytes.toString('latin1');
    const seen = new Set<string>();
    for (const m of text.matchAll(/"(\w+)":\{(?:"json":"(?:[^"\\]|\\.)*",)?"salt":"[a-f]*/g)) {
      const group = m[1]!;
      if (seen.has(group)) continue;
      seen.add(group);
      const at = m.index + m[0].length;
      yield {
        name: `${path} salt of ${group}, hashes set anew`,
        files: () => rehashed(changed(files, path, flip(bytes, at * 8))),
        at: { file: path, line: lineOf(bytes, at) },
      };
    }
  }
}

/** Entries of bundles deleted, doubled, moved and inserted, with hashes set anew; the tiles stay as they were signed. */
export function* entryCases(files: Files): Generator<TamperCase> {
  for (const [path, bytes] of files) {
    if (!/tile\/entries\//.test(path)) continue;
    const entries = split(bytes);
    const as = (list: Buffer[]) => () => rehashed(changed(files, path, encodeBundle(list.slice(0, 256))));
    const first = Number(/(\d{3})(?:\.p\/\d+)?$/.exec(path)![1]) * 256;
    for (const [i, entry] of entries.entries()) {
      const at = { file: path, entry: first + i };
      yield { name: `${path} without entry ${i}`, files: as(entries.toSpliced(i, 1)), at };
      yield {
        name: `${path} with entry ${i} twice`,
        files: as(entries.toSpliced(i, 0, entry)),
        at: { file: path },
      };
      yield { name: `${path} entry ${i} emptied`, files: as(entries.with(i, Buffer.alloc(0))), at };
      if (i + 1 < entries.length)
        yield {
          name: `${path} entries ${i} and ${i + 1} exchanged`,
          files: as(entries.with(i, entries[i + 1]!).with(i + 1, entry)),
          at: { file: path },
        };
      const other = entries[(i + 1) % entries.length]!;
      yield { name: `${path} entry ${i} replaced by its neighbour`, files: as(entries.with(i, other)), at };
    }
  }
}

function split(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at))
    entries.push(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)));
  return entries;
}
