import { debuglog } from 'node:util';
import type { Request } from 'express';
import type { MaybePromise } from './maybe-promise.js';

const log = debuglog('twilio-2fa');

/** Whether the process was started with `NODE_DEBUG=twilio-2fa`. */
export const isTracing = log.enabled;

/** What may stand in a trace: ids, codes of ours and of Twilio's, masked addresses. Never what a person typed. */
export type TraceDetails = Readonly<Record<string, string | number | undefined>>;

/** Writes one line to stderr, if the process is traced. */
export function trace(subject: string, details: TraceDetails = {}): void {
  if (!isTracing) return;
  const told = Object.entries(details).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${shown(value)}`,
  );
  log('%s', [subject, ...told].join(' '));
}

/** What is told of a decision of the gate. */
interface TracedDecision {
  readonly action: string;
  readonly why: string;
  readonly userId?: string;
}

/** Traces what the gate decides, and why. It waits for the decision: only for a process that is traced. */
export async function traceDecision<T extends TracedDecision>(req: Request, decide: () => MaybePromise<T>): Promise<T> {
  const subject = `gate ${req.method} ${pathOf(req)}`;
  try {
    const decision = await decide();
    trace(subject, { action: decision.action, why: decision.why, user: decision.userId });
    return decision;
  } catch (error) {
    trace(subject, { action: 'error', why: codeOf(error) });
    throw error;
  }
}

/** What is told of what a step came to. */
interface TracedOutcome {
  readonly type: string;
  readonly code?: string;
}

/** The steps of the core, each of which ends in an outcome. */
const STEPS: readonly PropertyKey[] = ['start', 'resend', 'check', 'cancel', 'register', 'change', 'skip'];

/** The core, with a trace of what each step of a face comes to; the core itself, if the process is not traced. */
export function withTracedSteps<T extends object>(core: T): T {
  if (!isTracing) return core;
  return new Proxy(core, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (!STEPS.includes(name)) return member.bind(target);
      return async (context: { readonly userId: string }, ...rest: unknown[]) => {
        const step = `core ${String(name)}`;
        const user = context.userId;
        try {
          const outcome: TracedOutcome | undefined = await member.call(target, context, ...rest);
          trace(step, { user, outcome: outcome?.type ?? 'done', code: outcome?.code });
          return outcome;
        } catch (error) {
          trace(step, { user, outcome: 'error', code: codeOf(error) });
          throw error;
        }
      };
    },
  });
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : 'not_ours';
}

/** Without the query, in which tokens travel. */
function pathOf(req: Request): string {
  return (req.originalUrl ?? req.url).split('?', 1)[0] ?? '';
}

/** A value that could be taken for more than one, or for another line, stands in quotes. */
function shown(value: string | number): string {
  return /^[^\s\p{C}"=]+$/u.test(String(value)) ? String(value) : JSON.stringify(value);
}
