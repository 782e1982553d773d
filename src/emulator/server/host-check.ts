import { isIP } from 'node:net';

/** Tells whether a request's `Host` header is one that the emulator answers to. */
export type HostCheck = (host: string | undefined) => boolean;

/** Tells whether an address or name stands for this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Makes the check against DNS rebinding: a page of the internet can make its own name point at this machine, and would
 * then read the codes as its own. On loopback only this machine's names are answered. Where the emulator listens
 * more widely, addresses and names without a dot (those of a container network) are answered too: neither can be
 * pointed elsewhere by a stranger.
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
