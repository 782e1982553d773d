/** The way to get a code, which the user chooses. Twilio calls it a channel, and spells these four the same. */
export type Method = 'sms' | 'call' | 'whatsapp' | 'email';

/** The factor that verified a session. */
export type VerifiedBy = Method | 'recovery' | 'device';

/** The ways a code can reach a user, in the order in which they are offered. */
export const METHODS: readonly Method[] = ['sms', 'call', 'whatsapp', 'email'];

/** The methods that reach a phone number. */
const PHONE_METHODS: readonly Method[] = ['sms', 'call', 'whatsapp'];

/**
 * The methods offered unless `allowedMethods` says otherwise. E-mail is left out: NIST SP 800-63B-4 does not accept it as
 * a second factor, and Twilio needs a mailer in the Verify service for it.
 */
export const DEFAULT_METHODS: readonly Method[] = PHONE_METHODS;

/** Whether a value, from a form or from an option, names a method. */
export function isMethod(value: unknown): value is Method {
  return (METHODS as readonly unknown[]).includes(value);
}

/** Whether a code by this method goes to a phone number. */
export function isPhoneMethod(method: Method): boolean {
  return PHONE_METHODS.includes(method);
}

/**
 * Whether a factor counts for step-up, and for changes of other factors: a recovery code or a remembered device only lets
 * its user sign in.
 */
export function isRealFactor(by: VerifiedBy): boolean {
  return isMethod(by);
}
