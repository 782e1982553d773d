import type { TwilioOperation } from './api/twilio-operations.js';
import type { EmulatorMessage } from './inbox/inbox.js';
import type { EmulatorChannel } from './rules/channels.js';

/** Options of {@link startVerifyEmulator}. Every one has a default. */
export interface VerifyEmulatorOptions {
  /** Port to listen on; 0 takes any free one. @default 0 */
  readonly port?: number;
  /** Address or host name to listen on. Anything but loopback lets other machines read the codes. @default '127.0.0.1' */
  readonly host?: string;
  /** The account that calls are made with. @default `AC` and sixteen times `e0` */
  readonly accountSid?: string;
  /** The password of the account. @default 'emulator-auth-token' */
  readonly authToken?: string;
  /**
   * The API key that calls can use instead of the account SID, together with `apiSecret`.
   *
   * @default `SK` and sixteen times `e0`
   */
  readonly apiKey?: string;
  /** The secret of `apiKey`. @default 'emulator-api-secret' */
  readonly apiSecret?: string;
  /** The Verify service that is there from the start. @default `VA` and sixteen times `e0` */
  readonly serviceSid?: string;
  /** Friendly name of that service: what its messages call the sender, 30 characters at most. @default 'Emulator' */
  readonly serviceName?: string;
  /** Digits of its codes, 4 to 10. @default 6 */
  readonly codeLength?: number;
  /** Whether that service lets the caller choose the code. @default false */
  readonly customCodeEnabled?: boolean;
  /** Channels that are switched on; another one answers 60223. @default all four */
  readonly channels?: readonly EmulatorChannel[];
  /** Life of a verification, in seconds, counted from its first send. @default 600 */
  readonly ttlSeconds?: number;
  /** Sends of one verification; the next one answers 60203. @default 5 */
  readonly maxSends?: number;
  /** Wrong checks of one verification; the next check answers 60202. @default 5 */
  readonly maxChecks?: number;
  /** Verifications kept at once; beyond it the oldest is dropped as if it had expired. @default 100000 */
  readonly maxVerifications?: number;
  /** The time that the emulator's clock starts from, in milliseconds. @default Date.now */
  readonly now?: () => number;
  /** Called with each message. Errors are ignored. @default none */
  readonly onMessage?: (message: EmulatorMessage) => void;
  /**
   * Called with each operation of Twilio's that was called and is not emulated: it answers 501. Errors are ignored.
   * @default a process warning, once per operation
   */
  readonly onNotEmulated?: (operation: TwilioOperation) => void;
  /**
   * Whether a verification is kept or deleted after its last wrong check. A kept one has the status
   * `max_attempts_reached`, and the next create repeats it. After a deleted one, the next create starts a new one.
   * Twilio's documents describe both.
   * @default 'kept'
   */
  readonly afterMaxChecks?: 'kept' | 'deleted';
  /**
   * A check where nothing is pending: 404 with 20404, or 200 with `status: 'pending', valid: false`.
   *
   * @default 'notFound'
   */
  readonly checkWithoutPending?: 'notFound' | 'pending';
  /** A custom code where the service does not allow it: 403 with 60204, 400 with 60200, or taken. @default 'forbidden' */
  readonly customCodeNotEnabled?: 'forbidden' | 'invalid' | 'accepted';
  /** A locale that Verify has no text for: 400 with 60200, or 404 with 60229. @default 'invalid' */
  readonly unknownLocale?: 'invalid' | 'notFound';
  /** HTTP status of a check that was made: Twilio's description names both. @default 200 */
  readonly checkStatus?: 200 | 201;
}

/** The options with every default filled in. Other code has no defaults. */
export type EmulatorSettings = Required<Omit<VerifyEmulatorOptions, 'onMessage' | 'onNotEmulated'>> &
  Pick<VerifyEmulatorOptions, 'onMessage' | 'onNotEmulated'>;

/** The defaults. Their identifiers do not look like those of a real account. */
export const DEFAULTS = {
  port: 0,
  host: '127.0.0.1',
  accountSid: `AC${'e0'.repeat(16)}`,
  authToken: 'emulator-auth-token',
  apiKey: `SK${'e0'.repeat(16)}`,
  apiSecret: 'emulator-api-secret',
  serviceSid: `VA${'e0'.repeat(16)}`,
  serviceName: 'Emulator',
  codeLength: 6,
  customCodeEnabled: false,
  channels: ['sms', 'call', 'whatsapp', 'email'],
  ttlSeconds: 600,
  maxSends: 5,
  maxChecks: 5,
  maxVerifications: 100_000,
  now: Date.now,
  afterMaxChecks: 'kept',
  checkWithoutPending: 'notFound',
  customCodeNotEnabled: 'forbidden',
  unknownLocale: 'invalid',
  checkStatus: 200,
} as const satisfies VerifyEmulatorOptions;
