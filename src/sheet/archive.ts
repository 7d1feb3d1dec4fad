import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { Failure } from '../base/failure.ts';
import { messageOf } from '../base/thrown.ts';
import { SHEET_LIMITS } from './limits.ts';

/** The parts of an XLSX file. Nothing it says of itself is believed: bytes are counted while they are unpacked. */
export class Archive {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;
  #unpacked = 0;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
  }

  /** Throws INVALID or TOO_LARGE, saying what the file is instead and what to do. */
  static async open(bytes: Uint8Array): Promise<Archive> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    refuseOthers(buffer);
    const entries = new Map<string, Entry>();
    let zip: ZipFile;
    try {
      zip = await fromBufferPromise(buffer, {
        lazyEntries: true,
        strictFileNames: true,
        validateEntrySizes: true,
      });
      if (zip.entryCount > SHEET_LIMITS.parts)
        throw new Failure(
          'TOO_LARGE',
          `The workbook has ${zip.entryCount} parts, more than the ${SHEET_LIMITS.parts} that are read. Copy the rows into a new workbook.`,
        );
      for await (const entry of zip.eachEntry()) {
        if (entry.isEncrypted()) throw notRead('it is encrypted. Save it without a password');
        if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
          throw notRead(`a part is packed by method ${entry.compressionMethod}`);
        const name = entry.fileName.toLowerCase();
        if (entries.has(name)) throw notRead('it holds two parts of the same name');
        if (entries.size >= SHEET_LIMITS.parts) throw notRead('it holds more parts than it says');
        entries.set(name, entry);
      }
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw notRead(`it is damaged (${messageOf(error).slice(0, 120)})`);
    }
    refuseKinds(entries);
    return new Archive(zip, entries);
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  /** The bytes of a part as they are unpacked; an absent part gives none. */
  async *chunks(name: string): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(name.toLowerCase());
    if (!entry) return;
    let bytes = 0;
    let crc = 0;
    try {
      for await (const chunk of await this.#zip.openReadStreamPromise(entry)) {
        const piece = chunk as Buffer;
        bytes += piece.length;
        this.#unpacked += piece.length;
        if (
          this.#unpacked > SHEET_LIMITS.unpacked ||
          bytes > SHEET_LIMITS.free + SHEET_LIMITS.ratio * entry.compressedSize
        )
          throw new Failure(
            'TOO_LARGE',
            `The workbook unpacks to far more than it should (${name.slice(0, 60)}); at most ${SHEET_LIMITS.unpacked / 1_048_576} MB are read. Copy the rows into a new workbook, or split them.`,
          );
        crc = crc32(piece, crc);
        yield piece;
      }
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw notRead(`it is damaged (${messageOf(error).slice(0, 120)})`);
    }
    if (crc !== entry.crc32) throw notRead('it is damaged: a checksum in it is wrong');
  }
}

export const notRead = (why: string): Failure =>
  new Failure('INVALID', `The file cannot be read as an XLSX workbook: ${why}.`, [
    { path: 'file', message: `cannot be read: ${why}` },
  ]);

/** Files of another kind, told by their first bytes whatever their name says. */
function refuseOthers(bytes: Buffer): void {
  if (bytes.length === 0) throw notRead('it is empty');
  if (bytes.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004', 'latin1'))) return;
  if (bytes.subarray(0, 8).equals(Buffer.from('d0cf11e0a1b11ae1', 'hex')))
    throw bytes.includes(Buffer.from('EncryptedPackage', 'utf16le'))
      ? notRead('it is encrypted. Save it without a password')
      : notRead('it is a workbook of the old form (.xls). Save it as .xlsx');
  const start = bytes.subarray(0, 64).toString('latin1').trimStart();
  if (start.startsWith('%PDF')) throw notRead('it is a PDF');
  if (start.startsWith('<')) throw notRead('it is HTML or XML. Save it as .xlsx');
  if (start.startsWith('PK')) throw notRead('it is an empty or damaged ZIP');
  throw notRead('it is not one. If it is text, name it .csv or .json');
}

/** Kinds of workbook that carry programs or reach out, and files of other programs. */
function refuseKinds(entries: ReadonlyMap<string, Entry>): void {
  const names = [...entries.keys()];
  const some = (test: RegExp) => names.some((n) => test.test(n));
  if (some(/(^|\/)vbaproject|(^|\/)macrosheets\/|\.bin$/) && some(/(^|\/)vbaproject|(^|\/)macrosheets\//))
    throw notRead('it holds macros. Save it as a workbook without macros (.xlsx)');
  if (some(/^xl\/workbook\.bin$/)) throw notRead('it is a binary workbook (.xlsb). Save it as .xlsx');
  if (some(/(^|\/)externallinks\//))
    throw notRead('it refers to other workbooks. Break the links (keeping their values), then save it again');
  if (some(/(^|\/)(connections\.xml$|querytables\/)/))
    throw notRead('it fetches data from elsewhere. Remove its connections and queries, then save it again');
  if (some(/(^|\/)(activex|embeddings)\//))
    throw notRead('it has other files or programs embedded. Copy the rows into a new workbook');
  if (entries.has('content.xml') || entries.has('mimetype'))
    throw notRead('it is an OpenDocument file. Save it as .xlsx');
  if (some(/^word\//)) throw notRead('it is a Word document');
  if (some(/^ppt\//)) throw notRead('it is a presentation');
  if (!entries.has('[content_types].xml')) throw notRead('it is a ZIP of something else');
}
