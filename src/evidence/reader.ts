import { Worker } from 'node:worker_threads';
import { inspectEvidence } from './inspect.ts';
import type { Inspection } from './model.ts';

/** Files up to this size are read at once; larger ones go to the worker. */
const INLINE = 1_048_576;

/** A reader of evidence files that keeps large ones off this thread. `script` is the built worker; without it all are read here. */
export function evidenceReader(script: string | undefined) {
  let worker: Worker | undefined;
  let next = 0;
  const waiting = new Map<number, { resolve: (i: Inspection) => void; reject: (e: Error) => void }>();

  const fail = (error: Error) => {
    for (const w of waiting.values()) w.reject(error);
    waiting.clear();
    worker = undefined;
  };
  const start = (): Worker => {
    const w = new Worker(script!, { resourceLimits: { maxOldGenerationSizeMb: 1024 } });
    w.on('message', (m: { id: number; inspection?: Inspection; error?: string }) => {
      const one = waiting.get(m.id);
      waiting.delete(m.id);
      if (m.inspection) one?.resolve(m.inspection);
      else one?.reject(new Error(m.error));
    });
    w.on('error', fail);
    w.on('exit', () => fail(new Error('the reader of evidence files ended')));
    // After the listeners, which would hold the process again: an idle reader must not keep it from ending.
    w.unref();
    return w;
  };

  return async (bytes: Uint8Array, fileName: string): Promise<Inspection> => {
    if (!script || bytes.length <= INLINE) return inspectEvidence(bytes, { fileName });
    worker ??= start();
    const id = next++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker!.postMessage({ id, bytes, fileName });
    });
  };
}
