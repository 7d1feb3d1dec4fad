/**
 * DER (ITU-T X.690) read strictly: definite lengths in their shortest form, nothing after the end. A lenient reader would see
 * one stamp in several spellings, and hash bytes that it had written anew instead of those that were signed.
 */

/** Bytes that are not what the standard asks for; the message is the end of a sentence. */
export class Malformed extends Error {}

/** One element; `bytes` is all of it, `value` what stands behind tag and length. */
export interface Der {
  tag: number;
  bytes: Buffer;
  value: Buffer;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  time: 0x18,
} as const;

/** Tag of a constructed element `[n]`. */
export const context = (n: number): number => 0xa0 | n;

/** The one element that these bytes are. Throws Malformed. */
export function readDer(bytes: Uint8Array): Der {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = elementAt(buffer, 0);
  if (first.bytes.length !== buffer.length)
    throw new Malformed(`has ${buffer.length - first.bytes.length} bytes after its end`);
  return first;
}

/** Elements within an element with this tag; `what` names it when it is another one. Throws Malformed. */
export function within(element: Der | undefined, tag: number, what: string): Der[] {
  const inside: Der[] = [];
  const { value } = expect(element, tag, what);
  for (let at = 0; at < value.length; ) {
    const next = elementAt(value, at);
    inside.push(next);
    at += next.bytes.length;
  }
  return inside;
}

/** The element itself, which must be there and have this tag. Throws Malformed. */
export function expect(element: Der | undefined, tag: number, what: string): Der {
  if (element === undefined) throw new Malformed(`has no ${what}`);
  if (element.tag !== tag)
    throw new Malformed(`holds tag 0x${element.tag.toString(16)} where ${what} belongs`);
  return element;
}

/** An object identifier in dotted form. */
export function oidOf(element: Der | undefined, what: string): string {
  const { value } = expect(element, TAG.oid, what);
  const arcs: number[] = [];
  let arc = 0;
  let open = false;
  for (const byte of value) {
    if (!open && byte === 0x80) throw new Malformed(`writes ${what} in a longer form than needed`);
    arc = arc * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(arc)) throw new Malformed(`has a number in ${what} that is too large`);
    open = byte >= 0x80;
    if (open) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first] = arcs;
  if (first === undefined || open) throw new Malformed(`breaks off within ${what}`);
  const top = Math.min(Math.floor(first / 40), 2);
  return [top, first - top * 40, ...arcs.slice(1)].join('.');
}

/** The bytes of an integer as they stand: big-endian two's complement in its shortest form. */
export function integerOf(element: Der | undefined, what: string): Buffer {
  const { value } = expect(element, TAG.integer, what);
  const padded =
    value.length > 1 && (value[0] === 0 ? value[1]! < 0x80 : value[0] === 0xff && value[1]! >= 0x80);
  if (value.length === 0 || padded) throw new Malformed(`writes ${what} in another form than the shortest`);
  return value;
}

/** A small whole number, 0 to 255. */
export function smallOf(element: Der | undefined, what: string): number {
  const value = integerOf(element, what);
  const n = value.length === 2 && value[0] === 0 ? value[1]! : value[0]!;
  if (value.length > 2 || (value.length === 2 && value[0] !== 0) || (value.length === 1 && n > 127))
    throw new Malformed(`has a number out of range in ${what}`);
  return n;
}

/** UTCTime (as RFC 5280 reads its years) or GeneralizedTime, in UTC; fractions are cut to milliseconds. */
export function timeOf(element: Der | undefined, what: string): Date {
  const short = element?.tag === TAG.utcTime;
  const text = expect(element, short ? TAG.utcTime : TAG.time, what).value.toString('latin1');
  const pattern = short
    ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)()Z$/
    : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/;
  const m = pattern.exec(text);
  if (m === null) throw new Malformed(`has no time in UTC as ${what}`);
  const year = short ? Number(m[1]) + (Number(m[1]) < 50 ? 2000 : 1900) : Number(m[1]);
  const milliseconds = `${(m[7] ?? '').slice(1)}000`.slice(0, 3);
  const written = `${String(year).padStart(4, '0')}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}.${milliseconds}Z`;
  const time = new Date(written);
  // A 31 February would be read as 3 March.
  if (Number.isNaN(time.getTime()) || time.toISOString() !== written)
    throw new Malformed(`has a time that does not exist as ${what}`);
  return time;
}

/** One element from its tag and what it holds. */
export function writeDer(tag: number, ...parts: Uint8Array[]): Buffer {
  const value = Buffer.concat(parts);
  const length: number[] = [];
  for (let n = value.length; n > 0; n = Math.floor(n / 256)) length.unshift(n % 256);
  const head = value.length < 0x80 ? [value.length] : [0x80 | length.length, ...length];
  return Buffer.concat([Buffer.from([tag, ...head]), value]);
}

function elementAt(buffer: Buffer, at: number): Der {
  const tag = buffer[at];
  const first = buffer[at + 1];
  if (tag === undefined || first === undefined) throw new Malformed('breaks off within an element');
  if ((tag & 0x1f) === 0x1f || tag === 0)
    throw new Malformed(`has an element with the unknown tag 0x${tag.toString(16)}`);
  let length = first;
  let start = at + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0) throw new Malformed('has an element of indefinite length, which DER does not have');
    if (count > 4 || start + count > buffer.length)
      throw new Malformed('has an element with an impossible length');
    length = buffer.readUIntBE(start, count);
    start += count;
    if (length < 0x80 || length < 256 ** (count - 1))
      throw new Malformed('writes a length in a longer form than needed');
  }
  const end = start + length;
  if (end > buffer.length) throw new Malformed('breaks off within an element');
  return { tag, bytes: buffer.subarray(at, end), value: buffer.subarray(start, end) };
}
