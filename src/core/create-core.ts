import type { Limits } from '../limits/limits.js';
import { TwilioClients } from '../twilio/client.js';
import { HttpClient } from '../twilio/http-client.js';
import { ServiceCheck, type ServiceCheckSettings } from '../twilio/service-check.js';
import { VerifyApi } from '../twilio/verify-api.js';
import { Accounts } from './account/accounts.js';
import { OtherSessions, type OtherSessionsSettings } from './account/other-sessions.js';
import { Registration, type RegistrationSettings } from './account/registration.js';
import { type SecurityPageSettings, SecuritySettings } from './account/security-settings.js';
import { CodeChecker } from './codes/code-checker.js';
import { CodeReader, type CodeReaderSettings } from './codes/code-reader.js';
import { CodeSender, type SendSettings } from './codes/code-sender.js';
import { type LineTypeSettings, LineTypes } from './codes/line-types.js';
import { PhoneNumberStorage, type StorageSettings } from './codes/phone-number-storage.js';
import { TwilioVerdicts } from './codes/twilio-verdict.js';
import { UsedCodes } from './codes/used-codes.js';
import { ConfigurationCheck } from './configuration-check.js';
import { DeviceSignIn } from './devices/device-sign-in.js';
import { type DeviceSettings, RememberedDevices } from './devices/remembered-devices.js';
import { EventReporter } from './events/event-reporter.js';
import type { Events } from './events/events.js';
import { type NoticeSettings, SecurityNotices } from './events/security-notices.js';
import { DeliveryOptionsFinder, type DeliverySettings } from './factors/delivery-options.js';
import { type FactorSettings, StoredFactors } from './factors/stored-factors.js';
import { UnusableAddresses } from './factors/unusable-addresses.js';
import { RecoveryCodes } from './recovery/recovery-codes.js';
import { type RecoverySettings, RecoverySignIn } from './recovery/recovery-sign-in.js';
import { RecentLogin, type RecentLoginSettings } from './step/recent-login.js';
import { TwoFactor } from './two-factor.js';
import { Access, type AccessSettings } from './verification/access.js';
import { Guesses } from './verification/guesses.js';
import { type PendingSettings, PendingVerifications } from './verification/pending-verification.js';
import { SessionVerifier, type VerifierSettings } from './verification/session-verifier.js';
import {
  type VerifyCallback,
  type VerifyCallbackWithRequest,
  VerifyCaller,
  type VerifySettings,
} from './verification/verify-callback.js';

/** Settings that the core needs. */
export type CoreSettings<TUser> = AccessSettings<TUser> &
  CodeReaderSettings<TUser> &
  DeliverySettings<TUser> &
  DeviceSettings &
  FactorSettings &
  LineTypeSettings &
  NoticeSettings &
  OtherSessionsSettings<TUser> &
  PendingSettings<TUser> &
  RecentLoginSettings<TUser> &
  RecoverySettings &
  RegistrationSettings<TUser> &
  SecurityPageSettings &
  SendSettings<TUser> &
  StorageSettings<TUser> &
  ServiceCheckSettings<TUser> &
  VerifierSettings<TUser> &
  VerifySettings<TUser>;

/** The core: its steps, and what administrators do. */
export interface Core<TUser> {
  readonly twoFactor: TwoFactor<TUser>;
  readonly accounts: Accounts<TUser>;
}

/** Connects the parts of the core. */
export function createCore<TUser>(
  settings: CoreSettings<TUser>,
  events: Events<TUser>,
  limits: Limits,
  verify: VerifyCallback<TUser> | VerifyCallbackWithRequest<TUser> | undefined,
): Core<TUser> {
  const { clock } = settings;
  const reporter = new EventReporter(events, new SecurityNotices(settings, events, clock), clock);
  const httpClient = new HttpClient(settings);
  const clients = new TwilioClients(httpClient);
  const api = new VerifyApi(settings, clients);
  const factors = new StoredFactors<TUser>(settings);
  const guesses = new Guesses(limits, reporter, clock);
  const delivery = new DeliveryOptionsFinder(settings, new UnusableAddresses(reporter, clock), factors);
  const pendings = new PendingVerifications(settings, delivery);
  const sender = new CodeSender(settings, api, limits, reporter, new LineTypes(settings, api, reporter));
  const devices = new RememberedDevices(settings, factors, delivery, reporter);
  const access = new Access(settings, delivery);
  const logins = new RecentLogin(settings);
  const verifier = new SessionVerifier(settings, reporter, new VerifyCaller(settings, verify), factors);
  const storage = new PhoneNumberStorage(settings, limits, delivery, pendings, devices, verifier);
  const codes = new CodeReader(settings);
  const usedCodes = new UsedCodes<TUser>(limits, codes);
  const checker = new CodeChecker({
    twilio: new TwilioVerdicts(api, reporter),
    limits,
    guesses,
    reporter,
    delivery,
    pendings,
    sender,
    codes,
    storage,
    verifier,
    usedCodes,
    devices,
  });
  const recovery = new RecoverySignIn(settings, access, factors, guesses, limits, reporter, verifier);
  return {
    twoFactor: new TwoFactor({
      access,
      registration: new Registration(settings, delivery, sender, logins),
      recoveryCodes: new RecoveryCodes(settings, factors, guesses, reporter),
      otherSessions: new OtherSessions(settings, logins),
      configuration: new ConfigurationCheck(new ServiceCheck(settings, clients, httpClient), limits),
      delivery,
      pendings,
      sender,
      codes,
      checker,
      usedCodes,
      recovery,
      deviceSignIn: new DeviceSignIn(access, devices, verifier, limits),
      devices,
      security: new SecuritySettings(settings, delivery, factors, devices, logins),
    }),
    accounts: new Accounts(delivery, factors, devices, limits, reporter),
  };
}
