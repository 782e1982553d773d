import type { EmulatorSettings } from '../options.js';

/** Returns whether an `Authorization` header names the account, or the API key, with its secret. */
export type CredentialCheck = (authorization: string | undefined) => boolean;

/** Makes the check of Basic credentials for these settings. */
export function createCredentialCheck({ accountSid, authToken, apiKey, apiSecret }: EmulatorSettings): CredentialCheck {
  const pairs = [`${accountSid}:${authToken}`, `${apiKey}:${apiSecret}`];
  return (authorization) => {
    const encoded = /^basic ([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '')?.[1];
    return encoded !== undefined && pairs.includes(Buffer.from(encoded, 'base64').toString('utf8'));
  };
}
