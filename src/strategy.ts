/// <reference types="passport" preserve="true" />
import type { Request, RequestHandler, Router } from 'express';
import { Announcer } from './announcer.js';
import { Checking } from './checking.js';
import { type EventName, Events, type Listener, type TwilioVerifyEvents } from './events.js';
import { Gate, type GateOptions } from './gate.js';
import { Limits } from './limits.js';
import { LineTypes } from './line-types.js';
import { withQuietLogIn } from './log-in.js';
import { chain } from './maybe-promise.js';
import type { TwilioVerifyStrategyOptions, TwilioVerifyStrategyOptionsWithRequest } from './options.js';
import { actionsOf, PassportStrategy } from './passport-strategy.js';
import { ReachFinder } from './reach.js';
import { Sending } from './sending.js';
import { sessionBridge } from './session-bridge.js';
import { resolveSettings, type Settings } from './settings.js';
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
  private readonly twoFactor: TwoFactor<TUser>;
  private readonly gate: Gate<TUser>;

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
    const api = new VerifyApi(settings);
    const reach = new ReachFinder(settings);
    const limits = new Limits(settings);
    const lineTypes = new LineTypes(settings, api, announcer);
    const sending = new Sending(settings, api, limits, announcer, lineTypes);
    const verifyCaller = new VerifyCaller(settings, verify);
    const checking = new Checking(settings, api, limits, announcer, reach, sending, verifyCaller);
    this.name = settings.name;
    this.settings = settings;
    this.limits = limits;
    this.twoFactor = new TwoFactor(settings, reach, sending, checking);
    this.gate = new Gate(settings, this.twoFactor);
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
    return createRouter(this.settings, this.twoFactor);
  }

  /**
   * Middleware that goes after `passport.session()`. Sessions without an id, such as those of cookie-session, need it:
   * it ends a verification at log-in and log-out, which for all others the new session id does.
   */
  session(): RequestHandler {
    return sessionBridge(this.settings.name);
  }

  /**
   * Middleware for the route that ends the primary step: if there is one method only, it sends the code and goes to the
   * code page, so that nobody has to choose. In every other case it goes on to the next handler.
   */
  sendOnLogin(): RequestHandler {
    return sendOnLogin(this.settings, this.twoFactor);
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
  process.emitWarning(`The callback of passport.authenticate threw when it was told of an error: ${what}`, {
    code: 'TWILIO_VERIFY_CALLBACK',
  });
}
