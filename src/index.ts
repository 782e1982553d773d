/**
 * A second authentication step for Passport: a code by SMS, call or WhatsApp through Twilio Verify.
 *
 * @packageDocumentation
 */
export type { TwilioVerifyErrorCode } from './errors.js';
export { TwilioFaultError, TwilioVerifyError } from './errors.js';
export type {
  AuditRecord,
  BaseEvent,
  EventName,
  Listener,
  PhoneNumberChangedEvent,
  PhoneNumberRegisteredEvent,
  RateLimitedEvent,
  TwilioErrorEvent,
  TwilioVerifyEvents,
  VerificationEvent,
  VerificationRejectedEvent,
} from './events.js';
export type { FailureInfo, GateOptions } from './gate.js';
export type { LimitOptions, Rate } from './limit-numbers.js';
export type { CreateLimiter, Limiter, LimiterOptions, LimiterResult } from './limiter-store.js';
export type { Messages, Strings } from './locales.js';
export type { MaybePromise } from './maybe-promise.js';
export type { Method } from './methods.js';
export type {
  Callback,
  CsrfField,
  MethodDisplay,
  MethodDisplayContext,
  RenderContext,
  ServiceNameContext,
  StorePhoneNumberContext,
  TwilioVerifyStrategyOptions,
  TwilioVerifyStrategyOptionsWithRequest,
  UserContext,
  ValueOrCallback,
} from './options.js';
export type { Purpose, RefusalCode, VerificationInfo } from './outcome.js';
export { REFUSAL_STATUS } from './outcome.js';
export type {
  AvailableMethod,
  CancelResult,
  CheckResult,
  NewNumber,
  NumberResult,
  PendingVerification,
  Refused,
  RequestLike,
  SkipResult,
  StartResult,
  Status,
} from './request-results.js';
export type { SessionMiddleware } from './session-bridge.js';
export { TwilioVerifyStrategy, TwilioVerifyStrategy as Strategy } from './strategy.js';
export type { TextValues } from './texts.js';
export type {
  TwilioClient,
  TwilioLookup,
  TwilioVerification,
  TwilioVerificationParams,
} from './twilio/client.js';
export type { TwilioCall } from './twilio/failure.js';
export type { LineType, RiskCheck } from './twilio/values.js';
export type { VerifyCallback, VerifyCallbackWithRequest, VerifyDone } from './verify-callback.js';
export type {
  BaseModel,
  CountryChoice,
  FailedModel,
  FormError,
  MethodChoice,
  NumberModel,
  StartModel,
  SuccessModel,
  VerifyModel,
  ViewModels,
  ViewName,
} from './web/models.js';
