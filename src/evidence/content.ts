/** What a file is, by its bytes alone: its name says nothing, and nothing of it is unpacked or run. */

/** Kinds that are taken up to the same size. */
export type ContentGroup = 'text' | 'picture' | 'document' | 'archive' | 'other';

/** What the bytes of a file say that it is. */
export interface Content {
  mediaType: string;
  /** As people call it: `PDF`, `ZIP archive`. */
  label: string;
  group: ContentGroup;
}

/** So many of the first bytes are looked at. */
export const HEAD = 65_536;

const MIB = 1_048_576;

/** Most bytes of a file of each group. */
export const CONTENT_LIMITS: Readonly<Record<ContentGroup, number>> = {
  text: 512 * MIB,
  picture: 128 * MIB,
  document: 256 * MIB,
  archive: 512 * MIB,
  other: 512 * MIB,
};

const as = (mediaType: string, label: string, group: ContentGroup): Content => ({ mediaType, label, group });

const OTHER = as('application/octet-stream', 'unknown', 'other');
const ZIP = as('application/zip', 'ZIP archive', 'archive');
const OFFICE = 'application/vnd.openxmlformats-officedocument';

/** First bytes, in hex, from the place of each; a dot stands for any digit. */
const SIGNATURES: readonly (readonly [at: number, hex: string, is: Content])[] = [
  [0, '89504e470d0a1a0a', as('image/png', 'PNG image', 'picture')],
  [0, 'ffd8ff', as('image/jpeg', 'JPEG image', 'picture')],
  [0, '474946383761', as('image/gif', 'GIF image', 'picture')],
  [0, '474946383961', as('image/gif', 'GIF image', 'picture')],
  [0, '52494646........57454250', as('image/webp', 'WebP image', 'picture')],
  [0, '52494646........57415645', as('audio/wav', 'WAV sound', 'other')],
  [0, '49492a00', as('image/tiff', 'TIFF image', 'picture')],
  [0, '4d4d002a', as('image/tiff', 'TIFF image', 'picture')],
  [4, '6674797068656963', as('image/heic', 'HEIC image', 'picture')],
  [4, '6674797061766966', as('image/avif', 'AVIF image', 'picture')],
  [4, '66747970', as('video/mp4', 'MP4 video', 'other')],
  [0, '1a45dfa3', as('video/webm', 'Matroska video', 'other')],
  [0, '494433', as('audio/mpeg', 'MP3 sound', 'other')],
  [0, '4f676753', as('audio/ogg', 'Ogg sound', 'other')],
  [0, '1f8b', as('application/gzip', 'gzip archive', 'archive')],
  [0, '425a68', as('application/x-bzip2', 'bzip2 archive', 'archive')],
  [0, 'fd377a585a00', as('application/x-xz', 'XZ archive', 'archive')],
  [0, '28b52ffd', as('application/zstd', 'Zstandard archive', 'archive')],
  [0, '377abcaf271c', as('application/x-7z-compressed', '7-Zip archive', 'archive')],
  [0, '526172211a07', as('application/vnd.rar', 'RAR archive', 'archive')],
  [257, '7573746172', as('application/x-tar', 'tar archive', 'archive')],
  [0, 'd0cf11e0a1b11ae1', as('application/x-ole-storage', 'older Office document or mail', 'document')],
  [0, '7b5c727466', as('application/rtf', 'RTF document', 'document')],
  [0, '50415231', as('application/vnd.apache.parquet', 'Parquet table', 'other')],
  [0, '53514c69746520666f726d6174203300', as('application/vnd.sqlite3', 'SQLite database', 'other')],
  [0, '7f454c46', as('application/x-elf', 'program for Linux', 'other')],
  [0, '4d5a', as('application/vnd.microsoft.portable-executable', 'program for Windows', 'other')],
  [0, 'cffaedfe', as('application/x-mach-binary', 'program for macOS', 'other')],
  [0, '0061736d', as('application/wasm', 'WebAssembly program', 'other')],
];

/** Members that tell what a ZIP holds, by the names in its first bytes. */
const IN_ZIP: readonly (readonly [member: string, is: Content])[] = [
  ['word/', as(`${OFFICE}.wordprocessingml.document`, 'Word document', 'document')],
  ['xl/', as(`${OFFICE}.spreadsheetml.sheet`, 'Excel workbook', 'document')],
  ['ppt/', as(`${OFFICE}.presentationml.presentation`, 'PowerPoint presentation', 'document')],
];
const OPEN_DOCUMENT: Readonly<Record<string, Content>> = {
  'application/vnd.oasis.opendocument.text': as(
    'application/vnd.oasis.opendocument.text',
    'OpenDocument text',
    'document',
  ),
  'application/vnd.oasis.opendocument.spreadsheet': as(
    'application/vnd.oasis.opendocument.spreadsheet',
    'OpenDocument spreadsheet',
    'document',
  ),
  'application/vnd.oasis.opendocument.presentation': as(
    'application/vnd.oasis.opendocument.presentation',
    'OpenDocument presentation',
    'document',
  ),
  'application/epub+zip': as('application/epub+zip', 'EPUB book', 'document'),
};

/** What a file is by its first bytes (up to `HEAD`). */
export function contentOf(head: Uint8Array): Content {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, HEAD));
  if (bytes.length === 0) return as('application/x-empty', 'empty', 'other');
  // A reader of PDF looks for this within the first kilobyte, whatever stands before it.
  if (bytes.subarray(0, 1024).includes('%PDF-')) return as('application/pdf', 'PDF', 'document');
  const found = SIGNATURES.find(([at, hex]) =>
    new RegExp(`^${hex}`).test(bytes.subarray(at, at + hex.length / 2).toString('hex')),
  );
  const text = found && found[1].length > 6 ? undefined : textOf(bytes);
  if (text !== undefined) return textContent(text);
  if (found) return found[2];
  return ['PK\x03\x04', 'PK\x05\x06'].some((s) => bytes.subarray(0, 4).equals(Buffer.from(s, 'latin1')))
    ? zipContent(bytes)
    : OTHER;
}

