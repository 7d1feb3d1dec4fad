import { type Sample, type SampleOptions, samplePack, seal } from './sample-pack.ts';
import { type Line, named, put, split, type Tamper, unsplit } from './tampers.ts';

/** What could be done to a pack of an earlier state after which its log goes on, because parts of that state were erased since. */

/** The checkpoint of an earlier state after which the log goes on, and what pack.json says of that state. */
export function* asOfTampers(sample: Sample, step: number): Generator<Tamper> {
  const { files, asOf, signed } = sample;
  const File = 'log/as-of';
  const of = (what: string, note: string | Buffer): Tamper => ({
    what: `${File}: ${what}`,
    Edits: [put(File, note)],
    Seal: true,
    says: named(File),
  });
  const note = files.get(File)!;
  for (let Bit = 0; Bit < note.length * 8; Bit += step)
    yield { what: `bit ${Bit} of ${File}`, Edits: [{ File, Bit }], Seal: true, says: named(File) };
  yield { what: `${File} removed`, Edits: [{ File, Remove: true }], Seal: true, says: named(File) };
  yield of('empty', '');
  yield of('unsigned', note.subarray(0, note.indexOf('\n\n') + 2));
  yield of('signed by a stranger', signed(asOf!.size, 'a stranger'));
  yield of('of another history', signed(asOf!.size, 'its own', Buffer.alloc(32, 7)));
  yield of('of one entry less', signed(asOf!.size - 1));
  yield of('of one entry more', signed(asOf!.size + 1));
  yield of('of another log', files.get(asOf!.log === 2 ? 'log/former/1/checkpoint' : 'log/checkpoint')!);
  const head = 'log/checkpoint';
  for (const [what, text] of [
    ['unsigned', files.get(head)!.subarray(0, files.get(head)!.indexOf('\n\n') + 2)],
    ['signed by a stranger', signed(sample.size, 'a stranger')],
    ['of another history', signed(sample.size, 'its own', Buffer.alloc(32, 7))],
    ['that of the state', note],
  ] as const)
    yield { what: `${head}: ${what}`, Edits: [put(head, text)], Seal: true, says: named(head) };
  const manifest = JSON.parse(files.get('pack.json')!.toString()) as Record<string, unknown> & {
    size: number;
    log: number;
  };
  const { at } = manifest.asOf as { at: string };
  const said = (what: string, value: unknown, says: RegExp): Tamper => ({
    what: `asOf of pack.json: ${what}`,
    Edits: [put('pack.json', `${JSON.stringify({ ...manifest, asOf: value }, null, 1)}\n`)],
    Seal: false,
    says,
  });
  yield said('of no state', null, /log\/as-of/);
  yield said('without its log', { size: manifest.size, at }, /log\/as-of/);
  yield said('without its log, of another size', { size: asOf!.size, at }, /pack\.json/);
  yield said('of a log that is not there', { ...asOf, log: 9, at }, /pack\.json/);
  yield said('of the head itself', { log: manifest.log, size: manifest.size, at }, /pack\.json/);
  yield said('of more than there is', { log: manifest.log, size: manifest.size + 1, at }, /pack\.json/);
  yield said('of nothing', { ...asOf, size: 0, at }, /pack\.json/);
  yield said('of a text', { ...asOf, size: String(asOf!.size), at }, /pack\.json/);
  yield said('with a name more', { ...asOf, at, more: 1 }, /pack\.json/);
  // The versions then end too early, or go on too long.
  yield said(
    'of fewer entries',
    { ...asOf, size: asOf!.size - 1, at },
    /log\/as-of[\s\S]*came after|came after/,
  );
  yield said(
    'of more entries',
    { ...asOf, size: asOf!.size + 2, at },
    new RegExp(`entry ${asOf!.size + 1}\\b`),
  );
}

/** Whole packs of an earlier state, rightly signed, that no verifier may take, and what each says of it at least. */
export function asOfForgeries(options: SampleOptions): { what: string; sample: Sample; says: RegExp }[] {
  const honest = samplePack(options);
  const { ref, version } = honest.erased;
  const missing = new RegExp(`${ref} version ${version}\\b`);
  const said = (what: string, saysErased: SampleOptions['saysErased'], says = missing) => ({
    what,
    sample: samplePack({ ...options, saysErased }),
    says,
  });
  const late = samplePack({ ...options, asOf: undefined });
  const later = new Map(honest.files);
  const path = `records/risk.jsonl`;
  const [whole] = split(late.files.get(path)!);
  const record = JSON.parse(whole!) as Line & { present: unknown };
  const shown = split(honest.files.get(path)!);
  const early = JSON.parse(shown[0]!) as Line;
  record.versions = record.versions.slice(0, early.versions.length + 1);
  record.present = null;
  later.set(path, Buffer.from(unsplit(shown.with(0, JSON.stringify(record)))));
  seal(later);
  return [
    said('erased by an entry about another group', { groups: ['text'] }),
    said('erased by an entry about another version', { entries: [3] }),
    said('erased by an entry of another log', { of: 'aims.example.com/other/log1' }),
    said('erased by an entry that is about something else', { about: 'log.private' }),
    {
      what: 'a version of after the state',
      sample: { ...honest, files: later },
      says: new RegExp(`entry ${record.versions.at(-1)!.index}\\b[\\s\\S]*came after`),
    },
  ];
}
