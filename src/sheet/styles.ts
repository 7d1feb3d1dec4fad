import type { Archive } from './archive.ts';
import { readXml } from './xml.ts';

/** Built-in number formats that show a date or a time. */
const BUILT_IN = new Set([
  14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 45, 46, 47, 50, 51, 52, 53, 54,
  55, 56, 57, 58,
]);

/** Whether a number format shows days, months or hours; what stands in quotes, brackets or behind a backslash is only text. */
export function isDateFormat(code: string): boolean {
  const first = code.split(';')[0]!.slice(0, 500);
  const bare = first.replace(/\[[hms]+\]/gi, 'h').replace(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, '');
  return /[ymdhs]/i.test(bare.replace(/General|E[+-]/gi, ''));
}

/** For each look of a cell, whether it shows a number as a date. */
export async function readStyles(archive: Archive, path: string): Promise<boolean[]> {
  const codes = new Map<number, string>();
  const dates: boolean[] = [];
  let inside = false;
  if (path === '') return dates;
  await readXml(path, archive.chunks(path), {
    open(name, a) {
      if (name === 'numFmt' && codes.size < 5000)
        codes.set(Number(a.get('numFmtId')), a.get('formatCode') ?? '');
      else if (name === 'cellXfs') inside = true;
      else if (name === 'xf' && inside && dates.length < 70_000) {
        const id = Number(a.get('numFmtId') ?? 0);
        dates.push(codes.has(id) ? isDateFormat(codes.get(id)!) : BUILT_IN.has(id));
      }
    },
    close(name) {
      if (name === 'cellXfs') inside = false;
    },
  });
  return dates;
}
