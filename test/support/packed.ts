import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import type { PackRecord } from '../../src/pack/index.ts';

/** What lies in an audit pack, by name. */
export const filesOf = (path: string): Map<string, Uint8Array> =>
  new Map(Object.entries(unzipSync(readFileSync(path))));

/** All records of an audit pack. */
export const recordsOf = (path: string): PackRecord[] =>
  [...filesOf(path)]
    .filter(([name]) => name.startsWith('records/'))
    .flatMap(([, bytes]) => Buffer.from(bytes).toString('utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as PackRecord);
