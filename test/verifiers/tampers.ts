import { decodeBundle, encodeBundle } from '../../src/ledger/index.ts';
import type { Files, Sample } from './sample-pack.ts';

/** One change of a file of a pack. */
export interface Edit {
  File: string;
  /** Bit to turn, counted from the first of the file. */
  Bit?: number;
  /** Other content, base64. */
  Bytes?: string;
  Remove?: boolean;
}

/** One pack that was tampered with, and what a verifier must say of it at least. */
export interface Tamper {
  what: string;
  Edits: Edit[];
  /** The hashes in pack.json were made to fit: only the log can tell. */
  Seal: boolean;
  says: RegExp;
}

/** What was done, without which bit, record and file it was done to, or, where the kind of file says what is checked, with that. */
const kindOf = (what: string, withFile: boolean): string =>
  (withFile ? what : what.replaceAll(/(?:[\w.$-]+\/)+[\w.]+/g, 'a file'))
    .replaceAll(/records\/\w+\.jsonl/g, 'records')
    .replaceAll(/[A-Z]{3}-\d+/g, 'a record')
    .replaceAll(/\b[0-9a-f]{64}\b|\d+/g, '#');

/** The first of each kind, sealed and not, and every so manieth of all. */
export function ofEveryKind(cases: readonly Tamper[], every: number, withFile = true): Tamper[] {
  const kinds = new Set<string>();
  return cases.filter(({ what, Seal }, i) => {
    const known = kinds.size;
    kinds.add(`${kindOf(what, withFile)} ${Seal}`);
    return kinds.size > known || i % every === 0;
  });
}

const quoted = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
export const named = (file: string) => new RegExp(quoted(file));
const lineOf = (file: string, line: number) => new RegExp(`${quoted(file)} line ${line}\\b`);

/** The same numbers in every run. */
export function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export const put = (File: string, bytes: Buffer | string): Edit => ({
  File,
  Bytes: Buffer.from(bytes).toString('base64'),
});
export const split = (data: Buffer) => data.toString().split('\n').slice(0, -1);
export const unsplit = (lines: string[]) => lines.map((l) => `${l}\n`).join('');

/** One bit of any file, and pack.json left as it was. */
export function* plainFlips({ files }: Sample, count: number): Generator<Tamper> {
  const pick = numbers(1);
  const names = [...files.keys()].filter((name) => name !== 'pack.json' && files.get(name)!.length > 0);
  for (let n = 0; n < count; n++) {
    const File = names[n % names.length]!;
    const Bit = pick(files.get(File)!.length * 8);
    yield { what: `bit ${Bit} of ${File}`, Edits: [{ File, Bit }], Seal: false, says: named(File) };
  }
  for (const File of names)
    yield { what: `${File} removed`, Edits: [{ File, Remove: true }], Seal: false, says: named(File) };
}

/** One bit of a log entry, or of an entry and of its hash in the tile. */
export function* entryFlips(sample: Sample, count: number): Generator<Tamper> {
  const pick = numbers(2);
  const bundles = Array.from({ length: Math.ceil(sample.size / 256) }, (_, i) => bundleOf(sample, i));
  for (let n = 0; n < count; n++) {
    const bundle = pick(bundles.length);
    const { path, tile, entries } = bundles[bundle]!;
    const at = pick(entries.length);
    const index = bundle * 256 + at;
    const start = entries.slice(0, at).reduce((sum, e) => sum + 2 + e.length, 0);
    const Bit = start * 8 + pick((entries[at]!.length + 2) * 8);
    const edit = { File: path, Bit };
    yield {
      what: `bit ${Bit} of entry ${index}`,
      Edits: [edit],
      Seal: true,
      says: new RegExp(`entry ${index}\\b`),
    };
    const place = sample.places.get(index);
    if (!place || Bit < (start + 2) * 8) continue;
    yield {
      what: `bit ${Bit} of entry ${index}, and of its hash`,
      Edits: [edit, { File: tile, Bit: at * 256 + pick(256) }],
      Seal: true,
      says: new RegExp(`${place.ref} version ${place.version}, entry ${index}`),
    };
  }
}

function bundleOf({ files, size }: Sample, bundle: number) {
  const width = Math.min(256, size - bundle * 256);
  const end = `${String(bundle).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`;
  const path = `log/tile/entries/${end}`;
  return { path, tile: `log/tile/0/${end}`, entries: decodeBundle(files.get(path)!) };
}

