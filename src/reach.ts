import { type Address, isEmailAddress, readPhoneNumber } from './address.js';
import type { Context } from './context.js';
import { isPhoneMethod, METHODS, type Method } from './methods.js';
import { type Purpose, type Refusal, refuse } from './outcome.js';
import type { Pending } from './session-record.js';
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

  /** The ways to the addresses that the application has of the user. */
  async own(context: Context<TUser>): Promise<readonly Route[]> {
    const [methods, phone, email] = await Promise.all([
      this.methods(context),
      this.phone(context),
      this.settings.email(context),
    ]);
    return methods.flatMap((method): Route[] => {
      if (isPhoneMethod(method)) return phone ? [{ method, address: phone }] : [];
      return email && isEmailAddress(email) ? [{ method, address: { type: 'email', value: email } }] : [];
    });
  }

  /** The user's number as the application has it, if codes can be sent to it. */
  async phone(context: Context<TUser>): Promise<Address | undefined> {
    const given = await this.settings.phoneNumber(context);
    if (!given) return undefined;
    const read = readPhoneNumber(given, this.settings.country);
    return read.type === 'phone' ? read : undefined;
  }

  /** The ways to a number that is being registered or changed. */
  async toNumber(context: Context<TUser>, phoneNumber: string): Promise<readonly Route[]> {
    return (await this.methods(context))
      .filter(isPhoneMethod)
      .map((method) => ({ method, address: { type: 'phone', value: phoneNumber } }));
  }

  /** What a code is to be sent for now: a new number that waits for one, or else a sign-in. */
  async now(context: Context<TUser>, pending: Pending | undefined): Promise<Reach | Refusal> {
    if (pending?.to) return { purpose: pending.purpose, routes: await this.toNumber(context, pending.to) };
    const routes = await this.own(context);
    return routes.length > 0 ? { purpose: 'signIn', routes } : this.whyNone(context);
  }

  /** The address that a code was sent to, as it is now. */
  async addressOf(context: Context<TUser>, { to }: Pending, method: Method): Promise<Address | undefined> {
    if (to) return { type: 'phone', value: to };
    return (await this.own(context)).find((route) => route.method === method)?.address;
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

  private async methods(context: Context<TUser>): Promise<readonly Method[]> {
    const allowed = await this.settings.allowedMethods(context);
    return METHODS.filter((method) => allowed.includes(method));
  }
}
