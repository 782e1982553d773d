import type { Request, RequestHandler, Router } from 'express';
import { TwilioVerifyError } from '../common/errors.js';
import { sessionIfAny } from '../session/session-access.js';
import type { SessionRecord } from '../session/session-record.js';

type MountErrorCode = 'ERR_TWILIO_VERIFY_NO_ROUTER' | 'ERR_TWILIO_VERIFY_MOUNT_PATH' | 'ERR_TWILIO_VERIFY_SHARED_PATH';

/** Settings for the router's path. */
export interface MountSettings {
  readonly name: string;
  readonly mountPath: string;
  /** Whether the app set `mountPath`: then the pages may also be its own, or in another process. */
  readonly isMountPathGiven: boolean;
}

/** Names of the strategies that have pages in this process, by path. */
const strategiesAt = new Map<string, Set<string>>();

/** Detects a router that is missing, mounted at another path than `mountPath`, or hidden by another one. */
export class RouterMount {
  private hasRouter = false;

  constructor(private readonly settings: MountSettings) {}

  /** Records that the app has a router to mount. */
  add(router: Router): Router {
    this.hasRouter = true;
    const { name, mountPath } = this.settings;
    const path = mountPath.toLowerCase();
    strategiesAt.set(path, (strategiesAt.get(path) ?? new Set()).add(name));
    return router;
  }

  /** @throws TwilioVerifyError `ERR_TWILIO_VERIFY_NO_ROUTER` if there are no pages to redirect to */
  assertRouter(): void {
    const { mountPath, isMountPathGiven } = this.settings;
    if (this.hasRouter || isMountPathGiven) return;
    throw this.error(
      'ERR_TWILIO_VERIFY_NO_ROUTER',
      `There are no pages to redirect users to, because twoFactor.router() was never called. Add app.use('${mountPath}', ` +
        "twoFactor.router()). If your app has its own pages, set the option mountPath: '/path/of/your/pages'.",
    );
  }

  /** First middleware of the router: rejects requests that arrive at another path than `mountPath`. */
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
    const names = strategiesAt.get(mountPath.toLowerCase());
    const session = sessionIfAny(req);
    if (!names || names.size < 2 || !session) return undefined;
    const recordOf = (strategy: string) => session[strategy] as SessionRecord | null | undefined;
    const own = recordOf(name);
    if (own?.returnTo || own?.pending) return undefined;
    return [...names].find((other) => other !== name && recordOf(other)?.returnTo);
  }

  private sharedPath(other: string): TwilioVerifyError {
    const { mountPath } = this.settings;
    return this.error(
      'ERR_TWILIO_VERIFY_SHARED_PATH',
      `its pages at ${mountPath || '/'} got a user of strategy "${other}", which has the same "mountPath". Only the first router ` +
        `there answers, so the user would go in circles. Give strategy "${other}" a path of its own: add the option ` +
        `mountPath: '/${other}', and mount its router with app.use('/${other}', twoFactor.router()).`,
    );
  }

  private error(code: MountErrorCode, message: string): TwilioVerifyError {
    return new TwilioVerifyError(code, `Strategy "${this.settings.name}": ${message}`);
  }
}
