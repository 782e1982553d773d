import { type Address, readPhoneNumber } from './address.js';
import type { Checking } from './checking.js';
import type { Context } from './context.js';
import { chain, type MaybePromise } from './maybe-promise.js';
import { isPhoneMethod, type Method } from './methods.js';
import {
  type CheckOutcome,
  type NumberOutcome,
  type Purpose,
  type Refusal,
  refuse,
  type SendOutcome,
} from './outcome.js';
import { addressOf, type Reach, type ReachFinder } from './reach.js';
import { type Sending, wentTo } from './sending.js';
import type { Mark, Pending } from './session-record.js';
import type { Settings } from './settings.js';

/** How young a verification must be for the number to be changed. */
export const CHANGE_MAX_AGE_SECONDS = 300;

/** How long a new number waits for its method. */
const DRAFT_LIFE_MS = 10 * 60 * 1000;

/** A new number as it was typed. */
export interface TypedNumber {
  readonly phoneNumber: string;
  /** ISO 3166-1 alpha-2, chosen from the list; the default country if there was no list. */
  readonly country: string | undefined;
  readonly method: string | undefined;
}

/** A code on its way, as it is shown. */
export interface PendingStatus {
  readonly purpose: Purpose;
  readonly method: Method;
  /** Whether a code could also be sent by another one. */
  readonly hasOtherMethods: boolean;
  readonly address: Address;
  readonly expiresAt: number;
  readonly resendAt: number;
  /** Wrong codes that are still allowed. */
  readonly attemptsLeft: number;
}

/**
 * The second step as an API: what each face, the Passport one and the pages, offers its users. It knows no request and
 * no response; a step gives its outcome, and throws only for a fault.
 */
export class TwoFactor<TUser> {
  constructor(
    private readonly settings: Settings<TUser>,
    private readonly reach: ReachFinder<TUser>,
    private readonly sending: Sending<TUser>,
    private readonly checking: Checking<TUser>,
  ) {}

  /** Whether a verification, as the session holds it, is young enough. */
  isVerified(mark: Mark | undefined, maxAgeSeconds = Number.POSITIVE_INFINITY): boolean {
    if (!mark) return false;
    const ageMs = this.settings.clock() - mark.at;
    return ageMs < Math.min(maxAgeSeconds, this.settings.maxAgeSeconds) * 1000;
  }

  /**
   * Whether the user may pass without a code: not required, verified, or, where the route asks for no age of its own,
   * registration skipped. Synchronous as long as `isRequired` is.
   */
  isPassed(context: Context<TUser>, mark: Mark | undefined, maxAgeSeconds?: number): MaybePromise<boolean> {
    if (this.isVerified(mark, maxAgeSeconds)) return true;
    return chain(
      maxAgeSeconds === undefined && this.isSkipped(context),
      (isSkipped) => isSkipped || chain(this.settings.isRequired(context), (isRequired) => !isRequired),
    );
  }

  /** Whether the first number was left for later in this session, and nobody has registered one elsewhere meanwhile. */
  isSkipped(context: Context<TUser>): MaybePromise<boolean> {
    return context.session.isSkipped && chain(this.reach.own(context), (routes) => routes.length === 0);
  }

  /** What a code can be sent for now, and by which methods. */
  async options(context: Context<TUser>): Promise<Reach | Refusal> {
    return this.reach.now(context, await this.livePending(context));
  }

  /** The pending verification; `undefined` if there is none, it has run out, or the address is another one now. */
  async status(context: Context<TUser>): Promise<PendingStatus | undefined> {
    const pending = await this.livePending(context);
    const sent = pending?.sent;
    if (!pending || !sent || this.isOver(pending)) return undefined;
    const routes = await this.reach.routes(context, pending);
    const address = addressOf(routes, pending, sent);
    if (!address || !wentTo(sent, address)) return undefined;
    const { purpose, expiresAt } = pending;
    const hasOtherMethods = routes.length > 1;
    const [resendAt, attemptsLeft] = await Promise.all([
      this.sending.resendAt(context, { method: sent.method, address }),
      this.checking.attemptsLeft(context, sent),
    ]);
    return { purpose, method: sent.method, hasOtherMethods, address, expiresAt, resendAt, attemptsLeft };
  }

  /** Whether a code is on its way that can still be typed; as far as the session knows, whatever else is out of reach. */
  hasCode({ session }: Context<TUser>): boolean {
    const { pending } = session;
    return pending?.sent !== undefined && !this.isOver(pending);
  }

  /** Sends a code by the method that the user chose. */
  async start(context: Context<TUser>, method: string | undefined): Promise<SendOutcome> {
    const reach = await this.options(context);
    if ('type' in reach) return reach;
    const route = reach.routes.find((candidate) => candidate.method === method);
    return route ? this.sending.send(context, reach.purpose, route) : refuse('method_unknown');
  }

