import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { contentOf, misnamed, shownAs } from './content.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const zip = (...names: string[]) => zipSync(Object.fromEntries(names.map((n) => [n, bytes('<x/>')])));
const tar = Buffer.alloc(512);
tar.write('ustar', 257);

const FILES: readonly (readonly [string, Uint8Array, string, string | undefined])[] = [
  ['a PDF', bytes('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj'), 'application/pdf', undefined],
  ['a PDF with something before it', bytes('\n\n<html>%PDF-1.4 /JavaScript'), 'application/pdf', undefined],
  ['a PNG', bytes('\x89PNG\r\n\x1a\n\0\0'), 'image/png', 'image/png'],
  ['a JPEG', bytes('\xff\xd8\xff\xe0\0\x10JFIF'), 'image/jpeg', 'image/jpeg'],
  ['a GIF', bytes('GIF89a\x01\0'), 'image/gif', 'image/gif'],
  ['a WebP', bytes('RIFF\x10\0\0\0WEBPVP8 '), 'image/webp', 'image/webp'],
  [
    'an SVG',
    bytes('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>'),
    'image/svg+xml',
    'text/plain; charset=utf-8',
  ],
  [
    'an SVG with a script',
    bytes('<svg onload="alert(1)"><script>alert(1)</script></svg>'),
    'image/svg+xml',
    'text/plain; charset=utf-8',
  ],
  [
    'an HTML page',
    bytes('<!DOCTYPE html><title>x</title><script>alert(1)</script>'),
    'text/html',
    'text/plain; charset=utf-8',
  ],
  [
    'HTML without its beginning',
    bytes('hello <script>alert(1)</script>'),
    'text/html',
    'text/plain; charset=utf-8',
  ],
  ['JSON', bytes(' {"a": 1}'), 'application/json', 'text/plain; charset=utf-8'],
  ['a log', bytes('2026-11-01 started\n2026-11-01 done\n'), 'text/plain', 'text/plain; charset=utf-8'],
  ['a table', bytes('name,count\na,1\nb,2\n'), 'text/csv', 'text/plain; charset=utf-8'],
  [
    'a mail',
    bytes('From: a@b.example\r\nDate: today\r\n\r\nhello'),
    'message/rfc822',
    'text/plain; charset=utf-8',
  ],
  ['text in UTF-16', bytes('\xff\xfeh\0i\0'), 'text/plain', 'text/plain; charset=utf-8'],
  [
    'text that begins as another kind does',
    bytes('MZ and BZh are letters'),
    'text/plain',
    'text/plain; charset=utf-8',
  ],
  [
    'a DOCX',
    zip('[Content_Types].xml', '_rels/.rels', 'word/document.xml'),
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    undefined,
  ],
  [
    'an XLSX',
    zip('[Content_Types].xml', 'xl/workbook.xml'),
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    undefined,
  ],
  ['a ZIP', zip('a.txt'), 'application/zip', undefined],
  [
    'an OpenDocument text',
    zipSync({ mimetype: [bytes('application/vnd.oasis.opendocument.text'), { level: 0 }] }),
    'application/vnd.oasis.opendocument.text',
    undefined,
  ],
  [
    'a program for Windows',
    bytes('MZ\x90\0\x03\0'),
    'application/vnd.microsoft.portable-executable',
    undefined,
  ],
  ['a tar', tar, 'application/x-tar', undefined],
  ['bytes', bytes('\x01\x02\x03\x80\x81'), 'application/octet-stream', undefined],
  ['nothing', bytes(''), 'application/x-empty', undefined],
];

test.each(FILES)('%s is told by its bytes, and shown as nothing that runs', (_, file, type, shown) => {
  const content = contentOf(file);
  expect([content.mediaType, shownAs(content)]).toEqual([type, shown]);
});

test('a name that claims another kind is told, one that claims none or the right one is not', () => {
  const page = contentOf(bytes('<!doctype html><p>hello'));
  expect(misnamed('report.pdf', page)).toBe('.pdf');
  expect(misnamed('report.PDF', page)).toBe('.PDF');
  expect(misnamed('page.html', page)).toBeUndefined();
  expect(misnamed('page', page)).toBeUndefined();
  expect(misnamed('page.rst', page)).toBeUndefined();
});

test('whatever bytes come, some kind is told', () => {
  for (let i = 0; i < 256; i++)
    for (const tail of ['', 'PK\x03\x04', '\0'.repeat(40)])
      expect(contentOf(bytes(String.fromCharCode(i) + tail)).label).not.toBe('');
  expect(contentOf(bytes(`PK\x03\x04${'\xff'.repeat(30)}`)).mediaType).toBe('application/zip');
});
