/// <reference types="passport" preserve="true" />
import type { Request, RequestHandler, Router } from 'express';
import type { ConfigurationReport } from './core/configuration-check.js';
import { createCore } from './core/create-core.js';
import { type EventName, Events, type Listener, type TwilioVerifyEvents } from './core/events/events.js';
import type { TwoFactor } from './core/two-factor.js';
import type { VerifyCallback, VerifyCallbackWithRequest } from './core/verification/verify-callback.js';
import { Gate } from './gate/gate.js';
import type { GateOptions } from './gate/gate-options.js';
import { actionsOf, PassportStrategy, warnAboutThrow } from './gate/passport-actions.js';
import { perform } from './gate/perform.js';
import { type RequiredOptions, required } from './gate/required.js';
import { type Administration, createAdministration } from './headless/administration.js';
import { HeadlessApi } from './headless/headless-api.js';
import type * as results from './headless/results.js';
import { Limits } from './limits/limits.js';
import type { TwilioVerifyStrategyOptions, TwilioVerifyStrategyOptionsWithRequest } from './options/options.js';
import { resolveSettings, type Settings } from './options/resolve-settings.js';
import { packageFiles } from './package-files.js';
import { createRouter } from './pages/router.js';
import { sendOnLogin } from './pages/send-on-login.js';
import { RouterMount } from './request/router-mount.js';
import { type SessionMiddleware, sessionMiddleware } from './request/session-middleware.js';

/**
 * Adds two-factor authentication to Passport. After a primary strategy has put a user on `req.user`, the user enters a
 * code that Twilio Verify sends by SMS, phone call, or WhatsApp.
 *
 * On a route, `passport.authenticate('twilio-2fa')` lets verified users continue and redirects the others to the pages of
 * {@link TwilioVerifyStrategy.router}. The pending verification stays in the session until the code is correct.
 *
 * @example
 * ```ts
 * const twoFactor = new TwilioVerifyStrategy<User>({
 *   phoneNumber: ({ user }) => user.phoneNumber,
 *   storePhoneNumber: ({ user, phoneNumber }) => users.setPhoneNumber(user.id, phoneNumber),
 * });
 * passport.use(twoFactor);
 * app.use(passport.session(), twoFactor.session());
 * app.use('/2fa', twoFactor.router());
 * app.get('/account', passport.authenticate('twilio-2fa'), showAccount);
 * ```
 */
export class TwilioVerifyStrategy<TUser = Express.User> extends PassportStrategy {
  readonly name: string;
  /** Methods for administrators. */
  readonly admin: Administration<TUser>;

  // TypeScript's `private`, because Passport runs `authenticate` on `Object.create(strategy)`, where `#private` throws.
  private readonly settings: Settings<TUser>;
  private readonly events = new Events<TUser>();
  private readonly mount: RouterMount;
  private readonly twoFactor: TwoFactor<TUser>;
  private readonly gate: Gate<TUser>;
  private readonly headless: HeadlessApi<TUser>;

  /**
   * @param options - See {@link TwilioVerifyStrategyOptions}. Only `phoneNumber` has no default.
   * @param verify - Called before each verification of a session. Without it, every correct code counts.
   * @throws TypeError that names an option which is unknown, out of range, or not a callback
   */
  constructor(options: TwilioVerifyStrategyOptionsWithRequest<TUser>, verify: VerifyCallbackWithRequest<TUser>);
  constructor(options: TwilioVerifyStrategyOptions<TUser>, verify?: VerifyCallback<TUser>);
  constructor(
    options: TwilioVerifyStrategyOptions<TUser> | TwilioVerifyStrategyOptionsWithRequest<TUser>,
    verify?: VerifyCallback<TUser> | VerifyCallbackWithRequest<TUser>,
  ) {
    super();
    const settings = resolveSettings(options, process.env, packageFiles);
    this.name = settings.name;
    this.settings = settings;
    this.mount = new RouterMount(settings);
    const { twoFactor, accounts } = createCore(settings, this.events, new Limits(settings), verify);
    this.twoFactor = twoFactor;
    this.admin = createAdministration(settings, accounts);
    this.gate = new Gate(settings, this.twoFactor, this.mount);
    this.headless = new HeadlessApi(settings, this.twoFactor);
  }

  /** Called by Passport for each request to a protected route. Ends in exactly one of Passport's actions. */
  authenticate(req: Request, options: GateOptions = {}): void {
    const actions = actionsOf(this);
    this.gate
      .decide(req, options)
      .then((decision) => perform(decision, req, actions))
      .catch((error) => actions.error(error))
      // Passport ignores promises: what a custom callback throws here would end the process.
      .catch(warnAboutThrow);
  }

  /** Returns the pages as an Express router. Mount it at `mountPath`. Needs Express. */
  router(): Router {
    return this.mount.add(createRouter(this.settings, this.twoFactor, this.mount.check));
  }

  /**
   * Returns middleware that ends a verification when its user signs out, or when the request has another user, such as a
   * guest. Add it in every app, after the middleware that sets `req.user` and what `userId` reads. With Fastify, use
   * `app.addHook('preValidation', twoFactor.session())`.
   *
   * Sessions without an ID (cookie-session and `@fastify/secure-session`) don't work without it.
   */
  session(): SessionMiddleware {
    return sessionMiddleware(this.settings);
  }

  /**
   * Returns middleware that decides like `passport.authenticate('twilio-2fa')`, and doesn't set `req.authInfo`. API
   * clients get problem details (RFC 9457). Needs Express.
   *
   * @throws TypeError for an option that is unknown or out of range
   * @example `app.post('/transfer', twoFactor.required({ maxAgeSeconds: 300 }), transfer);`
   */
  required(options: RequiredOptions = {}): RequestHandler {
    return required(this.gate, this.name, options);
  }

