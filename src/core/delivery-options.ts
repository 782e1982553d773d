import { type Address, isEmailAddress, readPhoneNumber } from '../common/address.js';
import type { Setting, UserContext } from '../common/callback.js';
import { isPhoneMethod, METHODS, type Method } from '../common/methods.js';
import { type Purpose, type Refusal, refuse } from '../common/outcome.js';
import type { Pending } from '../session/session-record.js';
import type { Context } from './context.js';

/** A method, and the address that it sends a code to. */
export interface DeliveryOption {
  readonly method: Method;
  readonly address: Address;
}

/** The purpose of the next code, and the ways to send it. */
export interface DeliveryOptions {
  readonly type: 'options';
  readonly purpose: Purpose;
  readonly options: readonly DeliveryOption[];
}

/** Settings that decide where codes can go. */
export interface DeliverySettings<TUser> {
  readonly allowedMethods: Setting<UserContext<TUser>, readonly Method[]>;
  readonly phoneNumber: Setting<UserContext<TUser>, string | undefined>;
  readonly email: Setting<UserContext<TUser>, string | undefined>;
  readonly allowRegister: Setting<UserContext<TUser>, boolean>;
  /** ISO 3166-1 alpha-2, for numbers without `+`. */
  readonly country: string;
}

/** Finds where a code can go. Addresses come from the app or from a pending registration, never from a request. */
export class DeliveryOptionsFinder<TUser> {
  private readonly methodsOf = new WeakMap<Context<TUser>, Promise<readonly Method[]>>();

  constructor(private readonly settings: DeliverySettings<TUser>) {}

  /** The options for the new number that is pending, or else for the stored addresses. */
  async for(context: Context<TUser>, pending: Pending | undefined): Promise<readonly DeliveryOption[]> {
    return pending?.to === undefined ? this.stored(context) : this.toNewNumber(context, pending.to);
  }

  /** The options for the addresses that the app has stored. */
  async stored(context: Context<TUser>): Promise<readonly DeliveryOption[]> {
    const [methods, phone, email] = await Promise.all([
      this.methods(context),
      this.phone(context),
      this.email(context),
    ]);
    const options: DeliveryOption[] = [];
    for (const method of methods) {
      const address = isPhoneMethod(method) ? phone : email;
      if (address) options.push({ method, address });
    }
    return options;
  }

  /** The stored phone number, if codes can go there. */
  async phone(context: Context<TUser>): Promise<Address | undefined> {
    const stored = await this.settings.phoneNumber(context);
    const read = stored ? readPhoneNumber(stored, this.settings.country) : undefined;
    return read?.type === 'phone' ? read : undefined;
  }

  /** The options for a number that is being registered or changed. */
  async toNewNumber(context: Context<TUser>, phoneNumber: string): Promise<readonly DeliveryOption[]> {
    const address: Address = { type: 'phone', value: phoneNumber };
    return (await this.phoneMethods(context)).map((method) => ({ method, address }));
  }

  /** The allowed methods that reach a phone number. */
  async phoneMethods(context: Context<TUser>): Promise<readonly Method[]> {
    return (await this.methods(context)).filter(isPhoneMethod);
  }

  /** The purpose and the options of the next code: for the pending number, or else for a sign-in. */
  async next(context: Context<TUser>, pending: Pending | undefined): Promise<DeliveryOptions | Refusal> {
    const options = await this.for(context, pending);
    if (pending?.to !== undefined) return { type: 'options', purpose: pending.purpose, options };
    if (options.length > 0) return { type: 'options', purpose: 'signIn', options };
    return refuse((await this.settings.allowRegister(context)) ? 'no_method' : 'registration_not_allowed');
  }

  /** Whether the user can register a number: only a user without a usable address. */
  async canRegister(context: Context<TUser>): Promise<boolean> {
    const [isAllowed, stored, methods] = await Promise.all([
      this.settings.allowRegister(context),
      this.stored(context),
      this.phoneMethods(context),
    ]);
    return isAllowed && stored.length === 0 && methods.length > 0;
  }

  private async email(context: Context<TUser>): Promise<Address | undefined> {
    const stored = await this.settings.email(context);
    return stored && isEmailAddress(stored) ? { type: 'email', value: stored } : undefined;
  }

  /** The allowed methods, in our order. Asks the app once per context. */
  private methods(context: Context<TUser>): Promise<readonly Method[]> {
    const known = this.methodsOf.get(context);
    if (known) return known;
    const found = (async () => {
      const allowed = await this.settings.allowedMethods(context);
      return METHODS.filter((method) => allowed.includes(method));
    })();
    this.methodsOf.set(context, found);
    return found;
  }
}
