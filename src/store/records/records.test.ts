import pg from 'pg';
import { expect, test } from 'vitest';
import { MOMENTS_AS_TEXT } from '../db/database.ts';
import { iso } from './records.ts';

test('a moment is told alike, whether it comes as a date, as text or out of JSON', () => {
  const TYPE = pg.types.builtins.TIMESTAMPTZ;
  const asDate = pg.types.getTypeParser(TYPE);
  const asText = MOMENTS_AS_TEXT.getTypeParser(TYPE, 'text');
  const parts = [
    '',
    ...Array.from({ length: 1000 }, (_, i) => `.${String(i * 1000 + (i % 7)).padStart(6, '0')}`),
  ];
  // The server leaves noughts at the end out.
  for (const part of parts.map((p) => p.replace(/\.?0+$/, ''))) {
    const written = `2026-12-31 23:59:59${part}+00`;
    const expected = (asDate(written) as Date).toISOString();
    expect(iso(asText(written)), written).toBe(expected);
    expect(iso(`2026-12-31T23:59:59${part}+00:00`), written).toBe(expected);
  }
  expect(iso('2026-12-31 23:59:59.5+02')).toBe('2026-12-31T21:59:59.500Z');
  expect(iso('2026-12-31')).toBe('2026-12-31T00:00:00.000Z');
  expect(() => iso('yesterday')).toThrow();
  // Other types are read as they always are.
  expect(MOMENTS_AS_TEXT.getTypeParser(pg.types.builtins.INT4, 'text')('7')).toBe(7);
});
