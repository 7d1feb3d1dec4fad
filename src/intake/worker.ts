import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { readHere, type Way, type Ways } from './readers.ts';
import { refusalOf } from './refusal.ts';

/** One file to read: its bytes, or where they lie. */
export interface Task<W extends Way = Way> {
  way: W;
  told: Ways[W]['told'];
  file: { bytes: Uint8Array } | { path: string };
}

// Reads files away from the thread that answers requests, one after the other. Whoever started it ends it when a file takes too long.
parentPort?.on('message', async ({ way, told, file }: Task) => {
  try {
    const bytes = 'path' in file ? await readFile(file.path) : Buffer.from(file.bytes.buffer);
    parentPort?.postMessage({ read: await readHere(way, bytes, told) });
  } catch (error) {
    parentPort?.postMessage({ refusal: refusalOf(error) });
  }
});
