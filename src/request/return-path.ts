/** A longer way back is not kept: it would fill the session. */
const MAX_LENGTH = 200;

/**
 * The way back to the page of a request, if it is one of this origin: a request's target can be `//evil.example` or a
 * whole URL, and a browser takes `/\evil.example` for another host.
 */
export function returnPathOf(target: string | undefined): string | undefined {
  if (!target || target.length > MAX_LENGTH || !/^\/(?![/\\])[\x21-\x5B\x5D-\x7E]*$/.test(target)) return undefined;
  const origin = 'http://origin.invalid';
  return URL.canParse(target, origin) && new URL(target, origin).origin === origin ? target : undefined;
}
