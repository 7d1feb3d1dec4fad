import { createHash, createPrivateKey } from 'node:crypto';
import { cosignerFromKey } from '../cosignature.ts';

/** Witnesses with known keys, the same in every run. For tests only. */

function keyNumber(n: number) {
  const seed = createHash('sha256').update(`witness ${n}`).digest();
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

/** Cosigner number `n`. */
export function sampleWitness(n: number, name: string = `witness${n}.example`) {
  return cosignerFromKey(name, keyNumber(n));
}
