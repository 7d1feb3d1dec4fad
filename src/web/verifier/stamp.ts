import { toHex } from '../proof/note.ts';
import { need } from './findings.ts';

/** What a time stamp says: over which SHA-256, and when. */
export interface Stamp {
  imprint: Uint8Array;
  /** As the authority wrote it, ISO 8601. */
  at: string;
}

interface Der {
  tag: number;
  body: Uint8Array;
}

const SIGNED_DATA = '2a864886f70d010702';
const TST_INFO = '2a864886f70d0109100104';
const SHA256 = '608648016503040201';

/** Reads a TimeStampResp (RFC 3161). Its signature is not checked here: that needs the whole of X.509. */
export function readStamp(bytes: Uint8Array): Stamp {
  const [status, token] = inside(only(bytes));
  need(status !== undefined && token !== undefined, 'the stamp holds no token');
  const [granted] = inside(status);
  need(
    granted !== undefined && (granted.body[0] === 0 || granted.body[0] === 1),
    'the stamp was not granted',
  );
  const [type, wrapped] = inside(token);
  need(is(type, SIGNED_DATA) && wrapped !== undefined, 'the stamp is not a signed token');
  const content = inside(only(wrapped.body))[2];
  need(content !== undefined, 'the stamp holds no content');
  const [kind, octets] = inside(content);
  need(is(kind, TST_INFO) && octets !== undefined, 'the token is not a time stamp');
  const info = inside(only(only(octets.body).body));
  const [algorithm, imprint] = info[2] ? inside(info[2]) : [];
  need(algorithm !== undefined && imprint !== undefined, 'the stamp has no imprint');
  need(
    is(inside(algorithm)[0], SHA256) && imprint.body.length === 32,
    'the imprint of the stamp is not a SHA-256',
  );
  const time = info[4] ? new TextDecoder().decode(info[4].body) : '';
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(time);
  need(parts !== null, 'the stamp has no time');
  const [, year, month, day, hour, minute, second] = parts;
  return { imprint: imprint.body, at: `${year}-${month}-${day}T${hour}:${minute}:${second}Z` };
}

const is = (value: Der | undefined, oid: string): boolean => value?.tag === 6 && toHex(value.body) === oid;

function inside(value: Der): Der[] {
  const list: Der[] = [];
  for (let rest = value.body; rest.length > 0; ) {
    const { der, length } = first(rest);
    list.push(der);
    rest = rest.subarray(length);
  }
  return list;
}

function only(bytes: Uint8Array): Der {
  const { der, length } = first(bytes);
  need(length === bytes.length, 'the stamp has something after its end');
  return der;
}

function first(bytes: Uint8Array): { der: Der; length: number } {
  const short = bytes[1] ?? 0x80;
  const extra = short > 0x80 ? short - 0x80 : 0;
  need(bytes.length >= 2 + extra && extra <= 4 && short !== 0x80, 'the stamp is not DER');
  const size = extra === 0 ? short : bytes.subarray(2, 2 + extra).reduce((n, b) => n * 256 + b, 0);
  const end = 2 + extra + size;
  need(end <= bytes.length, 'the stamp ends too early');
  return { der: { tag: bytes[0]!, body: bytes.subarray(2 + extra, end) }, length: end };
}
