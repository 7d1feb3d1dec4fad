/**
 * A witness of transparency logs (C2SP tlog-witness v1.0.0): a small process with a key and a folder of its own, run by somebody who does
 * not run the log. Needs nothing of the server.
 */
export { LogFolder, type StoredLog } from './folder.ts';
export { initWitness, readWitnessKey } from './key.ts';
export { MOST_BYTES, type ServedWitness, serveWitness } from './server.ts';
export { type Answer, Witness, type WitnessOptions } from './witness.ts';
