import { lookup as resolve } from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { closedKind, Opened } from './networks.ts';

/** What somebody else's server answered. `body` is undefined when it was longer than was asked for. */
export interface Reply {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer | undefined;
}

export interface Post {
  headers: Record<string, string>;
  body: Buffer | string;
  /** Longest answer that is read, in bytes. */
  most: number;
  signal: AbortSignal;
}

/** An address that this server does not ask; the message says which, and what would open it. */
export class NotAsked extends Error {
  override name = 'NotAsked';
}

/**
 * The one way out: every request that this server makes to an address somebody typed. It reaches the open internet alone, and what the operator
 * opened by name. The address is judged when the connection is made, on what the name led to then: a name that leads elsewhere a moment later
 * gains nothing. No redirect is followed.
 */
export class Outgoing {
  private readonly opened: Opened;

  /** `lookup` finds the addresses of a name, as `dns.lookup` does. Throws a sentence when `allowed` cannot be read. */
  constructor(
    allowed: readonly string[] = [],
    private readonly lookup: LookupFunction = (host, options, done) =>
      resolve(host, { ...options, all: true }, (error, found) => done(error, found)),
  ) {
    this.opened = new Opened(allowed);
  }

  /** Why an address would not be asked, as far as can be told without finding out what its name leads to. */
  refusal(address: string): string | undefined {
    const host = hostOf(new URL(address));
    if (this.opened.name(host)) return undefined;
    if (isIP(host) !== 0) return this.refused(host, host);
    return /^(?:.*\.)?localhost$/.test(host) ? sentence(host, 'loopback') : undefined;
  }

  /** Throws NotAsked, the signal's reason, or what the connection failed of. */
  async post(address: string, o: Post): Promise<Reply> {
    const url = new URL(address);
    const refusal = this.refusal(address);
    if (refusal !== undefined) throw new NotAsked(refusal);
    try {
      return await this.send(url, o);
    } catch (error) {
      throw o.signal.aborted ? o.signal.reason : error;
    }
  }

  private refused(host: string, address: string): string | undefined {
    const kind = closedKind(address);
    if (kind === undefined || this.opened.address(address)) return undefined;
    return sentence(host === address ? host : `${host}, which leads to ${address},`, kind, address);
  }

  /** Hands a name's addresses on only when all of them may be asked. */
  private readonly judged: LookupFunction = (host, options, done) => {
    this.lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '', 0);
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      for (const { address } of addresses) {
        const refusal = this.opened.name(host) ? undefined : this.refused(host, address);
        if (refusal !== undefined) return done(new NotAsked(refusal), '', 0);
      }
      if (options.all) return done(null, addresses);
      const [first] = addresses;
      return first
        ? done(null, first.address, first.family)
        : done(new Error(`${host} has no address`), '', 0);
    });
  };

  private async send(url: URL, o: Post): Promise<Reply> {
    const { request } = url.protocol === 'https:' ? https : http;
    const body = Buffer.from(o.body);
    const response = await new Promise<http.IncomingMessage>((answered, failed) => {
      const sent = request(url, {
        method: 'POST',
        headers: { ...o.headers, 'content-length': body.length },
        // One connection for one request: one that was kept open would not be judged again.
        agent: false,
        lookup: this.judged,
        signal: o.signal,
      });
      sent.on('response', answered);
      sent.on('error', failed);
      sent.end(body);
    });
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of response) {
      const piece = Buffer.from(part);
      length += piece.length;
      // Leaving the loop ends the connection, and with it the rest of the body.
      if (length > o.most)
        return { status: response.statusCode ?? 0, headers: response.headers, body: undefined };
      parts.push(piece);
    }
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) };
  }
}

/** The host of an address as it is looked up: without the brackets of IPv6 and without the dot at the end. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

const sentence = (who: string, kind: string, open = who): string =>
  `${who} is a ${kind} address, which this server asks only when its operator starts it with --allow-private ${open}`;
