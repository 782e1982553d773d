import type { Limits } from '../limits/limits.js';
import { TwilioClients } from '../twilio/client.js';
import { HttpClient } from '../twilio/http-client.js';
import { ServiceCheck, type ServiceCheckSettings } from '../twilio/service-check.js';
import { VerifyApi } from '../twilio/verify-api.js';
import { Access, type AccessSettings } from './access.js';
import { Accounts } from './accounts.js';
import { CodeChecker } from './code-checker.js';
import { CodeReader, type CodeReaderSettings } from './code-reader.js';
import { CodeSender, type SendSettings } from './code-sender.js';
import { ConfigurationCheck } from './configuration-check.js';
import { DeliveryOptionsFinder, type DeliverySettings } from './delivery-options.js';
import { DeviceSignIn } from './device-sign-in.js';
import { EventReporter } from './event-reporter.js';
import type { Events } from './events.js';
import { Guesses } from './guesses.js';
import { type LineTypeSettings, LineTypes } from './line-types.js';
import { OtherSessions, type OtherSessionsSettings } from './other-sessions.js';
import { type PendingSettings, PendingVerifications } from './pending-verification.js';
import { PhoneNumberStorage, type StorageSettings } from './phone-number-storage.js';
import { RecentLogin, type RecentLoginSettings } from './recent-login.js';
import { RecoveryCodes } from './recovery-codes.js';
import { type RecoverySettings, RecoverySignIn } from './recovery-sign-in.js';
import { Registration, type RegistrationSettings } from './registration.js';
import { type DeviceSettings, RememberedDevices } from './remembered-devices.js';
import { type NoticeSettings, SecurityNotices } from './security-notices.js';
import { type SecurityPageSettings, SecuritySettings } from './security-settings.js';
import { SessionVerifier, type VerifierSettings } from './session-verifier.js';
import { type FactorSettings, StoredFactors } from './stored-factors.js';
import { TwilioVerdicts } from './twilio-verdict.js';
import { TwoFactor } from './two-factor.js';
import { UnusableAddresses } from './unusable-addresses.js';
import { UsedCodes } from './used-codes.js';
import {
  type VerifyCallback,
  type VerifyCallbackWithRequest,
  VerifyCaller,
  type VerifySettings,
} from './verify-callback.js';

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
  const storage = new PhoneNumberStorage(settings, limits, delivery, pendings, devices);
  const access = new Access(settings, delivery);
  const logins = new RecentLogin(settings);
  const verifier = new SessionVerifier(settings, reporter, new VerifyCaller(settings, verify), factors);
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
  const recovery = new RecoverySignIn(settings, factors, guesses, limits, reporter, verifier);
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
