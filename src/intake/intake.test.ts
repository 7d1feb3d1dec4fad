import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, inject, test } from 'vitest';
import { Failure } from '../base/failure.ts';
import { JsonError } from '../base/json.ts';
import { Intake, type IntakeOptions } from './intake.ts';

const folder = mkdtempSync(join(tmpdir(), 'aims-intake-'));
const lines: string[] = [];
const open: Intake[] = [];
const intakeWith = (limits: IntakeOptions['limits'] = {}, script: string = inject('intakeScript')) => {
  const intake = new Intake({ script, limits, log: (line) => lines.push(line) });
  open.push(intake);
  return intake;
};
afterEach(async () => {
  for (const intake of open.splice(0)) await intake.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const csv = (text: string, who = 'ada') => ({ who, file: { bytes: Buffer.from(text) } });

/** A worker that reads what a test tells it to: `sleep` for ever, `eat` all memory, `die`, or the way's own name back. */
const stub = join(folder, 'stub.mjs');
writeFileSync(
  stub,
  `import { parentPort } from 'node:worker_threads';
   parentPort.on('message', ({ file }) => {
     const said = Buffer.from(file.bytes).toString();
     if (said === 'sleep') for (;;);
     if (said === 'eat') { const held = []; for (;;) held.push(new Array(100_000).fill(held.length)); }
     if (said === 'die') process.exit(3);
     if (said === 'throw') throw new Error('x');
     parentPort.postMessage({ read: said });
   });`,
);

test('reads on another thread, and tells what is wrong with a file as if it had been read here', async () => {
  const intake = intakeWith();
  const read = await intake.read('grid', csv('a,b\n1,2\n'), { format: 'csv' });
  expect(read).toMatchObject({ head: ['a', 'b'], rows: [{ place: 'line 2', cells: ['1', '2'] }] });
  const wrong = intake.read('grid', csv('a,b\n1,2,3\n'), { format: 'csv' });
  await expect(wrong).rejects.toThrow(Failure);
  await expect(wrong).rejects.toMatchObject({ code: 'INVALID', problems: [{ path: 'line 2' }] });
  const cut = intake.read('grid', csv('[{"a":'), { format: 'json' });
  await expect(cut).rejects.toThrow(JsonError);
  await expect(cut).rejects.toMatchObject({ code: 'TRUNCATED', line: 1 });
  writeFileSync(join(folder, 'run.json'), '{}');
  const at = { who: 'ada', file: { path: join(folder, 'run.json'), size: 2 } };
  expect(await intake.read('evidence', at, { fileName: 'run.json' })).toMatchObject({
    accepted: false,
    bytes: 2,
  });
});

test('leaves the bytes that were handed in as they are', async () => {
  const arrival = csv('a\n1\n');
  await intakeWith().read('grid', arrival, {});
  expect(arrival.file.bytes.toString()).toBe('a\n1\n');
});

test('gives up on a file that takes too long, too much memory or breaks the reader, and reads the next one', async () => {
  const intake = intakeWith({ patience: 1000, smallMemory: 32 }, stub);
  await expect(intake.read('grid', csv('sleep'), {})).rejects.toMatchObject({
    code: 'TOO_LARGE',
    message: expect.stringMatching(
      /took longer than 1 seconds and was given up; nothing was stored\. Split it/,
    ),
  });
  expect(await intake.read('grid', csv('fine'), {})).toBe('fine');
  const patient = intakeWith({ smallMemory: 32 }, stub);
  await expect(patient.read('grid', csv('eat'), {})).rejects.toMatchObject({
    code: 'TOO_LARGE',
    message: expect.stringMatching(/more than 32 MiB of memory/),
  });
  for (const broken of ['die', 'throw']) {
    await expect(patient.read('grid', csv(broken), {})).rejects.toThrow('the reader of files ended');
    expect(await patient.read('grid', csv('fine'), {})).toBe('fine');
  }
  expect(lines.some((line) => line.startsWith('files: the reader ended'))).toBe(true);
});

test('a large file holds up no small one, and people take turns', async () => {
  const intake = intakeWith({ small: 3, patience: 60_000 }, stub);
  intake.read('grid', csv('sleep', 'eve'), {}).catch(() => {});
  expect(await intake.read('grid', csv('ok', 'eve'), {})).toBe('ok');
  const done: string[] = [];
  const names = [...Array.from({ length: 6 }, (_, i) => `e${i}`), 'a0', 'b0', 'a1'];
  await Promise.all(
    names.map((name) => intake.read('grid', csv(name, name[0]), {}).then(() => done.push(name))),
  );
  expect(done).toEqual(['e0', 'a0', 'b0', 'e1', 'a1', 'e2', 'e3', 'e4', 'e5']);
});

test('holds only so many files: of one person, and of all', async () => {
  const limits = { patience: 60_000, waitingOfOne: 3, waiting: 5, waitingBytes: 40 };
  const intake = intakeWith(limits, stub);
  const given = [intake.read('grid', csv('sleep', 'x'), {}), intake.read('grid', csv('sleep', 'y'), {})];
  const send = (who: string, text = 'ok') => {
    const one = intake.read('grid', csv(text, who), {});
    given.push(one);
    return one;
  };
  for (let i = 0; i < 3; i++) send('eve');
  await expect(send('eve')).rejects.toMatchObject({ code: 'TOO_MANY' });
  await expect(send('ada', 'x'.repeat(40))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  send('ada');
  send('ada');
  await expect(send('bob')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const settled = Promise.allSettled(given);
  await intake.close();
  expect((await settled).map((s) => (s.status === 'rejected' ? s.reason.code : s.status))).toEqual([
    ...new Array<string>(5).fill('UNAVAILABLE'),
    'TOO_MANY',
    'UNAVAILABLE',
    ...new Array<string>(3).fill('UNAVAILABLE'),
  ]);
});
