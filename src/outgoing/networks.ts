import { BlockList, isIP } from 'node:net';

/** Ranges of IPv4 that lead to this machine, to its neighbours or to nobody, with what each is (IANA special-purpose registry). */
const CLOSED_4: readonly (readonly [string, number, string])[] = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared (carrier)'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'test network'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
];

/** Of IPv6 only 2000::/3 is given out; these parts of it lead elsewhere than they say. The rest is named for the sentence alone. */
const CLOSED_6: readonly (readonly [string, number, string])[] = [
  ['::1', 128, 'loopback'],
  ['fe80::', 10, 'link-local'],
  ['fc00::', 7, 'private'],
  ['ff00::', 8, 'multicast'],
  ['2001::', 23, 'reserved'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, 'reserved (6to4)'],
  ['3fff::', 20, 'documentation'],
];

const listOf = (family: 'ipv4' | 'ipv6', ranges: readonly (readonly [string, number, string])[]) =>
  ranges.map(([net, bits, what]) => {
    const list = new BlockList();
    list.addSubnet(net, bits, family);
    return { list, what };
  });
const CLOSED = { 4: listOf('ipv4', CLOSED_4), 6: listOf('ipv6', CLOSED_6) };
const GIVEN_OUT = new BlockList();
GIVEN_OUT.addSubnet('2000::', 3, 'ipv6');

/** What kind of address that is not open to everybody this is (`loopback`, `private`); undefined for one of the open internet. */
export function closedKind(address: string): string | undefined {
  const plain = address.split('%', 1)[0]!;
  if (isIP(plain) === 4) return CLOSED[4].find(({ list }) => list.check(plain))?.what;
  if (isIP(plain) !== 6) return 'unreadable';
  const inside = embedded(plain);
  if (inside !== undefined) return closedKind(inside);
  const known = CLOSED[6].find(({ list }) => list.check(plain, 'ipv6'));
  return known ? known.what : GIVEN_OUT.check(plain, 'ipv6') ? undefined : 'reserved';
}

/** The IPv4 address that an IPv6 one stands for: mapped (`::ffff:127.0.0.1`), compatible (`::127.0.0.1`), behind NAT64. */
function embedded(address: string): string | undefined {
  const groups = groupsOf(address);
  const front = groups.slice(0, 6).join();
  const [g = 0, h = 0] = groups.slice(6);
  const stands = ['0,0,0,0,0,65535', '0,0,0,0,65535,0', '100,65435,0,0,0,0'].includes(front);
  // `::` and `::1` are addresses of their own.
  const compatible = front === '0,0,0,0,0,0' && (g !== 0 || h > 1);
  return stands || compatible ? [g >> 8, g & 255, h >> 8, h & 255].join('.') : undefined;
}

/** The eight groups of an IPv6 address in any of its written forms. */
function groupsOf(address: string): number[] {
  const [front = '', back] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const read = (part: string) => (part === '' ? [] : part.split(':').map((g) => Number.parseInt(g, 16)));
  const [before, after] = [read(front), read(back ?? '')];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** What an operator opened beside the open internet: names of hosts, addresses, networks. */
export class Opened {
  private readonly names = new Set<string>();
  private readonly networks = new BlockList();

  /** Throws a sentence for what is neither a name, nor an address, nor a network such as 10.20.0.0/16. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.add(entry.trim().toLowerCase());
  }

  private add(entry: string): void {
    const [net = '', bits, ...more] = entry.split('/');
    const family = isIP(net);
    const most = family === 4 ? 32 : 128;
    if (more.length === 0 && family !== 0) {
      if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)) throw notRead(entry);
      this.networks.addSubnet(net, bits === undefined ? most : Number(bits), family === 4 ? 'ipv4' : 'ipv6');
    } else if (bits === undefined && /^[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?$/.test(entry))
      this.names.add(entry);
    else throw notRead(entry);
  }

  name(host: string): boolean {
    return this.names.has(host);
  }

  address(address: string): boolean {
    const plain = address.split('%', 1)[0]!;
    return this.networks.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  }
}

const notRead = (entry: string) =>
  new Error(
    `--allow-private: expected host names, addresses or networks such as tsa.internal,10.20.0.0/16, got ${JSON.stringify(entry.slice(0, 60))}`,
  );
