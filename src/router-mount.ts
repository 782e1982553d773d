import type { Request, RequestHandler, Router } from 'express';
import { TwilioVerifyError } from './errors.js';
import { canReach } from './express-stack.js';

/** What has to be known of the settings. */
interface MountSettings {
  readonly name: string;
  readonly mountPath: string;
  /** Whether the application has said so itself: then its pages may also be of its own, or in another process. */
  readonly isMountPathGiven: boolean;
}

/** Knows the routers that the strategy has made, and tells where people would be sent to pages that are not there. */
export class RouterMount {
  private readonly routers: Router[] = [];
  private isSettled = false;

  constructor(private readonly settings: MountSettings) {}

  /** Remembers a router that the application is going to mount. */
  add(router: Router): Router {
    this.routers.push(router);
    return router;
  }

  /** @throws TwilioVerifyError `ERR_TWILIO_VERIFY_NO_ROUTER` where it is certain that nobody could reach the pages */
  assertReachable(req: Request): void {
    if (this.isSettled) return;
    const { mountPath, isMountPathGiven } = this.settings;
    const pages = mountPath || '/';
    if (this.routers.length === 0) {
      if (isMountPathGiven) return;
      throw this.fault(
        'ERR_TWILIO_VERIFY_NO_ROUTER',
        `There are no pages to send people to: twoFactor.router() was never called. Add app.use('${pages}', ` +
          "twoFactor.router()) or, if pages of your own do its work, the option mountPath: '/where/they/are'.",
      );
    }
    if (canReach(req, pages, this.routers) === false) {
      throw this.fault(
        'ERR_TWILIO_VERIFY_NO_ROUTER',
        `People would be sent to ${pages}, but the pages are not there: what twoFactor.router() gave is mounted ` +
          `elsewhere, or not at all. Add app.use('${pages}', twoFactor.router()), or set the option "mountPath" to ` +
          'where it is.',
      );
    }
    this.isSettled = true;
  }

  /** First in the router: a request that has come by another way than `mountPath`. */
  readonly check: RequestHandler = (req, _res, next) => {
    const { mountPath } = this.settings;
    // Express does not tell letters of another case apart.
    if (req.baseUrl === mountPath || req.baseUrl.toLowerCase() === mountPath.toLowerCase()) {
      this.isSettled = true;
      return next();
    }
    const [found, wanted] = [req.baseUrl || '/', mountPath || '/'];
    next(
      this.fault(
        'ERR_TWILIO_VERIFY_MOUNT_PATH',
        `twoFactor.router() is mounted at ${found}, but people are sent to ${wanted}. Add the option mountPath: ` +
          `'${found}', or mount it with app.use('${wanted}', twoFactor.router()).`,
      ),
    );
  };

  private fault(code: 'ERR_TWILIO_VERIFY_NO_ROUTER' | 'ERR_TWILIO_VERIFY_MOUNT_PATH', message: string) {
    return new TwilioVerifyError(code, `Strategy "${this.settings.name}": ${message}`);
  }
}
