import type { AccountContext, UserContext } from '../../common/callback.js';
import type { SessionState } from '../../session/session-state.js';
import type { Readings } from './readings.js';

/** The user that something happens to. Events and notices are about one. */
export interface Subject<TUser> extends AccountContext<TUser> {
  readonly userId: string;
  readonly ip: string | undefined;
  /** Results that were read for this subject, once per request. */
  readonly readings: Readings;
  /** Language of pages and messages, BCP 47. */
  locale(): Promise<string>;
}

/** Cookie of the device that the user chose to remember. */
export interface DeviceCookie {
  readonly userAgent: string;
  /** Whether a cookie can be added to the response. */
  readonly canSet: boolean;
  /** Whether the cookie can't be read on its way. Warns if it could. */
  readonly isSafe: boolean;
  /** The value that the browser sent; `undefined` if it sent none for this user. */
  read(): string | undefined;
  set(value: string, maxAgeSeconds: number): void;
  clear(): void;
}

/** The user who acts. Each entrance creates it from its request, and the core itself reads no request. */
export interface Context<TUser> extends Subject<TUser>, UserContext<TUser> {
  readonly req: UserContext<TUser>['req'];
  readonly session: SessionState;
  readonly device: DeviceCookie;
}
