import type { RequestHandler, Router } from 'express';
import { TwilioVerifyError } from '../common/errors.js';

/** Settings for the router's path. */
export interface MountSettings {
  readonly name: string;
  readonly mountPath: string;
  /** Whether the app set `mountPath`: then the pages may also be its own, or in another process. */
  readonly isMountPathGiven: boolean;
}

/** Detects a router that is missing, or mounted at another path than `mountPath`. */
export class RouterMount {
  private hasRouter = false;

  constructor(private readonly settings: MountSettings) {}

  /** Records that the app has a router to mount. */
  add(router: Router): Router {
    this.hasRouter = true;
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
    if (req.baseUrl === mountPath || req.baseUrl.toLowerCase() === mountPath.toLowerCase()) return next();
    const [actual, expected] = [req.baseUrl || '/', mountPath || '/'];
    next(
      this.error(
        'ERR_TWILIO_VERIFY_MOUNT_PATH',
        `twoFactor.router() is mounted at ${actual}, but the strategy redirects users to ${expected}. Add the option ` +
          `mountPath: '${actual}', or mount it with app.use('${expected}', twoFactor.router()).`,
      ),
    );
  };

  private error(code: 'ERR_TWILIO_VERIFY_NO_ROUTER' | 'ERR_TWILIO_VERIFY_MOUNT_PATH', message: string) {
    return new TwilioVerifyError(code, `Strategy "${this.settings.name}": ${message}`);
  }
}
