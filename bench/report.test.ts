import { expect, test } from 'vitest';
import { judged, table, timesRow } from './report.ts';
import { drive, percentile } from './sampling.ts';

test('a percentile is a sample that was taken: the nearest rank', () => {
  const samples = Array.from({ length: 20 }, (_, i) => 20 - i);
  expect([percentile(samples, 0.5), percentile(samples, 0.95), percentile(samples, 1)]).toEqual([10, 19, 20]);
  expect(percentile([], 0.5)).toBeNaN();
});

test('a budget that is passed says over, and so does one that could not be measured', () => {
  const row = { group: 'g', name: 'n', unit: 'ms' as const, ours: 30, reference: 10 };
  expect(judged(row, { of: 'ratio', most: 3 })).toMatchObject({ ratio: 3, verdict: 'ok' });
  expect(judged(row, { of: 'ratio', most: 2.9 }).verdict).toBe('over');
  expect(judged(row, { of: 'oursP95', most: 50 }).verdict).toBe('over');
  expect(judged({ ...row, ours: Number.NaN }, { of: 'ours', most: 50 }).verdict).toBe('over');
});

test('the columns of the table stand below each other', () => {
  const rows = [
    timesRow({ group: 'a', name: 'short', against: 'driver' }, { ours: [2], reference: [1] }),
    timesRow({ group: 'a', name: 'a longer name', against: 'driver' }, { ours: [2000], reference: [1000] }),
  ];
  const lines = table(rows)
    .split('\n')
    .filter((l) => l.startsWith('  '));
  const ends = lines.map((l) => l.search(/ms/));
  expect(ends.length).toBeGreaterThanOrEqual(2);
  expect(new Set(ends.slice(-2)).size).toBe(1);
});

test('the number of calls is kept however many clients call', async () => {
  let calls = 0;
  const samples = await drive({ call: async () => void calls++ }, 7, { calls: 20 });
  expect([calls, samples.length]).toEqual([20, 20]);
});
