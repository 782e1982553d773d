import { isIP } from 'node:net';

/** Returns whether the emulator answers to a `Host` header. */
export type HostCheck = (host: string | undefined) => boolean;

/** Returns whether an address or name stands for this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Makes the check against DNS rebinding: a page of the internet can point its own name at this machine, and read the
 * codes as its own. On loopback, the emulator answers only to this machine's names. If it listens on another address, it
 * also answers to IP addresses and to names without a dot, as in a container network. A stranger controls neither.
 */
export function createHostCheck(listenHost: string): HostCheck {
  const isWide = !isLoopback(listenHost);
  return (header) => {
    const name = nameOf(header);
    if (name === undefined) return false;
    if (isLoopback(name) || name === listenHost.toLowerCase()) return true;
    return isWide && (isIP(name) !== 0 || !name.includes('.'));
  };
}

function nameOf(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}
