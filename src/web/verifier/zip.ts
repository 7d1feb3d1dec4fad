import { Inflate } from 'fflate';
import { need, Wrong } from './findings.ts';
import { isObject, utf8 } from './reading.ts';

/** Limits of what is unpacked; a pack beyond them is refused before it fills the memory. */
const UNPACKED = 4 * 1024 ** 3;
const FILES = 1_000_000;
const RATIO = 1000;
const DIRECTORY = 512 * 1024 ** 2;
/** Packed bytes given to the unpacker at once: deflate makes at most a thousand times as many of them. */
const SLICE = 16 * 1024;

/** One name, for all systems: no spaces, no hidden files, nothing that leads out of the folder it is unpacked in. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** The file is not a pack at all. */
export class NotAPack extends Error {}

interface Member {
  offset: number;
  packed: number;
  size: number;
  stored: boolean;
  crc: number;
  flags: number;
}

/**
 * The files of a ZIP, read where they lie: nothing is unpacked before it is asked for. The directory at the end says what there is; a
 * file whose own header says another name is refused, because other programs would unpack another pack.
 */
export class PackFiles {
  readonly #blob: Blob;
  readonly #members: Map<string, Member>;
  /** In the order of their text. */
  readonly names: readonly string[];

  private constructor(blob: Blob, members: Map<string, Member>) {
    this.#blob = blob;
    this.#members = members;
    this.names = [...members.keys()].sort();
  }

  /** Fails NotAPack, saying why. */
  static async open(blob: Blob): Promise<PackFiles> {
    const { at, size, count } = await directoryPlace(blob);
    refuse(size > DIRECTORY || count > FILES, `it lists more than ${FILES} files`);
    const directory = await bytesAt(blob, at, size);
    const members = new Map<string, Member>();
    const folded = new Set<string>();
    let total = 0;
    let p = 0;
    for (let n = 0; n < count; n++) {
      const { name, member, next } = directoryEntry(directory, p);
      total += member.size;
      refuse(total > UNPACKED, 'it unpacks to more than 4 GiB');
      refuse(folded.has(name.toLowerCase()), `"${name}" is in it twice`);
      folded.add(name.toLowerCase());
      members.set(name, member);
      p = next;
    }
    refuse(p !== directory.length, 'its directory has another length than it says');
    await checkLayout(blob, members, at);
    refuse(!members.has('pack.json'), 'it holds no pack.json');
    return new PackFiles(blob, members);
  }

