/**
 * Text in the XML of a workbook. Characters that XML cannot hold, and line ends it would change, are written `_xHHHH_`; a text that
 * looks like that already has its first character written so.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are the ones XML cannot hold
const UNSAFE = /[\u0000-\u0008\u000B-\u001F\uFFFE\uFFFF]|_(?=x[0-9A-Fa-f]{4}_)/g;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (c) => ENTITIES[c]!);

export const toSheetText = (text: string): string =>
  text.replace(UNSAFE, (c) => `_x${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`);

export const fromSheetText = (text: string): string =>
  text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