function zipContent(bytes: Buffer): Content {
  const names = membersIn(bytes);
  if (names[0]?.name === 'mimetype') return OPEN_DOCUMENT[names[0].content] ?? ZIP;
  if (!names.some((n) => n.name === '[Content_Types].xml')) return ZIP;
  return IN_ZIP.find(([member]) => names.some((n) => n.name.startsWith(member)))?.[1] ?? ZIP;
}

/** Names of members whose headers lie in these bytes, and what the first says where it is not packed. */
function membersIn(bytes: Buffer): { name: string; content: string }[] {
  const found: { name: string; content: string }[] = [];
  for (let at = 0; at >= 0 && at + 30 < bytes.length; at = bytes.indexOf('PK\x03\x04', at + 4, 'latin1')) {
    const length = bytes.readUInt16LE(at + 26);
    const begins = at + 30 + length + bytes.readUInt16LE(at + 28);
    const name = bytes.toString('latin1', at + 30, at + 30 + length);
    found.push({
      name,
      content: bytes.toString('latin1', begins, begins + Math.min(bytes.readUInt32LE(at + 18), 200)),
    });
  }
  return found;
}

/** The bytes as text, where they are: UTF-8 without control characters, or UTF-16 that says so. Its last character may be cut. */
function textOf(bytes: Buffer): string | undefined {
  const utf16 = ['fffe', 'feff'].indexOf(bytes.toString('hex', 0, 2));
  try {
    const text = new TextDecoder(['utf-16le', 'utf-16be'][utf16] ?? 'utf-8', { fatal: true }).decode(bytes, {
      stream: true,
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they tell text from other bytes
    return /[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function textContent(text: string): Content {
  const start = text.trimStart().slice(0, 4096);
  const tags = start.toLowerCase();
  if (/^(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg\b/.test(tags))
    return as('image/svg+xml', 'SVG image', 'text');
  if (/^(<\?xml[^>]*>\s*)?(<!doctype html|<html)|<(script|body|head)\b/.test(tags))
    return as('text/html', 'HTML page', 'text');
  if (tags.startsWith('<?xml')) return as('application/xml', 'XML', 'text');
  if (/^[{[]/.test(start)) return as('application/json', 'JSON', 'text');
  if (isMail(start)) return as('message/rfc822', 'mail', 'text');
  return isTable(start) ? as('text/csv', 'table (CSV)', 'text') : as('text/plain', 'text', 'text');
}

/** A mail begins with headers, two of which every mail has. */
const isMail = (start: string): boolean =>
  /^[A-Za-z-]+: /.test(start) &&
  ['From', 'Date', 'Received', 'Message-ID', 'MIME-Version', 'Subject'].filter((h) =>
    new RegExp(`^${h}: `, 'mi').test(start.split(/\r?\n\r?\n/, 1)[0]!),
  ).length > 1;

/** Whole lines that have the same separators, as many as in the first. */
function isTable(start: string): boolean {
  const lines = start.split(/\r?\n/).slice(0, 6).filter(Boolean);
  const complete = start.length < 4096 ? lines : lines.slice(0, 5);
  return (
    complete.length > 1 &&
    [',', ';', '\t'].some((d) => {
      const cells = complete.map((l) => l.replace(/"[^"]*"/g, '').split(d).length);
      return cells[0]! > 1 && cells.every((n) => n === cells[0]);
    })
  );
}

/** What the ends of names claim, for those that people go by. */
const CLAIMED: Readonly<Record<string, readonly string[]>> = {
  pdf: ['application/pdf'],
  docx: [`${OFFICE}.wordprocessingml.document`],
  xlsx: [`${OFFICE}.spreadsheetml.sheet`],
  pptx: [`${OFFICE}.presentationml.presentation`],
  doc: ['application/x-ole-storage', 'application/rtf'],
  xls: ['application/x-ole-storage'],
  msg: ['application/x-ole-storage'],
  png: ['image/png'],
  jpg: ['image/jpeg'],
  jpeg: ['image/jpeg'],
  gif: ['image/gif'],
  webp: ['image/webp'],
  zip: ['application/zip'],
  svg: ['image/svg+xml'],
  json: ['application/json'],
  html: ['text/html'],
  htm: ['text/html'],
  txt: ['text/'],
  log: ['text/', 'application/json'],
  csv: ['text/csv', 'text/plain'],
  eml: ['message/rfc822'],
};

/** The end of a name that claims something else than the file is; undefined where it agrees, or claims nothing that is known. */
export function misnamed(fileName: string, content: Content): string | undefined {
  const end = /\.([A-Za-z0-9]{1,8})$/.exec(fileName)?.[1];
  const claimed = CLAIMED[end?.toLowerCase() ?? ''];
  return claimed && !claimed.some((c) => content.mediaType.startsWith(c)) ? `.${end}` : undefined;
}

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** How a file is shown in a frame: a picture as what it is, whatever is text as plain text, so that nothing in it runs. Others are only given away. */
export function shownAs({ mediaType }: Pick<Content, 'mediaType'>): string | undefined {
  if (PICTURES.includes(mediaType)) return mediaType;
  return /^(text|message)\/|[/+](json|xml)$/.test(mediaType) ? 'text/plain; charset=utf-8' : undefined;
}