  /** Bytes of all files together, unpacked. */
  get total(): number {
    return [...this.#members.values()].reduce((sum, m) => sum + m.size, 0);
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  under(folder: string): string[] {
    return this.names.filter((name) => name.startsWith(folder));
  }

  /** The bytes of a file, piece by piece. */
  async *chunks(name: string): AsyncGenerator<Uint8Array> {
    const member = this.#members.get(name);
    need(member !== undefined, `${name} is missing`);
    const begin = await this.#dataOf(name, member);
    let left = member.size;
    let crc = -1;
    let ready: Uint8Array[] = [];
    const unpack = new Inflate((data) => ready.push(data));
    for (let at = 0; at < member.packed || at === 0; at += SLICE) {
      const end = Math.min(at + SLICE, member.packed);
      const piece = await bytesAt(this.#blob, begin + at, end - at);
      if (member.stored) ready = [piece];
      else inflate(unpack, piece, end === member.packed, name);
      for (const data of ready) {
        left -= data.length;
        need(left >= 0, `${name} is longer than the ZIP says`);
        crc = crcOver(data, crc);
        if (data.length > 0) yield data;
      }
      ready = [];
    }
    need(left === 0, `${name} is ${left} bytes shorter than the ZIP says`);
    need(~crc >>> 0 === member.crc, `${name} is damaged: its checksum in the ZIP is another one`);
    need(
      member.stored || isAtEnd(unpack),
      `${name} ends before the place that the ZIP says: something stands behind it`,
    );
  }

  /** A whole file; `most` bytes of it are read. */
  async bytes(name: string, most = 256 * 1024 ** 2): Promise<Uint8Array> {
    const size = this.#members.get(name)?.size ?? 0;
    need(size <= most, `${name} has ${size} bytes, more than the ${most} that are read`);
    const whole = new Uint8Array(size);
    let at = 0;
    for await (const piece of this.chunks(name)) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  async text(name: string): Promise<string> {
    return utf8(await this.bytes(name));
  }

  /** The lines of a file, without their ends. */
  async *lines(name: string): AsyncGenerator<Uint8Array> {
    let held: Uint8Array[] = [];
    for await (const piece of this.chunks(name)) {
      let from = 0;
      for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
        yield joined([...held, piece.subarray(from, end)]);
        held = [];
        from = end + 1;
      }
      if (from < piece.length) held.push(piece.subarray(from));
    }
    need(held.length === 0, `the last line of ${name} does not end`);
  }

  async #dataOf(name: string, member: Member): Promise<number> {
    const head = view(await bytesAt(this.#blob, member.offset, 30));
    need(head.getUint32(0, true) === 0x04034b50, `${name} is not where the directory of the ZIP says`);
    const length = head.getUint16(26, true);
    const own = await bytesAt(this.#blob, member.offset + 30, length);
    need(utf8(own) === name, `${name} has another name in its own header`);
    return member.offset + 30 + length + head.getUint16(28, true);
  }
}

function inflate(unpack: Inflate, piece: Uint8Array, last: boolean, name: string): void {
  try {
    unpack.push(piece, last);
  } catch {
    throw new Wrong(`${name} cannot be unpacked`);
  }
}

/**
 * True when nothing stands behind what was unpacked: programs that read a ZIP from its beginning would go on there, and find other files. The
 * library does not say so; it keeps what it has not used (`p`), and how many bits of the first byte there it has (`s.p`).
 */
function isAtEnd(unpack: Inflate): boolean {
  const rest: unknown = Reflect.get(unpack, 'p');
  const state: unknown = Reflect.get(unpack, 's');
  if (!(rest instanceof Uint8Array) || !isObject(state)) return false;
  return rest.length === (state.p === 0 ? 0 : 1);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 as ZIPs have it, before its last inversion; begins with -1. */
function crcOver(data: Uint8Array, before: number): number {
  let crc = before;
  for (const byte of data) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 0xff]!;
  return crc;
}

function joined(pieces: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

async function bytesAt(blob: Blob, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await blob.slice(at, at + length).arrayBuffer());
  refuse(bytes.length !== length, 'it ends too early');
  return bytes;
}

function refuse(fault: boolean, why: string): void {
  if (fault) throw new NotAPack(why);
}

/**
 * One file after the other, from the first byte to the directory: no gaps, nothing before, behind or in between that other programs would read.
 * Each file's own header says what the directory says.
 */
async function checkLayout(blob: Blob, members: ReadonlyMap<string, Member>, end: number): Promise<void> {
  let at = 0;
  for (const [name, m] of [...members].sort(([, a], [, b]) => a.offset - b.offset)) {
    refuse(
      m.offset !== at,
      `"${name}" does not follow the file before it: there is something in between, or they overlap`,
    );
    const bytes = await bytesAt(blob, at, 30 + name.length);
    const head = view(bytes);
    const streamed = (m.flags & 8) !== 0;
    const own = [14, 18, 22].map((place) => head.getUint32(place, true));
    const sizes = [m.crc, m.packed, m.size];
    refuse(
      head.getUint32(0, true) !== 0x04034b50 ||
        head.getUint16(6, true) !== m.flags ||
        head.getUint16(8, true) !== (m.stored ? 0 : 8) ||
        head.getUint16(26, true) !== name.length ||
        head.getUint16(28, true) !== 0 ||
        utf8(bytes.subarray(30)) !== name ||
        own.some((n, i) => n !== sizes[i] && !(streamed && n === 0)),
      `"${name}" says something else in its own header than the directory does`,
    );
    at += 30 + name.length + m.packed;
    if (!streamed) continue;
    const after = view(await bytesAt(blob, at, 16));
    refuse(
      after.getUint32(0, true) !== 0x08074b50 ||
        [4, 8, 12].some((p, i) => after.getUint32(p, true) !== sizes[i]),
      `"${name}" is not followed by its size and checksum`,
    );
    at += 16;
  }
  refuse(at !== end, 'there is something between its last file and its directory');
}

/** Where the directory lies: at the very end, before the record that ends a ZIP. What is larger than a pack can be has another one. */
async function directoryPlace(blob: Blob): Promise<{ at: number; size: number; count: number }> {
  refuse(blob.size < 22, 'it is not a ZIP');
  const end = view(await bytesAt(blob, blob.size - 22, 22));
  refuse(
    end.getUint32(0, true) !== 0x06054b50 || end.getUint16(20, true) !== 0,
    'it does not end as a ZIP of a pack does',
  );
  const place = {
    count: end.getUint16(10, true),
    size: end.getUint32(12, true),
    at: end.getUint32(16, true),
  };
  refuse(
    end.getUint32(4, true) !== 0 ||
      end.getUint16(8, true) !== place.count ||
      place.at + place.size !== blob.size - 22,
    'there is something before its first file, or behind its directory',
  );
  return place;
}

function directoryEntry(directory: Uint8Array, p: number): { name: string; member: Member; next: number } {
  refuse(p + 46 > directory.length, 'its directory ends too early');
  const d = view(directory);
  refuse(d.getUint32(p, true) !== 0x02014b50, 'its directory cannot be read');
  const method = d.getUint16(p + 10, true);
  const nameEnd = p + 46 + d.getUint16(p + 28, true);
  const extraEnd = nameEnd + d.getUint16(p + 30, true);
  const next = extraEnd + d.getUint16(p + 32, true);
  refuse(next > directory.length, 'its directory ends too early');
  const name = nameOf(directory.subarray(p + 46, nameEnd));
  const sizes = [24, 20, 42].map((at) => d.getUint32(p + at, true));
  const [size = 0, packed = 0, offset = 0] = sizes;
  const flags = d.getUint16(p + 8, true);
  refuse(
    (method !== 0 && method !== 8) || (flags & 1) !== 0,
    `"${name}" is packed in a way that is not read here`,
  );
  refuse(method === 0 && size !== packed, `"${name}" has two sizes`);
  refuse(size > 1024 ** 2 + RATIO * packed, `"${name}" unpacks to more than ${RATIO} times its size`);
  refuse(
    next !== nameEnd,
    `"${name}" has extra fields or a comment; packs have none: take the file as it was made`,
  );
  refuse((flags & ~0x080e) !== 0, `"${name}" is packed in a way that packs do not use`);
  const attributes = d.getUint32(p + 38, true);
  const type = (attributes >>> 16) & 0xf000;
  refuse(
    (type !== 0 && type !== 0x8000) || (attributes & 0x10) !== 0,
    `"${name}" is not a plain file but a link, a folder or a device`,
  );
  const crc = d.getUint32(p + 16, true);
  return { name, member: { offset, packed, size, stored: method === 0, crc, flags }, next };
}

function nameOf(bytes: Uint8Array): string {
  let name = '';
  try {
    name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    refuse(true, 'a file name in it is not UTF-8');
  }
  refuse(!NAME.test(name) || name.length > 300, `the file name "${name}" is not allowed`);
  return name;
}
