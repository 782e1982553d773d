/// <reference types="passport" preserve="true" />
import type { Request, RequestHandler, Router } from 'express';
import { Announcer } from './announcer.js';
import { Checking } from './checking.js';
import { type EventName, Events, type Listener, type TwilioVerifyEvents } from './events.js';
import { Gate, type GateOptions } from './gate.js';
import { Limits } from './limits.js';
import { LineTypes } from './line-types.js';
import { withQuietLogIn } from './log-in.js';
import { chain, isPromiseLike } from './maybe-promise.js';
import type { TwilioVerifyStrategyOptions, TwilioVerifyStrategyOptionsWithRequest } from './options.js';
import { actionsOf, PassportStrategy } from './passport-strategy.js';
import { ReachFinder } from './reach.js';
import { RequestApi } from './request-api.js';
import type {
  AvailableMethod,
  CancelResult,
  CheckResult,
  NewNumber,
  NumberResult,
  RequestLike,
  SkipResult,
  StartResult,
  Status,
} from './request-results.js';
import { RouterMount } from './router-mount.js';
import { Sending } from './sending.js';
import { type SessionMiddleware, sessionBridge } from './session-bridge.js';
import { resolveSettings, type Settings } from './settings.js';
import { withTracedSteps } from './trace.js';
import { VerifyApi } from './twilio/verify-api.js';
import { TwoFactor } from './two-factor.js';
import { type VerifyCallback, type VerifyCallbackWithRequest, VerifyCaller } from './verify-callback.js';
import { createRouter } from './web/router.js';
import { sendOnLogin } from './web/send-on-login.js';

/**
 * The second step of a log-in: a Passport strategy that makes a user, whom a primary strategy has put on `req.user`,
 * prove through Twilio Verify that they hold a phone.
 *
 * On a route, `passport.authenticate('twilio-2fa')` is the gate: it lets verified users pass and sends all others to the
 * pages of {@link TwilioVerifyStrategy.router}. What is pending stays in the session until the code has been right.
 *
 * @example
 * ```ts
 * const twoFactor = new TwilioVerifyStrategy<User>({
 *   phoneNumber: ({ user }) => user.phoneNumber,
 *   storePhoneNumber: ({ user, phoneNumber }) => users.setPhoneNumber(user.id, phoneNumber),
 * });
 * passport.use(twoFactor);
 * app.use('/2fa', twoFactor.router());
 * app.get('/account', passport.authenticate('twilio-2fa'), showAccount);
 * ```
 */
export class TwilioVerifyStrategy<TUser = Express.User> extends PassportStrategy {
  readonly name: string;

  // Private to TypeScript only: Passport runs `authenticate` on `Object.create(strategy)`, where `#private` would throw.
  private readonly settings: Settings<TUser>;
  private readonly events = new Events<TUser>();
  private readonly limits: Limits;
  private readonly mount: RouterMount;
  private readonly twoFactor: TwoFactor<TUser>;
  private readonly gate: Gate<TUser>;
  private readonly api: RequestApi<TUser>;

  /**
   * @param options - See {@link TwilioVerifyStrategyOptions}; only `phoneNumber` has no default.
   * @param verify - Asked after a right code, before the session is marked; without it every right code is enough.
   * @throws TypeError that names an option which is unknown, out of its range, or must be a callback
   */
  constructor(options: TwilioVerifyStrategyOptionsWithRequest<TUser>, verify: VerifyCallbackWithRequest<TUser>);
  constructor(options: TwilioVerifyStrategyOptions<TUser>, verify?: VerifyCallback<TUser>);
  constructor(
    options: TwilioVerifyStrategyOptions<TUser> | TwilioVerifyStrategyOptionsWithRequest<TUser>,
    verify?: VerifyCallback<TUser> | VerifyCallbackWithRequest<TUser>,
  ) {
    super();
    if (verify !== undefined && typeof verify !== 'function') {
      throw new TypeError('TwilioVerifyStrategy: the second argument, "verify", must be a function');
    }
    const settings = resolveSettings(options, process.env);
    const announcer = new Announcer(this.events, settings.clock);
    const verifyApi = new VerifyApi(settings);
    const reach = new ReachFinder(settings);
    const limits = new Limits(settings);
    const lineTypes = new LineTypes(settings, verifyApi, announcer);
    const sending = new Sending(settings, verifyApi, limits, announcer, lineTypes);
    const verifyCaller = new VerifyCaller(settings, verify);
    const checking = new Checking(settings, verifyApi, limits, announcer, reach, sending, verifyCaller);
    this.name = settings.name;
    this.settings = settings;
    this.limits = limits;
    this.mount = new RouterMount(settings);
    this.twoFactor = withTracedSteps(new TwoFactor(settings, reach, sending, checking));
    this.gate = new Gate(settings, this.twoFactor, this.mount);
    this.api = new RequestApi(settings, this.twoFactor);
  }

