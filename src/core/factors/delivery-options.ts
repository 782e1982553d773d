import { type Address, readStoredEmail, readStoredPhoneNumber, type StoredAddress } from '../../common/address.js';
import type { AccountContext, Setting, UserContext } from '../../common/callback.js';
import { isPhoneMethod, type Method } from '../../common/methods.js';
import { type Purpose, type Refusal, refuse } from '../../common/outcome.js';
import type { Pending } from '../../session/session-record.js';
import type { Context, Subject } from '../step/context.js';
import type { StoredFactors } from './stored-factors.js';
import type { UnusableAddresses } from './unusable-addresses.js';

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

/** The addresses that the app has stored for a user. */
export interface StoredAddresses {
  readonly phone: StoredAddress;
  readonly email: StoredAddress;
}

/** Settings that decide where codes can go. */
export interface DeliverySettings<TUser> {
  readonly allowedMethods: Setting<UserContext<TUser>, readonly Method[]>;
  readonly phoneNumber: Setting<AccountContext<TUser>, string | undefined>;
  readonly email: Setting<AccountContext<TUser>, string | undefined>;
  readonly allowRegister: Setting<UserContext<TUser>, boolean>;
  /** ISO 3166-1 alpha-2, for numbers without `+`. */
  readonly country: string;
}

/** Finds where a code can go. Addresses come from the app or from a pending registration, never from a request. */
export class DeliveryOptionsFinder<TUser> {
  constructor(
    private readonly settings: DeliverySettings<TUser>,
    private readonly unusable: UnusableAddresses<TUser>,
    private readonly factors: StoredFactors<TUser>,
  ) {}

  /** The options for the pending new number if there is one, otherwise for the stored addresses. */
  for(context: Context<TUser>, pending: Pending | undefined): Promise<readonly DeliveryOption[]> {
    return pending?.to === undefined ? this.stored(context) : this.toNewNumber(context, pending.to);
  }

  /** The options for the addresses that the app has stored. */
  async stored(context: Context<TUser>): Promise<readonly DeliveryOption[]> {
    const [methods, addresses] = await Promise.all([this.methods(context), this.addresses(context)]);
    return optionsFor(methods, addresses);
  }

  /** The stored phone number: E.164 if codes can go there, otherwise as the app stores it; `undefined` for none. */
  async storedPhoneNumber(context: Context<TUser>): Promise<string | undefined> {
    const { phone } = await this.addresses(context);
    if (phone.type === 'none') return undefined;
    return phone.type === 'unusable' ? phone.stored : phone.value;
  }

  /** Whether the user has no factor at all: no stored address, readable or not, and no unused recovery code. */
  async hasNoFactor(context: Context<TUser>): Promise<boolean> {
    return isEmpty(await this.addresses(context)) && !(await this.factors.hasAny(context));
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

  /** The purpose and the options of the next code: for the pending number if there is one, otherwise for a sign-in. */
  async next(context: Context<TUser>, pending: Pending | undefined): Promise<DeliveryOptions | Refusal> {
    if (pending?.to !== undefined) {
      return { type: 'options', purpose: pending.purpose, options: await this.toNewNumber(context, pending.to) };
    }
    const [methods, addresses] = await Promise.all([this.methods(context), this.addresses(context)]);
    const options = optionsFor(methods, addresses);
    if (options.length > 0) return { type: 'options', purpose: 'signIn', options };
    if (!isEmpty(addresses)) return unreachable(addresses);
    return refuse((await this.settings.allowRegister(context)) ? 'no_method' : 'registration_not_allowed');
  }

  /**
   * Why the user can't register a number; `undefined` if the user can. Only a user without any factor can. An address
   * that can't be read, or that no allowed method reaches, still has an owner whose number must not be overwritten.
   */
  async registrationRefusal(context: Context<TUser>): Promise<Refusal | undefined> {
    const [isAllowed, addresses, methods] = await Promise.all([
      this.settings.allowRegister(context),
      this.addresses(context),
      this.methods(context),
    ]);
    const canSignIn = optionsFor(methods, addresses).length > 0;
    if (!isEmpty(addresses) && !canSignIn) return unreachable(addresses);
    const canRegister = isAllowed && !canSignIn && methods.some(isPhoneMethod);
    // Only a user who could register otherwise costs a call to the store.
    if (canRegister && !(await this.factors.hasAny(context))) return undefined;
    return refuse('registration_not_allowed');
  }

  /** The addresses that the app has stored. */
  async addresses(context: Subject<TUser>): Promise<StoredAddresses> {
    const { settings } = this;
    const [phoneNumber, emailAddress] = await Promise.all([settings.phoneNumber(context), settings.email(context)]);
    const phone = readStoredPhoneNumber(phoneNumber, settings.country);
    const email = readStoredEmail(emailAddress);
    if (phone.type === 'unusable') this.unusable.report(context, 'phone');
    if (email.type === 'unusable') this.unusable.report(context, 'email');
    return { phone, email };
  }

  /** The allowed methods, in the order of the app. Asks it once per context. */
  private methods(context: Context<TUser>): Promise<readonly Method[]> {
    return context.readings.once(this, async () => {
      const allowed = await this.settings.allowedMethods(context);
      return allowed.filter((method, index) => allowed.indexOf(method) === index);
    });
  }
}

/** The options for the addresses that are usable. */
function optionsFor(methods: readonly Method[], { phone, email }: StoredAddresses): readonly DeliveryOption[] {
  const options: DeliveryOption[] = [];
  for (const method of methods) {
    const address = isPhoneMethod(method) ? phone : email;
    if (address.type === 'phone' || address.type === 'email') options.push({ method, address });
  }
  return options;
}

function isEmpty({ phone, email }: StoredAddresses): boolean {
  return phone.type === 'none' && email.type === 'none';
}

/** The refusal for a user whose addresses get no code. */
function unreachable({ phone, email }: StoredAddresses): Refusal {
  return refuse(phone.type === 'unusable' || email.type === 'unusable' ? 'address_unusable' : 'no_method');
}
