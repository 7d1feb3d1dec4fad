import { parentPort } from 'node:worker_threads';
import { inspectEvidence } from './inspect.ts';

// Reads evidence files away from the thread that answers requests: a large one takes seconds.
parentPort?.on('message', ({ id, bytes, fileName }: { id: number; bytes: Uint8Array; fileName: string }) => {
  try {
    parentPort?.postMessage({ id, inspection: inspectEvidence(bytes, { fileName }) });
  } catch (error) {
    parentPort?.postMessage({ id, error: (error as Error).message });
  }
});
