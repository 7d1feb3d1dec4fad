import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { Failure } from '../base/failure.ts';
import { closedKind } from '../outgoing/networks.ts';

/** How the server is reached: what stands before it, and what it is called. */
export interface FrontOptions {
  /** Address that people use; links and cookies follow it. */
  baseUrl: string;
  /** Host names that people use beside it. */
  names?: readonly string[];
  /** Addresses and networks of proxies whose X-Forwarded-For, -Proto and -Host are believed. */
  trustProxy?: readonly string[];
  log: (line: string) => void;
}

const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded'];
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Decides what is believed of where a request comes from. A forwarded header counts from a trusted proxy only, and of several hops the
 * last one that no proxy of ours added; a request for a host name that is not ours is refused, so that a page of another site cannot
 * become ours by a name of its own (DNS rebinding), and no link or log is built on a name somebody sent.
 */
export class Front {
  private readonly trusted: BlockList;
  private readonly base: URL;
  private readonly names: ReadonlySet<string>;
  private readonly local: boolean;
  private told = false;

  /** Throws a sentence for a proxy that is neither an address nor a network. */
  constructor(private readonly o: FrontOptions) {
    this.trusted = networksOf(o.trustProxy ?? []);
    this.base = new URL(o.baseUrl);
    this.local = LOOPBACK.includes(this.base.hostname);
    this.names = new Set([this.base.hostname, ...(o.names ?? []).map((n) => n.toLowerCase())]);
  }

  /** Is this the address of one of our proxies? For the server's own reading of forwarded headers. */
  trusts = (address: string): boolean => {
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && this.trusted.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  };

  /** Throws WRONG_HOST for a request that names another host. The health of the server may be asked for under any name. */
  admit(request: FastifyRequest): void {
    this.tellForwarded(request);
    if (['/healthz', '/livez'].includes(request.url) || this.isOurs(request)) return;
    throw new Failure(
      'WRONG_HOST',
      `This server answers at ${this.base.origin}, and the request names another host. Open that address; the operator of the server can add a name with --names.`,
    );
  }

  /** Throws NOT_ALLOWED for a request that a page of another site made. A browser tells where a request comes from. */
  refuseForeignOrigin(request: FastifyRequest): void {
    const { origin } = request.headers;
    const foreign =
      origin === undefined
        ? request.headers['sec-fetch-site'] === 'cross-site'
        : !this.isOwnOrigin(origin, request);
    if (foreign)
      throw new Failure('NOT_ALLOWED', 'This request comes from a page of another site and is refused.');
  }

  private isOwnOrigin(text: string, request: FastifyRequest): boolean {
    if (!URL.canParse(text)) return false;
    const origin = new URL(text);
    if (origin.origin === this.base.origin) return true;
    // On this machine any port leads here by a tunnel or a test; the page and the request must agree on it.
    if (LOOPBACK.includes(origin.hostname)) return this.isLocal(request) && origin.host === request.host;
    return (
      origin.protocol === this.base.protocol &&
      origin.hostname !== this.base.hostname &&
      this.names.has(origin.hostname)
    );
  }

  private isOurs(request: FastifyRequest): boolean {
    return this.names.has(hostName(request)) || this.isLocal(request);
  }

  /** Asked for under a name of this very machine, from it or where that is the server's own address. */
  private isLocal(request: FastifyRequest): boolean {
    const peer = plainAddress(request.socket.remoteAddress ?? '');
    return LOOPBACK.includes(hostName(request)) && (this.local || closedKind(peer) === 'loopback');
  }

  /** A proxy that nobody named makes one address of everybody behind it: told once, with what to set. */
  private tellForwarded(request: FastifyRequest): void {
    const header = this.told ? undefined : FORWARDED.find((name) => request.headers[name] !== undefined);
    if (header === undefined) return;
    const peer = plainAddress(request.socket.remoteAddress ?? '');
    if (this.trusts(peer)) return;
    this.told = true;
    // The address of a proxy is told; one of the open internet may be a visitor's.
    const from = closedKind(peer) === undefined ? 'an address of the open internet' : peer;
    this.o.log(
      `A request came with ${header} from ${from}, which is not a trusted proxy: the header is ignored, and everybody behind that address counts as one. If it is your proxy, start with --trust-proxy and its address. (Said once.)`,
    );
  }
}

/** Whom attempts are counted for: the address that no trusted proxy added, without the port that some proxies append. */
export function addressOf(request: FastifyRequest): string {
  const plain = plainAddress(request.ip ?? '');
  return isIP(plain) ? plain : plainAddress(request.socket.remoteAddress ?? '');
}

function plainAddress(address: string): string {
  const bare = address
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .split('%', 1)[0]!;
  return bare.toLowerCase().startsWith('::ffff:') && isIP(bare.slice(7)) === 4 ? bare.slice(7) : bare;
}

function hostName(request: FastifyRequest): string {
  const host = String(request.host ?? '').toLowerCase();
  return host.replace(/:\d+$/, '').replace(/\.$/, '');
}

function networksOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [net = '', bits, ...more] = entry.trim().split('/');
    const family = isIP(net);
    const most = family === 4 ? 32 : 128;
    const width = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
    // A network of everybody would believe whatever anybody sends.
    if (more.length > 0 || family === 0 || width < 1 || width > most)
      throw new Error(
        `--trust-proxy: expected addresses or networks of your proxies such as 10.0.0.5,10.20.0.0/16, got ${JSON.stringify(entry.slice(0, 60))}`,
      );
    list.addSubnet(net, width, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