  /** Sends the pending code again by the same method. */
  async resend(context: Context<TUser>): Promise<SendOutcome> {
    const sent = (await this.livePending(context))?.sent;
    return sent ? this.start(context, sent.method) : refuse('nothing_pending');
  }

  /** See {@link Checking.check}. A change that was begun by a user who is not verified any more is not finished. */
  async check(context: Context<TUser>, typed: string): Promise<CheckOutcome<TUser>> {
    await this.livePending(context);
    const outcome = await this.checking.check(context, typed);
    const isOver = outcome.type === 'alreadyVerified' && !this.isVerified(context.session.mark);
    return isOver ? refuse('nothing_pending') : outcome;
  }

  /** Gives up what is pending. */
  async cancel(context: Context<TUser>): Promise<void> {
    const { pending } = context.session;
    if (!pending) return;
    await this.sending.cancel(context, pending);
    context.session.dropPending();
  }

  /** Takes a first number of a user who has no usable address, and sends a code to it if a method is given. */
  async register(context: Context<TUser>, typed: TypedNumber): Promise<NumberOutcome> {
    if (!(await this.reach.canRegister(context))) return refuse('registration_not_allowed');
    return this.takeNumber(context, 'register', typed);
  }

  /** Takes another number of a user who was verified in the last 5 minutes. */
  async change(context: Context<TUser>, typed: TypedNumber): Promise<NumberOutcome> {
    const refusal = await this.mayChange(context);
    return refusal ?? this.takeNumber(context, 'change', typed);
  }

  /** Why the number cannot be changed now, if it cannot. */
  async mayChange(context: Context<TUser>): Promise<Refusal | undefined> {
    if (!(await this.settings.allowChange(context))) return refuse('change_not_allowed');
    return this.isVerified(context.session.mark, CHANGE_MAX_AGE_SECONDS) ? undefined : refuse('verification_required');
  }

  /** Whether the user has to, or may, give a first number. */
  canRegister(context: Context<TUser>): Promise<boolean> {
    return this.reach.canRegister(context);
  }

  /** Whether this user may leave the first number for later. */
  async canSkip(context: Context<TUser>): Promise<boolean> {
    return (await this.settings.registerOptional(context)) && (await this.reach.canRegister(context));
  }

  /** Leaves the first number for later, for this session. */
  async skip(context: Context<TUser>): Promise<Refusal | undefined> {
    if (!(await this.canSkip(context))) return refuse('skip_not_allowed');
    await this.cancel(context);
    await context.session.skip();
    return undefined;
  }

  /** The methods by which a code can reach a new number. */
  async newNumberMethods(context: Context<TUser>): Promise<readonly Method[]> {
    return (await this.settings.allowedMethods(context)).filter(isPhoneMethod);
  }

  private async takeNumber(
    context: Context<TUser>,
    purpose: 'register' | 'change',
    typed: TypedNumber,
  ): Promise<NumberOutcome> {
    const { country, allowedCountries } = this.settings;
    const read = readPhoneNumber(typed.phoneNumber, typed.country ?? country, allowedCountries);
    if (read.type === 'refused') return read;
    const routes = await this.reach.toNumber(context, read.value);
    const route = routes.find(({ method }) => method === typed.method);
    if (typed.method !== undefined && !route) return refuse('method_unknown');

    const { session } = context;
    const before = session.pending;
    const sent = before?.sent && wentTo(before.sent, read) ? before.sent : undefined;
    if (before?.sent && !sent) await this.sending.cancel(context, before);
    const expiresAt = this.settings.clock() + DRAFT_LIFE_MS;
    session.setPending({ purpose, to: read.value, ...(sent ? { sent } : {}), expiresAt });
    return route ? this.sending.send(context, purpose, route) : { type: 'numberAccepted' };
  }

  /**
   * What is pending, without what has lost its reason: a number being registered by a user who has an address by now,
   * or being changed by one who is not verified any more.
   */
  private async livePending(context: Context<TUser>): Promise<Pending | undefined> {
    const { session } = context;
    const { pending } = session;
    if (pending?.purpose === 'register' && (this.isDraftOver(pending) || !(await this.reach.canRegister(context)))) {
      session.dropPending();
    }
    if (pending?.purpose === 'change' && (this.isDraftOver(pending) || !this.isVerified(session.mark)))
      session.dropPending();
    return session.pending;
  }

  private isDraftOver(pending: Pending): boolean {
    return !pending.sent && this.isOver(pending);
  }

  private isOver(pending: Pending): boolean {
    return this.settings.clock() >= pending.expiresAt;
  }
}
