import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Signer, signerFromKey, vkeyFromKey } from '../ledger/index.ts';

/**
 * Keys of this installation, one file each, readable by the owner only. A key is written whole or not at all. Per organisation: an
 * Ed25519 key that signs its log's checkpoints, and an ECDSA P-256 key that signs its gate's decisions.
 */
export class Keys {
  private readonly cache = new Map<string, KeyObject>();

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  }

  /** Name of this installation in origins: stable, made at the first start. */
  installation(): string {
    return this.text('installation', () => randomBytes(4).toString('hex'));
  }

  /** Secret of the sign-in cookies. */
  secret(): string {
    return this.text('sign-in', () => randomBytes(32).toString('base64url'));
  }

  logSigner(slug: string, origin: string): Signer {
    return signerFromKey(origin, this.key(`log-${slug}`, 'ed25519'));
  }

  logVkey(slug: string, origin: string): string {
    return vkeyFromKey(origin, this.key(`log-${slug}`, 'ed25519'));
  }

  gateKey(slug: string): KeyObject {
    return this.key(`gate-${slug}`, 'p256');
  }

  /** The gate's public key, PEM. */
  gatePublicPem(slug: string): string {
    return createPublicKey(this.gateKey(slug)).export({ type: 'spki', format: 'pem' }).toString();
  }

  private key(name: string, kind: 'ed25519' | 'p256'): KeyObject {
    const known = this.cache.get(name);
    if (known) return known;
    const pem = this.text(`${name}.pem`, () => {
      const { privateKey } =
        kind === 'ed25519'
          ? generateKeyPairSync('ed25519')
          : generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    });
    const key = createPrivateKey(pem);
    this.cache.set(name, key);
    return key;
  }

  private text(name: string, make: () => string): string {
    const path = join(this.folder, name);
    if (!existsSync(path)) {
      const temporary = `${path}.${randomBytes(4).toString('hex')}`;
      writeFileSync(temporary, make(), { mode: 0o600, flush: true });
      renameSync(temporary, path);
    }
    return readFileSync(path, 'utf8');
  }
}
