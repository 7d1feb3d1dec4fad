import { generateKeyPairSync } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../base/failure.ts';
import { type Cosigner, cosignerFromKey, keyFromSkey, skeyFromKey } from '../ledger/index.ts';
import { codeOf, readIfThere, syncFolder, writeNew } from './files.ts';

/**
 * Makes the folder of a witness with a key of its own (file `key`, readable by its owner only) and answers its verifier key. Fails
 * ALREADY_EXISTS when there is a key: a witness under a new key is a new witness.
 */
export async function initWitness(folder: string, name: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  // Checks the name before anything is made.
  const cosigner = cosignerFromKey(name, privateKey);
  await mkdir(join(folder, 'logs'), { recursive: true, mode: 0o700 });
  try {
    await writeNew(join(folder, 'key'), `${skeyFromKey(name, privateKey)}\n`, 0o600);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new Failure(
      'ALREADY_EXISTS',
      `${folder} holds the key of a witness already: use it, or give another folder`,
    );
  }
  await syncFolder(folder);
  return cosigner.vkey;
}

/** The key of a witness. Fails NOT_FOUND when there is none, INVALID when others may read it or it is damaged. */
export async function readWitnessKey(folder: string): Promise<Cosigner> {
  const path = join(folder, 'key');
  const text = await readIfThere(path).catch((error) => {
    throw new Failure('NOT_FOUND', `${path} cannot be read (${codeOf(error) ?? 'unknown error'})`);
  });
  if (text === undefined)
    throw new Failure(
      'NOT_FOUND',
      `${folder} holds no witness: make one with aims witness init --data ${folder} --name NAME`,
    );
  const mode = (await stat(path)).mode & 0o777;
  if ((mode & 0o077) !== 0)
    throw new Failure(
      'INVALID',
      `${path} may be read by others (mode ${mode.toString(8)}): run chmod 600 ${path}, and consider whether it was read`,
    );
  const { name, key } = keyFromSkey(text.trim());
  return cosignerFromKey(name, key);
}
