import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Is there an `openssl` with which an authority can be made? */
export const opensslFound = spawnSync('openssl', ['version']).status === 0;
/** Shown where tests are left out for want of it. */
export const WITHOUT_OPENSSL =
  'skipped: there is no openssl on this machine to be the time-stamping authority';

export type KeyKind = 'rsa' | 'ec';

/** A certificate with its key, as files in the folder of the authority. */
export interface Issued {
  name: string;
  pem: string;
  keyPem: string;
}

const ROOT =
  'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n';
/** Extensions of a certificate for time stamping as RFC 3161 asks for them. */
export const STAMPING =
  'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\nsubjectKeyIdentifier=hash\n';
export const INTERMEDIATE = `${ROOT}authorityKeyIdentifier=keyid\n`;

/** A time-stamping authority made with `openssl`: a root, and a signer below it. For tests only. */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'aims-tsa-'));
  readonly root: Issued;
  readonly signer: Issued;
  private made = 0;

  constructor(readonly kind: KeyKind) {
    this.root = this.issue(`Root ${kind}`, ROOT);
    this.signer = this.issue(`Stamps ${kind}`, STAMPING, this.root);
    writeFileSync(join(this.folder, 'serial'), '01\n');
    writeFileSync(
      join(this.folder, 'tsa.cnf'),
      `[tsa]\ndefault_tsa=one\n[one]\nserial=${join(this.folder, 'serial')}\ncrypto_device=builtin\nsigner_digest=sha256\n` +
        `default_policy=1.2.3.4.1\ndigests=sha256\naccuracy=secs:1\nordering=yes\ntsa_name=yes\ness_cert_id_chain=no\ness_cert_id_alg=sha256\n`,
    );
  }

  /**
   * A new key and a certificate for it; issued by itself unless an issuer is given. `keyOf` takes the key of another certificate where
   * nothing hangs on it being a new one: to make one takes a hundred times as long as everything else.
   */
  issue(
    subject: string,
    extensions: string,
    by?: Issued,
    o: { days?: number; key?: string[]; keyOf?: Issued } = {},
  ): Issued {
    this.made += 1;
    const name = `c${this.made}`;
    const at = (suffix: string) => join(this.folder, `${name}${suffix}`);
    const key = o.key ?? (this.kind === 'rsa' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']);
    writeFileSync(
      at('.cnf'),
      `[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=${subject}\n[ext]\n${extensions}`,
    );
    if (o.keyOf) writeFileSync(at('.key'), o.keyOf.keyPem);
    const made = o.keyOf ? ['-key', at('.key')] : ['-newkey', ...key, '-nodes', '-keyout', at('.key')];
    this.openssl('req', '-new', ...made, '-config', at('.cnf'), '-out', at('.csr'));
    const days = String(o.days ?? 3650);
    const signed = by
      ? [
          '-CA',
          join(this.folder, `${by.name}.pem`),
          '-CAkey',
          join(this.folder, `${by.name}.key`),
          '-CAcreateserial',
        ]
      : ['-signkey', at('.key')];
    this.openssl(
      'x509',
      '-req',
      '-in',
      at('.csr'),
      '-days',
      days,
      '-extfile',
      at('.cnf'),
      '-extensions',
      'ext',
      ...signed,
      '-out',
      at('.pem'),
    );
    return { name, pem: readFileSync(at('.pem'), 'utf8'), keyPem: readFileSync(at('.key'), 'utf8') };
  }

  /** What `openssl ts -reply` answers to a request. */
  reply(query: Buffer, signer: Issued = this.signer): Buffer {
    const file = (suffix: string) => join(this.folder, `reply${suffix}`);
    writeFileSync(file('.tsq'), query);
    this.openssl(
      'ts',
      '-reply',
      '-config',
      join(this.folder, 'tsa.cnf'),
      '-section',
      'one',
      '-queryfile',
      file('.tsq'),
      '-out',
      file('.tsr'),
      '-signer',
      join(this.folder, `${signer.name}.pem`),
      '-inkey',
      join(this.folder, `${signer.name}.key`),
    );
    return readFileSync(file('.tsr'));
  }

  /** What `openssl ts -verify` says of a stamp over this text, trusting only the root. */
  saysOpenssl(tsr: Buffer, body: string, caPem = this.root.pem): string {
    const file = (name: string) => join(this.folder, `check-${name}`);
    writeFileSync(file('body'), body);
    writeFileSync(file('token.tsr'), tsr);
    writeFileSync(file('ca.pem'), caPem);
    const args = [
      'ts',
      '-verify',
      '-data',
      file('body'),
      '-in',
      file('token.tsr'),
      '-CAfile',
      file('ca.pem'),
    ];
    const done = spawnSync('openssl', args, { encoding: 'utf8' });
    return `${done.stdout}${done.stderr}`;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  }
}

/** What is answered instead of a stamp, to see what becomes of it. */
export type Answering = (query: Buffer, request: IncomingMessage, response: ServerResponse) => void;

/** An authority on the loopback that can go away and come back at the same address. */
export class StampServer {
  readonly queries: { type: string | undefined; body: Buffer }[] = [];
  /** Set to answer otherwise than with a stamp. */
  instead: Answering | undefined;
  private server: Server | undefined;
  private port = 0;

  constructor(private readonly authority: Authority) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}/stamp`;
  }

  async online(): Promise<void> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts);
        this.queries.push({ type: request.headers['content-type'], body });
        if (this.instead) return this.instead(body, request, response);
        response.writeHead(200, { 'content-type': 'application/timestamp-reply' });
        response.end(this.authority.reply(body));
      });
    });
    await new Promise<void>((done) => server.listen(this.port, '127.0.0.1', done));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  async offline(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((done) => (this.server ? this.server.close(() => done()) : done()));
    this.server = undefined;
  }
}