/** Entries deleted, cut, exchanged and put in. */
export function* entryMoves(sample: Sample, count: number): Generator<Tamper> {
  const pick = numbers(3);
  const { path, entries } = bundleOf(sample, 0);
  for (let n = 0; n < count; n++) {
    const a = pick(entries.length - 1);
    const b = a + 1 + pick(entries.length - a - 1);
    const bundle = (what: string, list: Buffer[], says: string): Tamper => ({
      what,
      // Made when asked for: few of all cases are tried on a large pack.
      get Edits() {
        return [put(path, encodeBundle(list))];
      },
      Seal: true,
      says: new RegExp(says),
    });
    yield bundle(
      `entry ${a} deleted`,
      entries.toSpliced(a, 1),
      `entry ${a} (is not in its place|is missing|was changed)`,
    );
    yield bundle(
      `entries ${a} and ${b} exchanged`,
      entries.with(a, entries[b]!).with(b, entries[a]!),
      `entry ${a} is not in its place: entry ${b} stands there`,
    );
    yield bundle(
      `an entry before ${a}`,
      entries.toSpliced(a, 0, Buffer.from('{}')).slice(0, 256),
      `an entry was put in before entry ${a}`,
    );
    const data = sample.files.get(path)!;
    const cut = 1 + pick(data.length - 1);
    yield {
      what: `${path} cut at ${cut}`,
      Edits: [put(path, data.subarray(0, cut))],
      Seal: true,
      says: named(path),
    };
  }
}

/** One bit of a hash tile; the hash is named. */
export function* tileFlips({ files }: Sample, count: number): Generator<Tamper> {
  const pick = numbers(4);
  const tiles = [...files.keys()].filter((name) => /tile\/[0-9]/.test(name));
  for (let n = 0; n < count; n++) {
    const File = tiles[n % tiles.length]!;
    const Bit = pick(files.get(File)!.length * 8);
    const says = new RegExp(`${quoted(File)}: hash ${Bit >> 8} of tile`);
    yield { what: `bit ${Bit} of ${File}`, Edits: [{ File, Bit }], Seal: true, says };
  }
}

/** Every so manieth bit of the checkpoints and of the key. */
export function* checkpointFlips({ files }: Sample, step: number): Generator<Tamper> {
  for (const File of ['log/checkpoint', 'log/former/1/checkpoint', 'log/vkey'])
    for (let Bit = 0; Bit < (files.get(File)?.length ?? 0) * 8; Bit += step)
      yield { what: `bit ${Bit} of ${File}`, Edits: [{ File, Bit }], Seal: true, says: named(File) };
  const File = 'log/checkpoints.jsonl';
  const data = files.get(File)!;
  const lines = split(data);
  let start = 0;
  for (const [i, line] of lines.entries()) {
    // A line with two signatures holds with either; the time beside the note is nobody's signature.
    const end = line.split('—').length === 2 ? line.indexOf(',"at"') : 0;
    for (let Bit = start * 8; Bit < (start + end) * 8; Bit += step)
      yield { what: `bit ${Bit} of ${File}`, Edits: [{ File, Bit }], Seal: true, says: lineOf(File, i + 1) };
    start += Buffer.byteLength(line) + 1;
  }
}

/** One bit of a record's line. */
export function* recordFlips({ files }: Sample, count: number): Generator<Tamper> {
  const pick = numbers(5);
  const names = recordFiles(files);
  const ends = new Map(names.map((name) => [name, lineFeeds(files.get(name)!)]));
  for (let n = 0; n < count; n++) {
    const File = names[n % names.length]!;
    const data = files.get(File)!;
    const Bit = pick(data.length * 8);
    const line = ends.get(File)!.filter((at) => at < Bit >> 3).length + 1;
    yield { what: `bit ${Bit} of ${File}`, Edits: [{ File, Bit }], Seal: true, says: lineOf(File, line) };
  }
}

/** One digit of the salt of each group of parts, in each file of records: nothing but the commitment of that very group can tell. */
export function* saltFlips({ files }: Sample): Generator<Tamper> {
  for (const File of recordFiles(files)) {
    const text = files.get(File)!.toString('latin1');
    const seen = new Set<string>();
    for (const m of text.matchAll(/"(\w+)":\{(?:"json":"(?:[^"\\]|\\.)*",)?"salt":"[a-f]*/g)) {
      const group = m[1]!;
      if (seen.has(group)) continue;
      seen.add(group);
      const at = m.index + m[0].length;
      const line = text.slice(0, at).split('\n').length;
      yield {
        what: `salt of ${group} in ${File}`,
        Edits: [{ File, Bit: at * 8 }],
        Seal: true,
        says: lineOf(File, line),
      };
    }
  }
}

function lineFeeds(data: Buffer): number[] {
  const found: number[] = [];
  for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, at + 1)) found.push(at);
  return found;
}

const recordFiles = (files: Files) => [...files.keys()].filter((name) => name.startsWith('records/'));

export interface Line {
  ref: string;
  number: number;
  versions: {
    version: number;
    index: number;
    log: number;
    erased: string[];
    parts: Record<string, unknown>;
  }[];
}

