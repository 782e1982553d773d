import { type Address, isEmailAddress, readPhoneNumber } from './address.js';
import type { Context } from './context.js';
import { all, chain, type MaybePromise } from './maybe-promise.js';
import { isPhoneMethod, METHODS, type Method } from './methods.js';
import { type Purpose, type Refusal, refuse } from './outcome.js';
import type { Pending, SentCode } from './session-record.js';
import type { Settings } from './settings.js';

/** One way to send a code to a user. */
export interface Route {
  readonly method: Method;
  readonly address: Address;
}

/** What for, and by which ways, a code can be sent now. */
export interface Reach {
  readonly purpose: Purpose;
  readonly routes: readonly Route[];
}

/** Finds out where a user can be reached. Addresses come from the application or from a registration, never from a request. */
export class ReachFinder<TUser> {
  constructor(private readonly settings: Settings<TUser>) {}

  /** The ways to a new number that waits for a code, or else to the addresses that the application has of the user. */
  async routes(context: Context<TUser>, pending: Pending | undefined): Promise<readonly Route[]> {
    return pending?.to === undefined ? this.own(context) : this.toNumber(context, pending.to);
  }

  /** The ways to the addresses that the application has of the user. */
  async own(context: Context<TUser>): Promise<readonly Route[]> {
    const [methods, phone, email] = await all([this.methods(context), this.phone(context), this.email(context)]);
    const routes: Route[] = [];
    for (const method of methods) {
      const address = isPhoneMethod(method) ? phone : email;
      if (address) routes.push({ method, address });
    }
    return routes;
  }

  /** The user's number as the application has it, if codes can be sent to it. */
  phone(context: Context<TUser>): MaybePromise<Address | undefined> {
    return chain(this.settings.phoneNumber(context), (given) => {
      const read = given ? readPhoneNumber(given, this.settings.country) : undefined;
      return read?.type === 'phone' ? read : undefined;
    });
  }

  private email(context: Context<TUser>): MaybePromise<Address | undefined> {
    return chain(this.settings.email(context), (given) =>
      given && isEmailAddress(given) ? { type: 'email', value: given } : undefined,
    );
  }

  /** The ways to a number that is being registered or changed. */
  async toNumber(context: Context<TUser>, phoneNumber: string): Promise<readonly Route[]> {
    const address: Address = { type: 'phone', value: phoneNumber };
    return (await this.methods(context)).filter(isPhoneMethod).map((method) => ({ method, address }));
  }

  /** What a code is to be sent for now: a new number that waits for one, or else a sign-in. */
  async now(context: Context<TUser>, pending: Pending | undefined): Promise<Reach | Refusal> {
    const routes = await this.routes(context, pending);
    if (pending?.to !== undefined) return { purpose: pending.purpose, routes };
    return routes.length > 0 ? { purpose: 'signIn', routes } : this.whyNone(context);
  }

  /** Whether the user may register a number: only who has no usable address at all. */
  async canRegister(context: Context<TUser>): Promise<boolean> {
    const [isAllowed, own, methods] = await Promise.all([
      this.settings.allowRegister(context),
      this.own(context),
      this.methods(context),
    ]);
    return isAllowed && own.length === 0 && methods.some(isPhoneMethod);
  }

  private async whyNone(context: Context<TUser>): Promise<Refusal> {
    const isAllowed = await this.settings.allowRegister(context);
    return refuse(isAllowed ? 'no_method' : 'registration_not_allowed');
  }

  private methods(context: Context<TUser>): MaybePromise<readonly Method[]> {
    return chain(this.settings.allowedMethods(context), (allowed) =>
      METHODS.filter((method) => allowed.includes(method)),
    );
  }
}

/** The address that a code was sent to, as it is now. */
export function addressOf(routes: readonly Route[], { to }: Pending, { method }: SentCode): Address | undefined {
  if (to !== undefined) return { type: 'phone', value: to };
  return routes.find((route) => route.method === method)?.address;
}
