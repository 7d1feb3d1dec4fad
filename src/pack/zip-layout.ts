import type { FileHandle } from 'node:fs/promises';
import type { Entry } from 'yauzl';

const LOCAL_BYTES = 30;
const DESCRIPTOR_BYTES = 16;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
/** Deflate levels (1, 2), sizes after the data (3), UTF-8 names (11). */
const FLAGS = 0x080e;
const HAS_DESCRIPTOR = 8;
const TYPE = 0xf000;
const PLAIN_FILE = 0x8000;

/**
 * Why programs could read this ZIP in different ways, or find more in it than is listed; undefined when they cannot. A pack is one file after the
 * other from the first byte to the directory, and the directory ends the file: no gaps, no second ZIP before, behind or inside, no links, and
 * nothing in fields that some programs obey and others do not.
 */
export async function layoutProblem(
  file: FileHandle,
  fileSize: number,
  entries: readonly Entry[],
): Promise<string | undefined> {
  const central = await centralPlace(file, fileSize, entries.length);
  if (typeof central === 'string') return central;
  const listed = entries.reduce((sum, e) => sum + CENTRAL_BYTES + e.fileNameLength, 0);
  if (central.at + listed !== fileSize - END_BYTES) return 'its directory holds more than the names of files';
  let at = 0;
  for (const entry of [...entries].sort((a, b) => offsetOf(a) - offsetOf(b))) {
    const problem = fieldProblem(entry) ?? (await placeProblem(file, entry, at));
    if (problem !== undefined) return `${JSON.stringify(entry.fileName.slice(0, 100))} ${problem}`;
    at = endOf(entry);
  }
  return at === central.at ? undefined : 'there is something between its last file and its directory';
}

const offsetOf = (e: Entry): number => e.relativeOffsetOfLocalHeader;
const hasDescriptor = (e: Entry): boolean => (e.generalPurposeBitFlag & HAS_DESCRIPTOR) !== 0;
const dataEnd = (e: Entry): number => offsetOf(e) + LOCAL_BYTES + e.fileNameLength + e.compressedSize;
const endOf = (e: Entry): number => dataEnd(e) + (hasDescriptor(e) ? DESCRIPTOR_BYTES : 0);

async function centralPlace(
  file: FileHandle,
  fileSize: number,
  count: number,
): Promise<{ at: number } | string> {
  const end = await bytesAt(file, fileSize - END_BYTES, END_BYTES);
  if (end.length !== END_BYTES || end.readUInt32LE(0) !== 0x06054b50 || end.readUInt16LE(20) !== 0)
    return 'something stands behind its directory';
  if (end.readUInt32LE(4) !== 0 || end.readUInt16LE(8) !== count || end.readUInt16LE(10) !== count)
    return 'its directory does not end with the number of its files';
  const [size, at] = [end.readUInt32LE(12), end.readUInt32LE(16)];
  return at + size === fileSize - END_BYTES
    ? { at }
    : 'there is something before its first file, or behind its directory';
}

/** What the directory says of a file that a pack does not have. */
function fieldProblem(e: Entry): string | undefined {
  if (e.extraFieldLength > 0 || e.fileCommentLength > 0)
    return 'has extra fields or a comment; packs have none: take the file as it was made';
  if ((e.generalPurposeBitFlag & ~FLAGS) !== 0) return 'is packed in a way that packs do not use';
  const type = (e.externalFileAttributes >>> 16) & TYPE;
  if ((type !== 0 && type !== PLAIN_FILE) || (e.externalFileAttributes & 0x10) !== 0)
    return 'is not a plain file but a link, a folder or a device';
  return undefined;
}

/** The file's own header stands where the last file ended, and says what the directory says. */
async function placeProblem(file: FileHandle, e: Entry, at: number): Promise<string | undefined> {
  if (offsetOf(e) < at) return 'overlaps another file of the ZIP';
  if (offsetOf(e) > at) return 'does not follow the file before it: there is something in between';
  const header = await bytesAt(file, at, LOCAL_BYTES + e.fileNameLength);
  if (header.length < LOCAL_BYTES + e.fileNameLength || header.readUInt32LE(0) !== 0x04034b50)
    return 'is not where the directory says';
  if (!header.subarray(LOCAL_BYTES).equals(e.fileNameRaw) || header.readUInt16LE(26) !== e.fileNameLength)
    return 'has another name in its own header than in the directory of the ZIP';
  const sizes = [e.crc32, e.compressedSize, e.uncompressedSize];
  const own = [14, 18, 22].map((place) => header.readUInt32LE(place));
  const alike = hasDescriptor(e) ? own.every((n, i) => n === 0 || n === sizes[i]) : same(own, sizes);
  if (
    header.readUInt16LE(6) !== e.generalPurposeBitFlag ||
    header.readUInt16LE(8) !== e.compressionMethod ||
    header.readUInt16LE(28) !== 0 ||
    !alike
  )
    return 'says something else in its own header than the directory does';
  if (!hasDescriptor(e)) return undefined;
  const after = await bytesAt(file, dataEnd(e), DESCRIPTOR_BYTES);
  const holds =
    after.length === DESCRIPTOR_BYTES &&
    after.readUInt32LE(0) === 0x08074b50 &&
    same(
      [4, 8, 12].map((place) => after.readUInt32LE(place)),
      sizes,
    );
  return holds ? undefined : 'is not followed by its size and checksum';
}

const same = (a: readonly number[], b: readonly number[]): boolean => a.every((n, i) => n === b[i]);

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  if (at < 0) return Buffer.alloc(0);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  return bytes.subarray(0, bytesRead);
}
