import { constants, deflateRawSync } from 'node:zlib';
import { type Files, zipOf } from './sample-pack.ts';

/** ZIPs that hold more than they list, or that two programs would read in two ways. Each is refused before anything in it is believed. */
export function hostileZips(files: Files): [string, Buffer][] {
  const zip = zipOf(files);
  const end = zip.length - 22;
  const central = zip.readUInt32LE(end + 16);
  const other = zipOf(new Map([['pack.json', Buffer.from('{}')]]));
  const places = centralPlaces(zip, central);
  const changed = (change: (b: Buffer) => void): Buffer => {
    const copy = Buffer.from(zip);
    change(copy);
    return copy;
  };
  /** Puts bytes in; what comes after them in the file is found again where it lies now. */
  const withBytes = (at: number, bytes: Buffer): Buffer => {
    const copy = Buffer.concat([zip.subarray(0, at), bytes, zip.subarray(at)]);
    copy.writeUInt32LE(central + bytes.length, end + bytes.length + 16);
    for (const place of places) {
      const offset = zip.readUInt32LE(place + 42);
      if (offset >= at) copy.writeUInt32LE(offset + bytes.length, place + bytes.length + 42);
    }
    return copy;
  };
  const second = zip.readUInt32LE(places[1]! + 42);
  const hidden = other.subarray(0, other.readUInt32LE(other.length - 6));
  const first = zip.readUInt32LE(places[0]! + 42);
  return [
    ['a byte before', Buffer.concat([Buffer.from('x'), zip])],
    ['a byte before, told', withBytes(0, Buffer.from('x'))],
    ['another ZIP before', Buffer.concat([other, zip])],
    ['another ZIP before, told', withBytes(0, other)],
    ['a byte behind', Buffer.concat([zip, Buffer.from('x')])],
    ['another ZIP behind', Buffer.concat([zip, other])],
    [
      'another ZIP in its comment',
      Buffer.concat([changed((b) => void b.writeUInt16LE(other.length, end + 20)), other]),
    ],
    ['a hidden file before the directory', withBytes(central, hidden)],
    ['a hidden file between two', withBytes(second, hidden)],
    ['a gap between two', withBytes(second, Buffer.alloc(7))],
    ['a link', changed((b) => void b.writeUInt32LE(0o120777 * 2 ** 16, places[2]! + 38))],
    ['a device', changed((b) => void b.writeUInt32LE(0o020666 * 2 ** 16, places[2]! + 38))],
    ['a folder', changed((b) => void b.writeUInt32LE(0x10, places[2]! + 38))],
    ['another method in the own header', changed((b) => void b.writeUInt16LE(8, first + 8))],
    ['another size in the own header', changed((b) => void b.writeUInt32LE(1, first + 22))],
    ['another name in the own header', changed((b) => void b.write('X', first + 30))],
    ['an extra field in the own header', changed((b) => void b.writeUInt16LE(4, first + 28))],
    ['an extra field', withExtra(zip, central, places[0]!)],
    ['a flag that packs do not use', changed((b) => void b.writeUInt16LE(0x20, places[0]! + 8))],
    ['names that differ in case', zipOf(new Map([...files, ['Pack.json', Buffer.from('{}')]]))],
    ['a hidden name', zipOf(new Map([...files, ['.hidden', Buffer.from('x')]]))],
    ['a name with a space', zipOf(new Map([...files, ['a b', Buffer.from('x')]]))],
    ['a name that turns the text', zipOf(new Map([...files, ['a\u202egpj.exe', Buffer.from('x')]]))],
  ];
}

/** The file that `wronglyPacked` packs wrongly. */
export const WRONGLY_PACKED = 'records/risk.jsonl';

/**
 * ZIPs in which one file is not packed as the directory says: what is behind it, or more or less of it, is found by programs that read from the
 * beginning, and by no others. Unpacked as the directory says, each holds the very bytes of `files`.
 */
export function wronglyPacked(files: Files): [string, Buffer][] {
  const text = files.get(WRONGLY_PACKED)!;
  const packed = deflateRawSync(text);
  const other = zipOf(new Map([[WRONGLY_PACKED, Buffer.from('{}\n')]]));
  const hidden = other.subarray(0, other.readUInt32LE(other.length - 6));
  return [
    ['a byte behind', replaced(files, Buffer.concat([packed, Buffer.from('x')]))],
    ['a file behind', replaced(files, Buffer.concat([packed, hidden]))],
    ['many bytes behind', replaced(files, Buffer.concat([packed, Buffer.alloc(100_000)]))],
    ['more than is told', replaced(files, deflateRawSync(Buffer.concat([text, text])))],
    ['a piece of it', replaced(files, deflateRawSync(text.subarray(0, -1)))],
    ['no end', replaced(files, deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }))],
    ['two sizes of what is not packed', replaced(files, Buffer.concat([text, text]), 0)],
    ['another checksum', replaced(files, packed, 8, 1)],
  ];
}

function replaced(files: Files, packed: Buffer, method = 8, crc = 0): Buffer {
  const zip = zipOf(files);
  const end = zip.length - 22;
  const central = zip.readUInt32LE(end + 16);
  const places = centralPlaces(zip, central);
  const nameAt = (place: number) =>
    zip.toString('utf8', place + 46, place + 46 + zip.readUInt16LE(place + 28));
  const own = places.find((place) => nameAt(place) === WRONGLY_PACKED)!;
  const offset = zip.readUInt32LE(own + 42);
  const data = offset + 30 + WRONGLY_PACKED.length;
  const rest = data + zip.readUInt32LE(own + 20);
  const copy = Buffer.concat([zip.subarray(0, data), packed, zip.subarray(rest)]);
  const moved = data + packed.length - rest;
  copy.writeUInt32LE(central + moved, end + moved + 16);
  for (const place of places)
    if (zip.readUInt32LE(place + 42) > offset)
      copy.writeUInt32LE(zip.readUInt32LE(place + 42) + moved, place + moved + 42);
  for (const [header, at] of [
    [own + moved, 10],
    [offset, 8],
  ] as const) {
    copy.writeUInt16LE(method, header + at);
    copy.writeUInt32LE((copy.readUInt32LE(header + at + 6) ^ crc) >>> 0, header + at + 6);
    copy.writeUInt32LE(packed.length, header + at + 10);
  }
  return copy;
}

function centralPlaces(zip: Buffer, central: number): number[] {
  const places: number[] = [];
  for (let at = central; zip.readUInt32LE(at) === 0x02014b50; at += 46 + zip.readUInt16LE(at + 28))
    places.push(at);
  return places;
}

/** The name that some programs take in place of the one in the directory (Info-ZIP, 0x7075). */
function withExtra(zip: Buffer, central: number, place: number): Buffer {
  const extra = Buffer.from(`757009000100000000${Buffer.from('evil').toString('hex')}`, 'hex');
  const after = place + 46 + zip.readUInt16LE(place + 28);
  const copy = Buffer.concat([zip.subarray(0, after), extra, zip.subarray(after)]);
  copy.writeUInt16LE(extra.length, place + 30);
  const end = copy.length - 22;
  copy.writeUInt32LE(copy.readUInt32LE(end + 12) + extra.length, end + 12);
  copy.writeUInt32LE(central, end + 16);
  return copy;
}

/** Files that no pack has, listed in pack.json like the others. */
export const STRANGE_NAMES = [
  'notes.txt',
  'documents/nothing.csv',
  'documents/risk.html',
  'verifiers/other.py',
  'log/former/9/checkpoint2',
  'records/risk.json',
  'stamps/readme.txt',
  'README.MD.txt',
  'tile/0/000',
];
