/**
 * Two-factor authentication for Passport: a code by SMS, phone call, or WhatsApp through Twilio Verify.
 *
 * @packageDocumentation
 */

export type { ShownAddress } from './common/address.js';
export type {
  AccountContext,
  Callback,
  MaybePromise,
  PurposeContext,
  UserContext,
  ValueOrCallback,
} from './common/callback.js';
export type { Country } from './common/countries.js';
export type { TwilioVerifyErrorCode } from './common/errors.js';
export { TwilioApiError, TwilioVerifyError } from './common/errors.js';
export type { Method, VerifiedBy } from './common/methods.js';
export type {
  CodesConfirmed,
  CodesCreated,
  CodeVerificationInfo,
  Purpose,
  RefusalCode,
  VerificationInfo,
} from './common/outcome.js';
export { REFUSAL_STATUS } from './common/outcome.js';
export type { AccountOverview, LockedUntil } from './core/account/accounts.js';
export type { OwnDevice } from './core/account/security-settings.js';
export type { StorePhoneNumberContext } from './core/codes/phone-number-storage.js';
export type { ServiceNameContext } from './core/codes/send-request.js';
export type { ConfigurationProblem, ConfigurationReport } from './core/configuration-check.js';
export type { RememberedDevice } from './core/devices/device-description.js';
export type {
  AdminEvent,
  BaseEvent,
  DeviceForgottenEvent,
  DeviceRememberedEvent,
  NoticeKind,
  RecoveryCodesCreatedEvent,
  RecoveryCodeUsedEvent,
  SecurityNoticeEvent,
} from './core/events/account-events.js';
export type { DeviceLabel } from './core/events/device-label.js';
export type {
  AddressUnusableEvent,
  AuditRecord,
  EventName,
  Listener,
  PhoneNumberChangedEvent,
  PhoneNumberRegisteredEvent,
  RateLimitedEvent,
  TwilioErrorEvent,
  TwilioVerifyEvents,
  VerificationApprovedEvent,
  VerificationEvent,
  VerificationRejectedEvent,
} from './core/events/events.js';
export type { VerifyCallback, VerifyCallbackWithRequest, VerifyDone } from './core/verification/verify-callback.js';
export type { FailureInfo } from './gate/decision.js';
export type { GateOptions } from './gate/gate-options.js';
export type { RequiredOptions } from './gate/required.js';
export type { Administration, AdminOptions } from './headless/administration.js';
export type {
  AvailableMethod,
  CancelResult,
  CheckOptions,
  CheckResult,
  ConfirmCodesResult,
  CreateCodesResult,
  EndOtherSessionsResult,
  FactorsResult,
  ForgetResult,
  NewNumber,
  NewNumberChoices,
  NumberResult,
  OwnFactors,
  PendingVerification,
  PreferenceResult,
  RecoveryResult,
  Refused,
  RequestLike,
  SendResult,
  SkipResult,
  StartResult,
  Status,
  VerificationOptions,
  VerificationStatus,
} from './headless/results.js';
export type { LimitOptions, Rate } from './limits/limit-numbers.js';
export type { CreateLimiter, Limiter, LimiterOptions, LimiterResult } from './limits/limiter-store.js';
export type { TwilioVerifyStrategyOptions, TwilioVerifyStrategyOptionsWithRequest } from './options/options.js';
export type { RecoveryCodeOptions, RememberDeviceOptions } from './options/store-options.js';
export type {
  BaseModel,
  Brand,
  CountryChoice,
  CsrfField,
  DeviceChoice,
  FailedModel,
  FormError,
  MethodChoice,
  NumberModel,
  RecoveryCodesModel,
  RecoveryModel,
  SecurityModel,
  StartModel,
  SuccessModel,
  VerifyModel,
  ViewModels,
  ViewName,
} from './pages/models.js';
export type { MethodDisplay, MethodDisplayContext, RenderContext } from './pages/page-settings.js';
export type { SessionMiddleware } from './request/session-middleware.js';
export type { FactorStore, StoredFactors } from './store/factor-store.js';
export { MemoryFactorStore } from './store/memory-factor-store.js';
export { testFactorStore } from './store/test-factor-store.js';
export { TwilioVerifyStrategy, TwilioVerifyStrategy as Strategy } from './strategy.js';
export type { Messages, Strings } from './texts/locales.js';
export type { LocalizedValue, TextValues } from './texts/translation.js';
export type {
  TwilioClient,
  TwilioLookup,
  TwilioVerification,
  TwilioVerificationParams,
} from './twilio/client.js';
export type { TwilioCall } from './twilio/failure.js';
export type { LineType, RiskCheck } from './twilio/values.js';
