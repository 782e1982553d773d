import type { RequestClient } from 'twilio';
import { BoundedCache } from '../common/bounded-cache.js';
import type { TwilioCredentials } from './credentials.js';
import type { HttpClient } from './http-client.js';
import type { RiskCheck } from './values.js';

/** The fields that the strategy reads of a verification or a verification check. */
export interface TwilioVerification {
  readonly sid: string;
  readonly to: string;
  readonly status: string;
  readonly dateCreated: Date;
}

/** Parameters of a new verification. */
export interface TwilioVerificationParams {
  to: string;
  channel: string;
  locale?: string;
  customFriendlyName?: string;
  rateLimits?: Readonly<Record<string, string>>;
  deviceIp?: string;
  riskCheck?: RiskCheck;
  /** JSON. */
  tags?: string;
  templateSid?: string;
}

/** The fields that the strategy reads of a look-up. */
export interface TwilioLookup {
  readonly lineTypeIntelligence?: { readonly type?: string | null } | null;
}

/**
 * The part of a `twilio` SDK client that the strategy uses. The SDK's own types don't compile without `skipLibCheck`,
 * and no one should have to set that because of this package.
 */
export interface TwilioClient {
  /** Needed where `allowedLineTypes` is set. */
  readonly lookups?: {
    readonly v2: {
      /** One number, in E.164. */
      phoneNumbers(phoneNumber: string): {
        /** Looks the number up. */
        fetch(params: { fields: string }): Promise<TwilioLookup>;
      };
    };
  };
  readonly verify: {
    readonly v2: {
      /** One Verify service, `VA…`. */
      services(serviceSid: string): {
        /** Fetches its settings, for `checkConfiguration()`. */
        fetch?(): Promise<{ readonly codeLength: number }>;
        /** Its verifications: all, or the one with a `sid`. */
        readonly verifications: {
          (
            sid: string,
          ): {
            /** Cancels the verification. */
            update(params: { status: 'canceled' }): Promise<{ readonly status: string }>;
          };
          /** Sends a code. */
          create(params: TwilioVerificationParams): Promise<TwilioVerification>;
          /**
           * Sends a code, and returns the headers of the answer too. Without it, a code that is sent again has no age.
           */
          createWithHttpInfo?(
            params: TwilioVerificationParams,
          ): Promise<{ readonly body: TwilioVerification; readonly headers?: Readonly<Record<string, unknown>> }>;
        };
        readonly verificationChecks: {
          /** Checks a code. */
          create(params: { code: string; verificationSid?: string; to?: string }): Promise<TwilioVerification>;
        };
      };
    };
  };
}

/** Clients kept, for an application that has an account per tenant. */
const MAX_CLIENTS = 100;

/** Makes clients of the official SDK when they are first needed, and keeps them. They share their connections. */
export class TwilioClients {
  private readonly clients = new BoundedCache<TwilioClient>(MAX_CLIENTS);

  constructor(private readonly httpClient: HttpClient) {}

  /** The client of these credentials. */
  get(credentials: TwilioCredentials): TwilioClient {
    return this.clients.get(JSON.stringify(credentials), () => createClient(credentials, this.httpClient));
  }
}

/** Loads the SDK, which takes about 80 ms and 22 MB: once the pages that call it exist, or with the first call. */
export function loadSdk(): typeof import('twilio') {
  return require('twilio') as typeof import('twilio');
}

function createClient(credentials: TwilioCredentials, httpClient: HttpClient): TwilioClient {
  const sdk = loadSdk();
  return sdk(credentials.username, credentials.password, {
    accountSid: credentials.accountSid,
    // The SDK only calls `request`. Its own class would make an agent for axios, which nothing uses.
    httpClient: httpClient as unknown as RequestClient,
    autoRetry: false,
  });
}
