/** A longer path is dropped: it would fill the session. */
const MAX_LENGTH = 200;

/**
 * Returns the path to a requested page as browsers see it, if it stays on this origin: a request's target can be
 * `//evil.example` or a full URL, and browsers read `/\\evil.example` as another host.
 *
 * @param basePath - Prefix that a reverse proxy removed.
 */
export function returnPathOf(target: string | undefined, basePath: string): string | undefined {
  if (!target || !isOwnPath(target)) return undefined;
  const path = basePath + target;
  return path.length <= MAX_LENGTH && isOwnPath(path) ? path : undefined;
}

function isOwnPath(path: string): boolean {
  if (!/^\/(?![/\\])[\x21-\x5B\x5D-\x7E]*$/.test(path)) return false;
  const origin = 'http://origin.invalid';
  return URL.canParse(path, origin) && new URL(path, origin).origin === origin;
}
