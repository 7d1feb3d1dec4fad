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
