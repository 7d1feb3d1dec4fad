import { Failure } from '../base/failure.ts';
import { decodeHash } from '../ledger/base64.ts';
import { isSize } from '../ledger/merkle.ts';
import { type FormerLog, PACK_FILES, PACK_FORMAT, PACK_LIMITS, type PackManifest } from './format.ts';
import { hasExactly, isObject } from './json-line.ts';
import { FileFault, type PackZip } from './zip-read.ts';

const NAMES = [
  'format',
  'origin',
  'log',
  'organisation',
  'name',
  'size',
  'root',
  'asOf',
  'system',
  'madeAt',
  'vkeys',
  'gateKey',
  'former',
  'files',
];

const isText = (v: unknown): v is string => typeof v === 'string' && v.length <= 100_000;
const isRoot = (v: unknown): boolean => typeof v === 'string' && decodeHash(v) !== undefined;
const isKeys = (v: unknown): boolean => Array.isArray(v) && v.length <= 1000 && v.every(isText);
const isCount = (v: unknown): v is number => isSize(v) && v > 0;

/** Reads `pack.json`. Fails INVALID when this is not a pack of the known format. */
export async function readManifest(zip: PackZip): Promise<PackManifest> {
  if (!zip.names.has(PACK_FILES.manifest))
    throw bad(
      'this ZIP is not an audit pack: it holds no pack.json, which is written last; a pack that was cut off has none',
    );
  let value: unknown;
  try {
    const bytes = await zip.bytes(PACK_FILES.manifest, PACK_LIMITS.manifest);
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as unknown;
    // A name given twice would be read differently by another program.
    if (`${JSON.stringify(value, null, 1)}\n` !== bytes.toString('utf8'))
      throw bad('pack.json is not spelt as packs are: a name stands twice, or it was written by hand');
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw bad(`pack.json ${error instanceof FileFault ? error.message : 'is not JSON'}`);
  }
  if (!isObject(value) || value.format !== PACK_FORMAT)
    throw bad(`pack.json must say the format ${PACK_FORMAT}; a newer program may be needed`);
  const problem = manifestProblem(value);
  if (problem !== undefined) throw bad(`pack.json: ${problem}`);
  return value as unknown as PackManifest;
}

function manifestProblem(m: Record<string, unknown>): string | undefined {
  if (!hasExactly(m, NAMES)) return `it must hold ${NAMES.join(', ')}, and nothing else`;
  if (![m.origin, m.organisation, m.name, m.madeAt, m.gateKey].every(isText))
    return 'origin, organisation, name, madeAt and gateKey are texts';
  if (!isCount(m.log) || !isSize(m.size) || !isRoot(m.root))
    return 'log and size are whole numbers, root is the base64 of 32 bytes';
  if (!(m.system === null || (isText(m.system) && /^[A-Z]{3}-[0-9]{4,9}$/.test(m.system))))
    return 'system is a reference or null';
  if (!isKeys(m.vkeys)) return 'vkeys lists the keys of the log';
  if (!Array.isArray(m.former) || m.former.length > 1000 || !m.former.every(isFormer))
    return 'former lists logs with number, origin, size, root and vkeys';
  if (!numbered(m.former as FormerLog[], m.log))
    return 'former lists every log before, which are numbered from 1 without a gap, up to the number of the log';
  const asOf = asOfProblem(m.asOf, m.log, m.size, m.former as FormerLog[]);
  if (asOf !== undefined) return asOf;
  const files = m.files;
  if (
    !isObject(files) ||
    !Object.values(files).every((v) => typeof v === 'string' && /^[0-9a-f]{64}$/.test(v))
  )
    return 'files holds the SHA-256 of every file, 64 lower-case hex digits';
  return undefined;
}

function asOfProblem(asOf: unknown, log: number, size: number, former: FormerLog[]): string | undefined {
  if (asOf === null) return undefined;
  const names = isObject(asOf) && Object.hasOwn(asOf, 'log') ? ['log', 'size', 'at'] : ['size', 'at'];
  if (!isObject(asOf) || !hasExactly(asOf, names) || !isSize(asOf.size) || !isText(asOf.at))
    return 'asOf is null, or holds size, at and perhaps log';
  if (!Object.hasOwn(asOf, 'log'))
    return asOf.size === size ? undefined : `asOf is of ${asOf.size} entries, the pack of ${size}`;
  const most = asOf.log === log ? size - 1 : former.find((f) => f.number === asOf.log)?.size;
  if (most !== undefined && asOf.size > 0 && asOf.size <= most) return undefined;
  return `asOf names ${asOf.size} entries of log ${String(asOf.log).slice(0, 20)}, which is no earlier state of a log in the pack`;
}

const isFormer = (v: unknown): v is FormerLog =>
  isObject(v) &&
  hasExactly(v, ['number', 'origin', 'size', 'root', 'vkeys']) &&
  isCount(v.number) &&
  isText(v.origin) &&
  isSize(v.size) &&
  isRoot(v.root) &&
  isKeys(v.vkeys);

/** An organisation counts its logs from 1. A number that nothing signed refers to could say anything else. */
function numbered(former: FormerLog[], log: number): boolean {
  return [...former.map((f) => f.number), log].every((n, i) => n === i + 1);
}

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