  /**
   * Returns middleware for the route that ends the primary sign-in. It sends a code by the user's only method, or by the
   * preferred one, and redirects to the code page. A user who must choose goes to the start page. It calls the next
   * handler for a user who passes or has no address, for prefetches, and for GET requests that aren't for a page.
   */
  sendOnLogin(): RequestHandler {
    return sendOnLogin(this.settings, this.twoFactor, this.mount);
  }

  /** Returns the methods that can send a code now; none without a user, or if a number must be registered first. */
  methods(req: results.RequestLike): Promise<readonly results.AvailableMethod[]> {
    return this.headless.methods(req);
  }

  /** Sends a code by a method that {@link TwilioVerifyStrategy.methods} returned. */
  start(req: results.RequestLike, method: string): Promise<results.StartResult> {
    return this.headless.start(req, method);
  }

  /** Sends the pending code again, once `retryTimeSeconds` have passed. */
  resend(req: results.RequestLike): Promise<results.SendResult> {
    return this.headless.resend(req);
  }

  /**
   * Checks a code. If it's correct, verifies the session, regenerates its ID, and saves it.
   *
   * @throws TypeError for an unknown option
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_UNAVAILABLE` (status 503) if Twilio is unreachable
   */
  check(req: results.RequestLike, code: string, options: results.CheckOptions = {}): Promise<results.CheckResult> {
    return this.headless.check(req, code, options);
  }

  /** Checks a recovery code. If it's correct, uses it up and verifies the session. Wrong ones count like those by SMS. */
  checkRecoveryCode(req: results.RequestLike, code: string): Promise<results.RecoveryResult> {
    return this.headless.recovery.check(req, code);
  }

  /** Creates recovery codes for a user who was verified in the last 5 minutes. They work once they are confirmed. */
  createRecoveryCodes(req: results.RequestLike): Promise<results.CreateCodesResult> {
    return this.headless.recovery.create(req);
  }

  /** Activates the codes that were created last, if the user types one of them. That code stays valid. */
  confirmRecoveryCodes(req: results.RequestLike, code: string): Promise<results.ConfirmCodesResult> {
    return this.headless.recovery.confirm(req, code);
  }

  /** Cancels the pending verification. The code of a sign-in becomes invalid, and any other one is only forgotten. */
  cancel(req: results.RequestLike): Promise<results.CancelResult> {
    return this.headless.cancel(req);
  }

  /** Registers the first number of a user, and sends a code to it if `number` has a method. */
  register(req: results.RequestLike, number: results.NewNumber): Promise<results.NumberResult> {
    return this.headless.register(req, number);
  }

  /** Changes the number of a user who proved a code in the last 5 minutes, or a recovery code in the last 15. */
  change(req: results.RequestLike, number: results.NewNumber): Promise<results.NumberResult> {
    return this.headless.change(req, number);
  }

  /** Skips registration for this session, if `registerOptional` allows it. */
  skip(req: results.RequestLike): Promise<results.SkipResult> {
    return this.headless.skip(req);
  }

  /** Ends the user's other sessions with the option `endOtherSessions`. @throws TypeError without that option */
  endOtherSessions(req: results.RequestLike): Promise<results.EndOtherSessionsResult> {
    return this.headless.endOtherSessions(req);
  }

  /** Returns the user's factors. The user must have proved a real factor in the last 5 minutes. */
  factors(req: results.RequestLike): Promise<results.FactorsResult> {
    return this.headless.security.factors(req);
  }

  /** Forgets a remembered device by its ID from {@link TwilioVerifyStrategy.factors}. */
  forgetDevice(req: results.RequestLike, id: string): Promise<results.ForgetResult> {
    return this.headless.security.forgetDevice(req, id);
  }

  /** Forgets all remembered devices of the user. */
  forgetDevices(req: results.RequestLike): Promise<results.ForgetResult> {
    return this.headless.security.forgetDevices(req);
  }

  /** Keeps the method that the user prefers. Needs the option `store`. */
  setPreferredMethod(req: results.RequestLike, method: string): Promise<results.PreferenceResult> {
    return this.headless.security.setPreferredMethod(req, method);
  }

  /** Returns the state of the user and of the pending verification. */
  status(req: results.RequestLike): Promise<results.Status> {
    return this.headless.status(req);
  }

  /** Returns whether this session is verified, the factor, and the time. @throws TypeError for an unknown option */
  verification(
    req: results.RequestLike,
    options: results.VerificationOptions = {},
  ): Promise<results.VerificationStatus> {
    return this.headless.verification(req, options);
  }

  /**
   * Checks credentials, the Verify service, Twilio, and the store of the limits, for start-up and health checks. Sends no
   * code, and never rejects. Options that are callbacks have no value without a request, and are not checked.
   */
  checkConfiguration(): Promise<ConfigurationReport> {
    return this.twoFactor.configuration.run();
  }

  /** Adds a listener. Its errors and rejections don't change the outcome. @throws TypeError for an unknown event */
  on<E extends EventName>(name: E, listener: Listener<TwilioVerifyEvents<TUser>[E]>): this {
    this.events.on(name, listener);
    return this;
  }

  /** Adds a listener for the next event only. @throws TypeError for an unknown event */
  once<E extends EventName>(name: E, listener: Listener<TwilioVerifyEvents<TUser>[E]>): this {
    this.events.once(name, listener);
    return this;
  }

  /** Removes a listener. @throws TypeError for an unknown event */
  off<E extends EventName>(name: E, listener: Listener<TwilioVerifyEvents<TUser>[E]>): this {
    this.events.off(name, listener);
    return this;
  }
}
