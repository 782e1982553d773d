import type { Request, RequestHandler, Router } from 'express';
import { TwilioVerifyError } from '../common/errors.js';
import { type Session, sessionIfAny } from '../session/session-access.js';
import type { SessionRecord } from '../session/session-record.js';

type MountErrorCode = 'ERR_TWILIO_VERIFY_NO_ROUTER' | 'ERR_TWILIO_VERIFY_MOUNT_PATH' | 'ERR_TWILIO_VERIFY_SHARED_PATH';

/** Settings for the router's path. */
export interface MountSettings {
  readonly name: string;
  readonly mountPath: string;
  /** Whether the app set `mountPath`: then the pages may also be its own, or in another process. */
  readonly isMountPathGiven: boolean;
}

/** Paths that the strategies of an app have redirected users to, by name of the strategy. */
const redirectsOf = new WeakMap<object, Map<string, string>>();

/** Detects a router that is missing, mounted at another path than `mountPath`, or hidden by another one. */
export class RouterMount {
  private hasRouter = false;

  constructor(private readonly settings: MountSettings) {}

  /** Records that the app has a router to mount. */
  add(router: Router): Router {
    this.hasRouter = true;
    return router;
  }

  /**
   * Checks that there are pages before a request is redirected to them.
   *
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_NO_ROUTER` if there are none
   */
  assertRouter(req: Request): void {
    const { name, mountPath, isMountPathGiven } = this.settings;
    if (this.hasRouter || isMountPathGiven) {
      const app = rootAppOf(req);
      if (app) redirectsOf.set(app, (redirectsOf.get(app) ?? new Map()).set(name, mountPath.toLowerCase()));
      return;
    }
    throw this.error(
      'ERR_TWILIO_VERIFY_NO_ROUTER',
      `There are no pages to redirect users to, because twoFactor.router() was never called. Add app.use('${mountPath}', ` +
        "twoFactor.router()). If your app has its own pages, set the option mountPath: '/path/of/your/pages'.",
    );
  }

  /** First handler of each page, and of all other requests: rejects those at another path than `mountPath`. */
  readonly check: RequestHandler = (req, _res, next) => {
    const { mountPath } = this.settings;
    // Express ignores case in paths.
    if (req.baseUrl === mountPath || req.baseUrl.toLowerCase() === mountPath.toLowerCase()) {
      const other = this.strategyThatWaits(req);
      return other === undefined ? next() : next(this.sharedPath(other));
    }
    const [actual, expected] = [req.baseUrl || '/', mountPath || '/'];
    next(
      this.error(
        'ERR_TWILIO_VERIFY_MOUNT_PATH',
        `twoFactor.router() is mounted at ${actual}, but the strategy redirects users to ${expected}. Add the option ` +
          `mountPath: '${actual}', or mount it with app.use('${expected}', twoFactor.router()).`,
      ),
    );
  };

  /**
   * Another strategy with the same path that has redirected this user here. Its own router never sees a request, so the
   * user would go in circles between its routes and these pages.
   */
  private strategyThatWaits(req: Request): string | undefined {
    const { name, mountPath } = this.settings;
    const session = sessionIfAny(req);
    if (!session || hasUserWaiting(session, name)) return undefined;
    const redirects = redirectsOf.get(rootAppOf(req) ?? req);
    if (!redirects) return undefined;
    const here = mountPath.toLowerCase();
    const others = [...redirects].filter(([other, path]) => other !== name && path === here);
    return others.find(([other]) => hasUserWaiting(session, other))?.[0];
  }

  private sharedPath(other: string): TwilioVerifyError {
    const { mountPath } = this.settings;
    return this.error(
      'ERR_TWILIO_VERIFY_SHARED_PATH',
      `its pages at ${mountPath || '/'} got a user of strategy "${other}", which has the same "mountPath". Only the first router ` +
        `there answers, so the user would go in circles. Give strategy "${other}" another path: add the option ` +
        `mountPath: '/${other}', and mount its router with app.use('/${other}', twoFactor.router()).`,
    );
  }

  private error(code: MountErrorCode, message: string): TwilioVerifyError {
    return new TwilioVerifyError(code, `Strategy "${this.settings.name}": ${message}`);
  }
}

/** Whether a strategy has redirected the user of this session to its pages. */
function hasUserWaiting(session: Session, strategy: string): boolean {
  const record = session[strategy] as SessionRecord | null | undefined;
  return Boolean(record?.returnTo ?? record?.pending);
}

/** The app that all others are mounted in; `undefined` with Fastify. */
function rootAppOf(req: Request): object | undefined {
  let app = req.app as unknown as MountedApp | undefined;
  while (app?.parent) app = app.parent;
  return app;
}

/** An app of Express, with the one that it's mounted in. */
interface MountedApp {
  readonly parent?: MountedApp;
}
