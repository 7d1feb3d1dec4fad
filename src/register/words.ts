/**
 * How text is cut into words for searching: the same for what is stored and for what is asked, so that nothing is stored in a way in which it is
 * never found. A word is letters and digits; accents and case are folded (é is e, ß is ss). What stands together without a blank (2.3.2, gpt-4o,
 * ann@acme.example, a path) is found in its parts, in their order, and as one (gpt4o). Chinese, Japanese, Korean and Thai, which are written without
 * blanks, are cut into pairs of characters.
 */

/** Raised when words are cut otherwise than before: what was stored is then cut anew at the next start. */
export const WORDS_RULE = 2;

/** Longest word that is told apart; of a longer one (a digest) its beginning is. */
const LONGEST = 60;
/** What stands together in more parts than this is found in its parts only. */
const JOINED = 5;

const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
  ŋ: 'n',
};

/** Lower case, without accents; the letters of other scripts stay what they are. */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\u00ad\u200b-\u200d\ufeff]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[ßæœøđðþłıŋ]/g, (c) => LETTERS[c]!);

const PAIRED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}ー]/u;
const RUNS = new RegExp(`${PAIRED.source}+|[^${PAIRED.source.slice(1, -1)}]+`, 'gu');

/** The words of what stands together. `asked`: the last character of a script in pairs stands for itself only when it is alone. */
function partsOf(chunk: string, asked: boolean): string[] {
  return chunk
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter(Boolean)
    .flatMap((word) => word.match(RUNS) ?? [])
    .flatMap((run) => {
      const letters = [...run];
      if (!PAIRED.test(letters[0]!)) return [letters.slice(0, LONGEST).join('')];
      const pairs = letters.map((c, i) => c + (letters[i + 1] ?? ''));
      return asked && pairs.length > 1 ? pairs.slice(0, -1) : pairs;
    });
}

/**
 * A word as the database keeps it. Its own parser would take words apart by rules that change with locale and content (`1e5` is a number to it,
 * `-0001` a negative one), so that every word is written in letters that it leaves alone.
 */
const lexeme = (word: string): string =>
  `w${[...word].map((c) => (/[a-z0-9]/.test(c) ? c : `z${c.codePointAt(0)!.toString(16).padStart(5, '0')}`)).join('')}`;

const joins = (parts: readonly string[]): boolean =>
  parts.length > 1 &&
  parts.length <= JOINED &&
  parts.every((p) => /^[\p{L}\p{N}]+$/u.test(p) && !PAIRED.test(p));

/** Text as it is stored for searching: words in their order, then what stands together as one. */
export function storedWords(text: string): string {
  const words: string[] = [];
  const wholes: string[] = [];
  for (const chunk of folded(text).split(/\s+/)) {
    const parts = partsOf(chunk, false);
    for (const p of parts) words.push(lexeme(p));
    if (joins(parts)) wholes.push(lexeme(parts.join('').slice(0, LONGEST)));
  }
  return within([...words, ...wholes]).join(' ');
}

/** The database keeps a megabyte of words for a record: what lies beyond is not found. */
function within(words: readonly string[]): string[] {
  let left = 300_000;
  return words.filter((w) => {
    left -= w.length + 1;
    return left > 0;
  });
}

/** What is asked, chunk by chunk: parts that must follow each other. Words in quotation marks are one chunk. */
export function askedChunks(text: string): string[][] {
  const chunks: string[][] = [];
  let left = 40;
  for (const [, quoted, plain] of folded(text.slice(0, 2_000)).matchAll(
    /["“„”]([^"“„”]+)["“„”]|([^\s"“„”]+)/gu,
  )) {
    const parts = (quoted ?? plain!)
      .split(/\s+/)
      .flatMap((c) => partsOf(c, true))
      .slice(0, left);
    left -= parts.length;
    if (parts.length > 0) chunks.push(parts);
  }
  return chunks.slice(0, 12);
}

/**
 * What is asked as a text query of the database: every word must occur, parts of what stands together follow each other, and the last word may be
 * unfinished. Undefined when there is nothing to look for. `mark` says which of the stored words: see `titleWords`.
 */
export function wordsQuery(text: string, mark = ''): string | undefined {
  const chunks = askedChunks(text);
  if (chunks.length === 0) return undefined;
  const said = (word: string, open: boolean) => `'${mark}${lexeme(word)}'${open ? ':*' : ''}`;
  return chunks
    .map((parts, i) => {
      const last = i === chunks.length - 1 && !/["“”]\s*$/.test(text);
      const open = last && !(joins(parts) && ofVersion(parts.at(-2)!) && ofVersion(parts.at(-1)!));
      const phrase = parts.map((p, j) => said(p, open && j === parts.length - 1)).join(' <-> ');
      const whole = joins(parts) ? ` | ${said(parts.join('').slice(0, LONGEST), last)}` : '';
      return `(${phrase}${whole})`;
    })
    .join(' & ');
}

/** Of a version that is not finished yet (2.3.1 of 2.3.12) the whole is: every number that begins with 1 would be looked for. */
const ofVersion = (part: string): boolean => /^\d{1,2}$/.test(part);

/** Words of a title, marked, so that a search finds titles before texts. */
export const titleWords = (title: string): string => storedWords(title).replaceAll(/(^| )w/g, '$1tw');

/**
 * Stored words (or those of a title) as an organisation keeps them: what one says is found by none other, and costs none other. `words_here` in the database
 * does the same to what is asked.
 */
export const wordsIn = (organisation: number, words: string): string =>
  words.replaceAll(/(^| )(?=t?w)/g, `$1o${organisation}`);
