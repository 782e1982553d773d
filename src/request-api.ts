import type { Request } from 'express';
import { shownAddress } from './address.js';
import type { Context } from './context.js';
import { chain, type MaybePromise } from './maybe-promise.js';
import { REFUSAL_STATUS, type Refusal, refuse } from './outcome.js';
import { contextOf, primaryUserOf } from './request-context.js';
import type {
  AvailableMethod,
  CancelResult,
  CheckResult,
  NewNumber,
  NumberResult,
  PendingVerification,
  Refused,
  RequestLike,
  SkipResult,
  StartResult,
  Status,
} from './request-results.js';
import { isSameOrigin } from './same-origin.js';
import { maxAgeIn, type Settings } from './settings.js';
import type { PendingStatus, TwoFactor } from './two-factor.js';

/** What a step gives of itself: a refusal is told by {@link RequestApi.step}. */
type Step<T> = T | Refusal;

/** The core, for applications that call it with a request, in place of our pages: the same rules, the same events. */
export class RequestApi<TUser> {
  constructor(
    private readonly settings: Settings<TUser>,
    private readonly twoFactor: TwoFactor<TUser>,
  ) {}

  async methods(req: RequestLike): Promise<readonly AvailableMethod[]> {
    const context = await this.contextIfAny(req);
    const reach = context && (await this.twoFactor.options(context));
    if (!reach || 'type' in reach) return [];
    return reach.routes.map(({ method, address }) => {
      const { to } = shownAddress(address, reach.purpose !== 'signIn', this.settings.showLastDigits);
      return { method, to };
    });
  }

  async status(req: RequestLike): Promise<Status> {
    const context = await this.contextIfAny(req);
    if (!context) return STATUS_WITHOUT_USER;
    const [isRequired, isSkipped, canRegister, canSkip, whyNoChange, pending] = await Promise.all([
      this.settings.isRequired(context),
      this.twoFactor.isSkipped(context),
      this.twoFactor.canRegister(context),
      this.twoFactor.canSkip(context),
      this.twoFactor.mayChange(context),
      this.pending(context),
    ]);
    const isVerified = this.twoFactor.isVerified(context.session.mark);
    return { isRequired, isVerified, isSkipped, canRegister, canSkip, canChange: !whyNoChange, pending };
  }

  isVerified(req: RequestLike, maxAgeSeconds: number | undefined): MaybePromise<boolean> {
    const maxAge = maxAgeIn('isVerified', maxAgeSeconds);
    const user = primaryUserOf<TUser>(asRequest(req));
    if (user === undefined) return false;
    return chain(contextOf(this.settings, asRequest(req), user), ({ session }) =>
      this.twoFactor.isVerified(session.mark, maxAge),
    );
  }

  start(req: RequestLike, method: unknown): Promise<StartResult> {
    return this.step(req, async (context) => {
      if (typeof method !== 'string') return refuse('method_unknown');
      return this.sent(context, await this.twoFactor.start(context, method));
    });
  }

  resend(req: RequestLike): Promise<StartResult> {
    return this.step(req, async (context) => this.sent(context, await this.twoFactor.resend(context)));
  }

  check(req: RequestLike, code: unknown): Promise<CheckResult> {
    return this.step(req, async (context): Promise<Step<CheckResult>> => {
      if (typeof code !== 'string') return refuse('bad_request');
      const outcome = await this.twoFactor.check(context, code);
      if (outcome.type !== 'approved') return outcome;
      const { type, purpose, info } = outcome;
      return { type, purpose, info };
    });
  }

  cancel(req: RequestLike): Promise<CancelResult> {
    return this.step(req, async (context): Promise<Step<{ readonly type: 'canceled' }>> => {
      await this.twoFactor.cancel(context);
      return { type: 'canceled' };
    });
  }

  register(req: RequestLike, number: NewNumber): Promise<NumberResult> {
    return this.takeNumber(req, number, 'register');
  }

