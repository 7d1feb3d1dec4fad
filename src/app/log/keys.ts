import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { failures } from '../../base/refusals.ts';
import { codeOf } from '../../base/thrown.ts';
import { type RemoteSigner, signerFromKey, verifierFromVkey, vkeyFromKey } from '../../ledger/index.ts';

/** What is wrong with a key of a log. The way on is one for all: the file as it was, or a new log. */
const no = failures('logKey', {
  gone: [
    'UNAVAILABLE',
    'The key {name} of the log {origin} is not in the folder of keys. Restore it from a backup of the data folder; if it is lost, begin a new log (docs/guide/keys.md).',
  ],
  unreadable: [
    'UNAVAILABLE',
    'The key {name} of the log {origin} is there, but the server may not read it. Give it back to the user that the server runs as.',
  ],
  damaged: [
    'UNAVAILABLE',
    'The key {name} of the log {origin} is damaged: its file holds no key. Restore it from a backup of the data folder; if it is lost, begin a new log (docs/guide/keys.md).',
  ],
  another: [
    'UNAVAILABLE',
    'The key {name} of the log {origin} is another one than was published. Restore the right one from a backup of the data folder; if it is lost, begin a new log (docs/guide/keys.md).',
  ],
  notMade: [
    'UNAVAILABLE',
    'No key can be made: the server may not write to its folder of keys, or there is no room. Put that right, then try again.',
  ],
});

/**
 * Where an organisation's signing keys are. Files today; a key store or a signing service needs these functions and no others, and
 * never gives a private key away: it signs.
 */
export interface KeyStore {
  /** Makes an Ed25519 key under this name unless it is there; answers its verifier key for `origin`. */
  makeLogKey(name: string, origin: string): Promise<string>;
  /** Signs checkpoints of `origin`. Fails UNAVAILABLE when the key under this name is not the one published as `vkey`. */
  logSigner(key: { name: string; vkey: string }, origin: string): Promise<RemoteSigner>;
}

/**
 * Keys of this installation, one file each, readable by the owner only. A key is written whole or not at all. Per organisation: Ed25519
 * keys that sign its log's checkpoints, and an ECDSA P-256 key that signs its gate's decisions.
 */
export class Keys implements KeyStore {
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

  async makeLogKey(name: string, origin: string): Promise<string> {
    try {
      return vkeyFromKey(origin, this.key(name, 'ed25519'));
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      throw no('notMade');
    }
  }

  /** The file is read each time, and nothing kept: one that is lost is told while its backup is young, not at the next start. */
  async logSigner({ name, vkey }: { name: string; vkey: string }, origin: string): Promise<RemoteSigner> {
    const signer = signerFromKey(origin, this.logKey(name, origin));
    const published = verifierFromVkey(vkey);
    if (signer.keyId !== published.keyId) throw no('another', { name, origin });
    return { ...signer, verify: published.verify };
  }

  private logKey(name: string, origin: string): KeyObject {
    let pem: string;
    try {
      pem = readFileSync(join(this.folder, `${name}.pem`), 'utf8');
    } catch (error) {
      const fault = { ENOENT: 'gone', EACCES: 'unreadable', EPERM: 'unreadable', EISDIR: 'damaged' } as const;
      const known = Object.entries(fault).find(([code]) => code === codeOf(error));
      throw known ? no(known[1], { name, origin }) : error;
    }
    try {
      const key = createPrivateKey(pem);
      if (key.asymmetricKeyType === 'ed25519') return key;
    } catch {
      // What the library says of it may show a part of the file.
    }
    throw no('damaged', { name, origin });
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
      try {
        writeFileSync(temporary, make(), { mode: 0o600, flush: true });
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
      // Of two processes that start at once the first one makes it: a key that another takes the place of would fit nothing published.
      try {
        linkSync(temporary, path);
      } catch (error) {
        const code = codeOf(error);
        // Where there are no links, a file under its last name is written whole or not at all, and the later one stays.
        if (code !== 'EEXIST') renameSync(temporary, path);
      }
      rmSync(temporary, { force: true });
    }
    return readFileSync(path, 'utf8');
  }
}
