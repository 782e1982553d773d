export type { TwilioVerifyErrorCode } from './errors.js';
export { TwilioFaultError, TwilioVerifyError } from './errors.js';
export type {
  AuditRecord,
  BaseEvent,
  EventName,
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
export type { Method } from './methods.js';
export type {
  Callback,
  CsrfField,
  MethodDisplay,
  MethodDisplayContext,
  ServiceNameContext,
  StorePhoneNumberContext,
  TwilioVerifyStrategyOptions,
  TwilioVerifyStrategyOptionsWithRequest,
  UserContext,
  ValueOrCallback,
} from './options.js';
export type { Purpose, RefusalCode, VerificationInfo } from './outcome.js';
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
} from './request-api.js';
export type { SessionMiddleware } from './session-bridge.js';
export { TwilioVerifyStrategy, TwilioVerifyStrategy as Strategy } from './strategy.js';
export type { TwilioClient } from './twilio/client.js';
export type { LineType, RiskCheck } from './twilio/values.js';
export type { VerifyCallback, VerifyCallbackWithRequest, VerifyDone } from './verify-callback.js';