  change(req: RequestLike, number: NewNumber): Promise<NumberResult> {
    return this.takeNumber(req, number, 'change');
  }

  skip(req: RequestLike): Promise<SkipResult> {
    return this.step(
      req,
      async (context): Promise<Step<{ readonly type: 'skipped' }>> =>
        (await this.twoFactor.skip(context)) ?? { type: 'skipped' },
    );
  }

  private takeNumber(req: RequestLike, typed: NewNumber, step: 'register' | 'change'): Promise<NumberResult> {
    return this.step(req, async (context): Promise<Step<NumberResult>> => {
      const { phoneNumber, country, method } = typed;
      // What a request brought may be anything, whatever the types say.
      const isText = [phoneNumber, country ?? '', method ?? ''].every((value) => typeof value === 'string');
      if (!isText) return refuse('bad_request');
      const given = { phoneNumber, country: country || undefined, method: method || undefined };
      const outcome = await this.twoFactor[step](context, given);
      return outcome.type === 'numberAccepted' ? outcome : this.sent(context, outcome);
    });
  }

  /** Runs a step for the user of the request, if the request may do that; a refusal is put into words. */
  private async step<T extends { readonly type: string }>(
    req: RequestLike,
    run: (context: Context<TUser>) => Promise<Step<T>>,
  ): Promise<Exclude<T, Refusal> | Refused> {
    const request = asRequest(req);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead && !isSameOrigin(request, this.settings.allowedOrigins)) return this.refused(req, refuse('cross_site'));
    const context = await this.contextIfAny(req);
    if (!context) return this.refused(req, refuse('login_required'));
    const outcome = await run(context);
    if (isRefusal(outcome)) return this.refused(req, outcome, await context.locale());
    return outcome as Exclude<T, Refusal>;
  }

  private async sent(
    context: Context<TUser>,
    outcome: { readonly type: 'sent' } | Refusal,
  ): Promise<Step<{ readonly type: 'sent'; readonly pending: PendingVerification }>> {
    if (outcome.type === 'refused') return outcome;
    const pending = await this.pending(context);
    // The address has become another one in this very moment: there is nothing that a code could be typed for.
    return pending ? { type: 'sent', pending } : refuse('address_changed');
  }

  private async pending(context: Context<TUser>): Promise<PendingVerification | undefined> {
    const status = await this.twoFactor.status(context);
    return status && describePending(status, this.settings.showLastDigits);
  }

  private async refused(req: RequestLike, refusal: Refusal, locale?: string): Promise<Refused> {
    const { texts } = this.settings;
    const message = texts.for(locale ?? texts.negotiate(req.headers['accept-language'])).refusal(refusal);
    return { ...refusal, message, status: REFUSAL_STATUS[refusal.code] };
  }

  private async contextIfAny(req: RequestLike): Promise<Context<TUser> | undefined> {
    const user = primaryUserOf<TUser>(asRequest(req));
    return user === undefined ? undefined : contextOf(this.settings, asRequest(req), user);
  }
}

/** What a user is told of a code on its way. */
function describePending(status: PendingStatus, showLastDigits: boolean): PendingVerification {
  const { purpose, method, address, expiresAt, resendAt, attemptsLeft } = status;
  const { to } = shownAddress(address, purpose !== 'signIn', showLastDigits);
  return { purpose, method, to, expiresAt: new Date(expiresAt), resendAt: new Date(resendAt), attemptsLeft };
}

const STATUS_WITHOUT_USER: Status = {
  isRequired: true,
  isVerified: false,
  isSkipped: false,
  canRegister: false,
  canSkip: false,
  canChange: false,
  pending: undefined,
};

// Every reader of ours takes from a request only what Express's and Fastify's have alike.
function asRequest(req: RequestLike): Request {
  return req as Request;
}

function isRefusal(outcome: { readonly type: string }): outcome is Refusal {
  return outcome.type === 'refused';
}
