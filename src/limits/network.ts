import { isIP } from 'node:net';

/** Subnets that an IP address counts in. */
export interface Subnets {
  /** An IPv4 address, or the /64 of an IPv6 address: one subscriber. `unknown` if there is no address to read. */
  readonly subscriber: string;
  /** The /48 of an IPv6 address, which is what providers assign to a site: 65,536 subnets of size /64. */
  readonly site?: string;
}

/**
 * Returns the subnets that an IP address counts in. Private addresses count like all others: a client can claim one in
 * `X-Forwarded-For`. Only unreadable addresses share a counter.
 */
export function subnetsOf(ip: string | undefined): Subnets {
  const address = withoutPort(ip ?? '').replace(/%.*$/s, '');
  switch (isIP(address)) {
    case 4:
      return { subscriber: address };
    case 6:
      return subnetsOfGroups(groupsOf(address));
    default:
      return { subscriber: 'unknown' };
  }
}

/** Some proxies write a port into `X-Forwarded-For`. */
function withoutPort(ip: string): string {
  return ip.replace(/^\[([^\]]+)\](:\d+)?$/, '$1').replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');
}

function subnetsOfGroups(groups: readonly number[]): Subnets {
  const [high = 0, low = 0] = groups.slice(6);
  if (isMappedIPv4(groups) || isNat64(groups))
    return { subscriber: [high >> 8, high & 255, low >> 8, low & 255].join('.') };
  const prefixOf = (count: number) => groups.slice(0, count).map((group) => group.toString(16));
  return { subscriber: `${prefixOf(4).join(':')}::/64`, site: `${prefixOf(3).join(':')}::/48` };
}

/** `::ffff:0:0/96`. Decide from the bits: `::ffff:8.8.8.8` and `::ffff:808:808` are the same address. */
function isMappedIPv4(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

/** `64:ff9b::/96` (RFC 6052): behind such a translator, all IPv4 clients would share one /64. */
function isNat64(groups: readonly number[]): boolean {
  return groups[0] === 0x64 && groups[1] === 0xff9b && groups.slice(2, 6).every((group) => group === 0);
}

/** The eight 16-bit groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  // The URL parser writes an IPv6 address in its canonical form, but leaves out the longest run of zeros.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const read = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [first, last] = [read(head), read(tail ?? '')];
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}
