/** Pages with a form: the router answers GET and POST. */
export const FORM_PATHS = ['/', '/verify', '/register', '/change', '/recovery', '/recovery-codes'] as const;

/** All pages, which the router answers to GET. Paths are below `mountPath`. */
export const PAGE_PATHS = [...FORM_PATHS, '/security', '/success', '/failed'] as const;

/** Pages that users come to by themselves, and return to after they verified or signed in for them. */
export const SETTINGS_PATHS = ['/change', '/recovery-codes', '/security'] as const;

/** Actions that have no page. */
export const ACTION_PATHS = [
  '/resend',
  '/cancel',
  '/skip',
  '/recovery-codes/confirm',
  '/devices/:id/forget',
  '/devices/forget',
  '/preferred',
  '/other-sessions/end',
] as const;

/** Everything that the router answers to POST. */
export const POST_PATHS = [...FORM_PATHS, ...ACTION_PATHS] as const;

const PAGE_PATTERNS = PAGE_PATHS.map(patternOf);
const POST_PATTERNS = POST_PATHS.map(patternOf);

/** A page with a form. */
export type FormPath = (typeof FORM_PATHS)[number];

/** A page of the router. */
export type PagePath = (typeof PAGE_PATHS)[number];

/** An action of the router that has no page. */
export type ActionPath = (typeof ACTION_PATHS)[number];

/** The URL of a page below the path of the pages, without a trailing slash. */
export function pageUrl(page: PagePath, pagesUrl: string): string {
  return `${pagesUrl}${page === '/' ? '' : page}` || '/';
}

/** Whether the router answers this path. It leaves every other path below `mountPath` to the app. */
export function isRouterPath(pathname: string, mountPath: string, method: string): boolean {
  if (!pathname.startsWith(mountPath)) return false;
  const path = pathname.slice(mountPath.length).replace(/\/$/, '') || '/';
  const patterns = method === 'POST' ? POST_PATTERNS : PAGE_PATTERNS;
  return patterns.some((pattern) => pattern.test(path));
}

/** A parameter, such as `:id`, is any text without a slash. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`);
}
