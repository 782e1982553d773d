import type { EmulatorClock } from '../clock.js';
import { createInbox, type Inbox } from '../inbox/inbox.js';
import type { EmulatorSettings } from '../options.js';
import { createLifecycle, type Lifecycle } from '../rules/lifecycle.js';
import { createRateLimitStore, type RateLimitStore } from '../rules/rate-limits.js';
import { createServiceStore, type Service, type ServiceStore } from '../rules/services.js';
import { createVerificationStore, type VerificationStore } from '../rules/verifications.js';
import type { ApiCall } from './api-call.js';
import { notFound } from './api-error.js';
import type { ResourceContext } from './resources.js';

/** Everything that the emulated API works on. */
export interface Backend {
  readonly settings: EmulatorSettings;
  readonly services: ServiceStore;
  readonly verifications: VerificationStore;
  readonly lifecycle: Lifecycle;
  readonly rateLimits: RateLimitStore;
  readonly inbox: Inbox;
}

/** Makes the backend of one emulator. */
export function createBackend(settings: EmulatorSettings, clock: Pick<EmulatorClock, 'now'>): Backend {
  const verifications = createVerificationStore(settings.ttlSeconds * 1_000, settings.maxVerifications);
  const services = createServiceStore(settings, () => clock.now());
  return {
    settings,
    services,
    verifications,
    lifecycle: createLifecycle(settings, verifications),
    rateLimits: createRateLimitStore(),
    inbox: createInbox(({ serviceSid, verificationSid }) => {
      const isReachable = services.get(serviceSid) !== undefined;
      return isReachable && verifications.bySid(verificationSid, clock.now())?.status === 'pending';
    }),
  };
}

/** Finds the service that a path names. */
export function requireService({ services }: Backend, sid: string, path: string): Service {
  const service = services.get(sid);
  if (service === undefined) throw notFound(path);
  return service;
}

/** Returns the account and the base URL for the answers to this call. */
export function contextOf({ settings }: Backend, { baseUrl }: ApiCall): ResourceContext {
  return { accountSid: settings.accountSid, baseUrl };
}
