import { TwilioVerifyError } from '../common/errors.js';

/** An account, with its auth token or an API key. */
export interface TwilioCredentials {
  readonly accountSid: string;
  readonly username: string;
  readonly password: string;
}

/** Credentials as the options or the environment have them. */
export interface GivenCredentials {
  readonly accountSid: string | undefined;
  readonly authToken: string | undefined;
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
}

/**
 * Picks the credentials from the values that the options returned. An API key wins over the auth token.
 *
 * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_CREDENTIALS` that names what is missing
 */
export function credentialsFrom(given: GivenCredentials): TwilioCredentials {
  const [missing] = missingCredentials(given);
  if (missing) throw missing;
  const { accountSid = '', authToken = '', apiKey, apiSecret = '' } = given;
  return apiKey
    ? { accountSid, username: apiKey, password: apiSecret }
    : { accountSid, username: accountSid, password: authToken };
}

/** Returns an error for each credential that is missing. */
export function missingCredentials(given: GivenCredentials): readonly TwilioVerifyError[] {
  const { accountSid, authToken, apiKey, apiSecret } = given;
  const missing: TwilioVerifyError[] = [];
  if (!accountSid) missing.push(missingCredential('accountSid', 'TWILIO_ACCOUNT_SID'));
  if (apiKey && !apiSecret) missing.push(missingCredential('apiSecret', 'TWILIO_API_SECRET'));
  if (!apiKey && !authToken) missing.push(missingCredential('authToken', 'TWILIO_AUTH_TOKEN'));
  return missing;
}

/** Returns the error for an option without which Twilio cannot be called. */
export function missingCredential(option: string, variable: string): TwilioVerifyError {
  return new TwilioVerifyError(
    'ERR_TWILIO_VERIFY_CREDENTIALS',
    `Twilio cannot be called without ${option}: set ${variable} in the environment, or pass the option "${option}".`,
  );
}