  /** Called by Passport for each request to a route with this strategy. Ends in exactly one of Passport's actions. */
  authenticate(req: Request, options: GateOptions = {}): void {
    const actions = actionsOf(this);
    try {
      const done = chain(this.gate.decide(req, options), (decision) => {
        switch (decision.action) {
          case 'success':
            return withQuietLogIn(req, decision.logInHooks, () => actions.success(decision.user, decision.info));
          case 'fail':
            return actions.fail(decision.challenge, decision.status);
          case 'redirect':
            return actions.redirect(decision.location);
        }
      });
      if (!isPromiseLike(done)) return;
      // Passport knows no promises: what an action throws after an `await` would end the process.
      Promise.resolve(done)
        .catch((error) => actions.error(error))
        .catch(warnOfThrow);
    } catch (error) {
      actions.error(error);
    }
  }

  /** The pages, to be mounted at `mountPath`. Needs Express. */
  router(): Router {
    return this.mount.add(createRouter(this.settings, this.twoFactor, this.mount.check));
  }

  /**
   * Middleware that goes after `passport.session()`. Sessions without an id, such as those of cookie-session and of
   * `@fastify/secure-session`, need it: it ends a verification at log-in and log-out, which for all others the new
   * session id does. With Fastify: `app.addHook('preValidation', twoFactor.session())`.
   */
  session(): SessionMiddleware {
    return sessionBridge(this.settings.name);
  }

  /**
   * Middleware for the route that ends the primary step: if there is one method only, it sends the code and goes to the
   * code page, so that nobody has to choose. In every other case it goes on to the next handler.
   */
  sendOnLogin(): RequestHandler {
    return sendOnLogin(this.settings, this.twoFactor, this.mount);
  }

  /** The methods by which the user can get a code now; none without a user, or where a number must be registered first. */
  methods(req: RequestLike): Promise<readonly AvailableMethod[]> {
    return this.api.methods(req);
  }

  /** Sends a code by a method that {@link TwilioVerifyStrategy.methods} has named. */
  start(req: RequestLike, method: string): Promise<StartResult> {
    return this.api.start(req, method);
  }

  /** Sends the pending code again, when `retryTimeSeconds` has passed. */
  resend(req: RequestLike): Promise<StartResult> {
    return this.api.resend(req);
  }

  /**
   * Checks what the user typed. Where it is right the session is verified, has another id, and is stored.
   *
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_UNAVAILABLE` (status 503) when Twilio cannot be asked
   */
  check(req: RequestLike, code: string): Promise<CheckResult> {
    return this.api.check(req, code);
  }

  /** Gives up what is pending; the code that was sent does not work any more. */
  cancel(req: RequestLike): Promise<CancelResult> {
    return this.api.cancel(req);
  }

  /** Takes the first number of a user who has none, and sends a code to it if a method is given. */
  register(req: RequestLike, number: NewNumber): Promise<NumberResult> {
    return this.api.register(req, number);
  }

  /** Takes another number of a user who was verified in the last 5 minutes. */
  change(req: RequestLike, number: NewNumber): Promise<NumberResult> {
    return this.api.change(req, number);
  }

  /** Leaves registration for later, for this session, where `registerOptional` allows it. */
  skip(req: RequestLike): Promise<SkipResult> {
    return this.api.skip(req);
  }

  /** Where the user stands, and what is pending. */
  status(req: RequestLike): Promise<Status> {
    return this.api.status(req);
  }

  /**
   * Whether this session holds a verification of the user that is young enough.
   *
   * The answer comes at once, unless `userId` is asynchronous: then `await` it.
   *
   * @param options - `maxAgeSeconds`: how young it must be, in seconds, at least 30. @default the option `maxAgeSeconds`
   */
  isVerified(req: RequestLike, options: { readonly maxAgeSeconds?: number } = {}): boolean | PromiseLike<boolean> {
    return this.api.isVerified(req, options.maxAgeSeconds);
  }

  /** Ends a lock, and forgets the user's wrong codes. @param userId - As the option `userId` gives it. */
  unlock(userId: string | number | bigint): Promise<void> {
    return this.limits.clearWrongCodes(String(userId));
  }

  /**
   * When a user's lock ends; `null` if there is none, `Infinity` if only {@link TwilioVerifyStrategy.unlock} ends it.
   *
   * @param userId - As the option `userId` gives it.
   */
  async lockedUntil(userId: string | number | bigint): Promise<Date | number | null> {
    const until = await this.limits.lockedUntil(String(userId));
    if (until === undefined) return null;
    return Number.isFinite(until) ? new Date(until) : Number.POSITIVE_INFINITY;
  }

  /** Adds a listener. What it throws, or rejects with, changes nothing of the outcome. */
  on<E extends EventName>(name: E, listener: Listener<TwilioVerifyEvents<TUser>[E]>): this {
    this.events.on(name, listener);
    return this;
  }

  /** Adds a listener for the next such event only. */
  once<E extends EventName>(name: E, listener: Listener<TwilioVerifyEvents<TUser>[E]>): this {
    this.events.once(name, listener);
    return this;
  }

  /** Takes a listener off. */
  off<E extends EventName>(name: E, listener: Listener<TwilioVerifyEvents<TUser>[E]>): this {
    this.events.off(name, listener);
    return this;
  }
}

function warnOfThrow(thrown: unknown): void {
  const what = thrown instanceof Error ? thrown.stack : 'something that is not an Error';
  process.emitWarning(
    `The callback of passport.authenticate threw when it was told of an error. ` +
      `Begin it with if (error) return next(error); ${what}`,
    { code: 'TWILIO_VERIFY_CALLBACK' },
  );
}