/** Records and versions deleted, put in again, exchanged, renamed; parts that come back or go without an entry that says so. */
export function* recordMoves({ files, erased }: Sample): Generator<Tamper> {
  for (const File of recordFiles(files)) {
    const lines = split(files.get(File)!);
    // Made when asked for: few of all cases are tried on a large pack.
    const edit = (what: string, to: () => string[], says: RegExp): Tamper => ({
      what: `${File}: ${what}`,
      get Edits() {
        return [put(File, unsplit(to()))];
      },
      Seal: true,
      says,
    });
    for (const [i, text] of lines.entries()) {
      const record = JSON.parse(text) as Line;
      const changed = (what: string, change: (r: Line) => void, says = lineOf(File, i + 1)) => {
        const to = () => {
          const copy = structuredClone(record);
          change(copy);
          return lines.with(i, JSON.stringify(copy));
        };
        return edit(`${record.ref} ${what}`, to, says);
      };
      yield edit(
        `${record.ref} deleted`,
        () => lines.toSpliced(i, 1),
        new RegExp(`entry ${record.versions[0]!.index}\\b`),
      );
      yield edit(`${record.ref} twice`, () => lines.toSpliced(i, 0, text), lineOf(File, i + 2));
      if (i > 0)
        yield edit(
          `line ${i} and ${i + 1} exchanged`,
          () => lines.with(i, lines[i - 1]!).with(i - 1, text),
          lineOf(File, i + 1),
        );
      yield edit(
        `${record.ref} with a name twice`,
        () => lines.with(i, text.replace('"ref"', '"ref":"X-0001","ref"')),
        lineOf(File, i + 1),
      );
      yield changed('of another number', (r) => {
        r.number += 1;
      });
      for (const [v, version] of record.versions.entries()) {
        const at = new RegExp(`entry ${version.index}\\b`);
        yield changed(`version ${v + 1} deleted`, (r) => void r.versions.splice(v, 1), at);
        yield changed(`version ${v + 1} twice`, (r) => void r.versions.splice(v, 0, version));
        yield changed(`version ${v + 1} without its actor`, (r) => {
          delete r.versions[v]!.parts.actor;
          r.versions[v]!.erased.push('actor');
        });
        if (v > 0)
          yield changed(
            `versions ${v} and ${v + 1} exchanged`,
            (r) => void r.versions.splice(v - 1, 2, version, r.versions[v - 1]!),
          );
        if (record.ref === erased.ref && version.version === erased.version)
          yield changed('with the erased part back', (r) => {
            r.versions[v]!.erased = [];
            r.versions[v]!.parts[erased.group] = version.parts.values;
          });
      }
    }
  }
}

/** Evidence, signed decisions, files too many and missing, and what pack.json says of the log. */
export function* attachedTampers({ files }: Sample, count: number): Generator<Tamper> {
  const pick = numbers(6);
  const names = [...files.keys()].filter((name) => /^(evidence\/[0-9a-f]{64}|decisions\/.*)$/.test(name));
  for (let n = 0; names.length > 0 && n < count; n++) {
    const File = names[n % names.length]!;
    const Bit = pick(files.get(File)!.length * 8);
    yield { what: `bit ${Bit} of ${File}`, Edits: [{ File, Bit }], Seal: true, says: named(File) };
  }
  for (const File of [...files.keys()].filter((name) => /^(evidence|decisions|log)\//.test(name)))
    yield { what: `${File} removed`, Edits: [{ File, Remove: true }], Seal: true, says: named(File) };
  for (const File of [
    'log/tile/0/777',
    'log/other',
    `evidence/${'0'.repeat(64)}`,
    'decisions/GAT-0009.dsse.json',
    'records/new.jsonl',
  ])
    yield { what: `${File} put in`, Edits: [put(File, '{}\n')], Seal: true, says: named(File) };
  const manifest = JSON.parse(files.get('pack.json')!.toString()) as Record<string, unknown>;
  const wrong: Record<string, unknown> = {
    format: 'openaims.audit-pack/2',
    origin: 'aims.example.com/other/log2',
    log: 3,
    size: Number(manifest.size) - 1,
    root: Buffer.alloc(32, 7).toString('base64'),
    vkeys: [],
    former: [],
    asOf: { size: 1e9, at: '' },
  };
  for (const [name, value] of Object.entries(wrong))
    yield {
      what: `${name} of pack.json`,
      Edits: [put('pack.json', `${JSON.stringify({ ...manifest, [name]: value }, null, 1)}\n`)],
      Seal: false,
      says: /pack\.json|log\/|log [12]|version 1/,
    };
}

/** The files of a case: what the tampered pack holds. */
export function tampered(files: Files, { Edits }: Tamper): Files {
  const to: Files = new Map(files);
  for (const { File, Bit, Bytes, Remove } of Edits) {
    if (Remove) to.delete(File);
    else if (Bytes !== undefined) to.set(File, Buffer.from(Bytes, 'base64'));
    else {
      const data = Buffer.from(to.get(File)!);
      data[Bit! >> 3]! ^= 1 << (Bit! & 7);
      to.set(File, data);
    }
  }
  return to;
}
