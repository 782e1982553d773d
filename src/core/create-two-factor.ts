import type { Limits } from '../limits/limits.js';
import { TwilioClients } from '../twilio/client.js';
import { HttpClient } from '../twilio/http-client.js';
import { ServiceCheck, type ServiceCheckSettings } from '../twilio/service-check.js';
import { VerifyApi } from '../twilio/verify-api.js';
import { type CheckSettings, CodeChecker } from './code-checker.js';
import { CodeReader, type CodeReaderSettings } from './code-reader.js';
import { CodeSender, type SendSettings } from './code-sender.js';
import { ConfigurationCheck } from './configuration-check.js';
import { DeliveryOptionsFinder, type DeliverySettings } from './delivery-options.js';
import { EventReporter } from './event-reporter.js';
import type { Events } from './events.js';
import { type LineTypeSettings, LineTypes } from './line-types.js';
import { OtherSessions, type OtherSessionsSettings } from './other-sessions.js';
import { type PendingSettings, PendingVerifications } from './pending-verification.js';
import { PhoneNumberStorage, type StorageSettings } from './phone-number-storage.js';
import { Registration, type RegistrationSettings } from './registration.js';
import { SessionVerifier, type VerifierSettings } from './session-verifier.js';
import { TwilioVerdicts } from './twilio-verdict.js';
import { type AccessSettings, TwoFactor } from './two-factor.js';
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
  CheckSettings &
  CodeReaderSettings<TUser> &
  DeliverySettings<TUser> &
  LineTypeSettings &
  OtherSessionsSettings<TUser> &
  PendingSettings<TUser> &
  RegistrationSettings<TUser> &
  SendSettings<TUser> &
  StorageSettings<TUser> &
  ServiceCheckSettings<TUser> &
  VerifierSettings<TUser> &
  VerifySettings<TUser>;

/** Connects the parts of the core. */
export function createTwoFactor<TUser>(
  settings: CoreSettings<TUser>,
  events: Events<TUser>,
  limits: Limits,
  verify: VerifyCallback<TUser> | VerifyCallbackWithRequest<TUser> | undefined,
): TwoFactor<TUser> {
  const reporter = new EventReporter(events, settings.clock);
  const httpClient = new HttpClient(settings);
  const clients = new TwilioClients(httpClient);
  const api = new VerifyApi(settings, clients);
  const delivery = new DeliveryOptionsFinder(settings, new UnusableAddresses(reporter, settings.clock));
  const pendings = new PendingVerifications(settings, delivery);
  const lineTypes = new LineTypes(settings, api, reporter);
  const sender = new CodeSender(settings, api, limits, reporter, lineTypes);
  const storage = new PhoneNumberStorage(settings, limits, delivery, pendings);
  const verifier = new SessionVerifier(settings, reporter, new VerifyCaller(settings, verify));
  const codes = new CodeReader(settings);
  const usedCodes = new UsedCodes<TUser>(limits, codes);
  const checker = new CodeChecker(
    settings,
    new TwilioVerdicts(api, reporter),
    limits,
    reporter,
    delivery,
    pendings,
    sender,
    codes,
    storage,
    verifier,
    usedCodes,
  );
  const registration = new Registration(settings, delivery, sender);
  const configuration = new ConfigurationCheck(new ServiceCheck(settings, clients, httpClient), limits);
  const otherSessions = new OtherSessions(settings);
  return new TwoFactor(
    settings,
    delivery,
    pendings,
    sender,
    codes,
    checker,
    registration,
    usedCodes,
    configuration,
    otherSessions,
  );
}
