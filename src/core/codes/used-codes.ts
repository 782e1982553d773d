import { setTimeout } from 'node:timers/promises';
import type { Limits } from '../../limits/limits.js';
import type { Pending, SentCode } from '../../session/session-record.js';
import type { Context } from '../step/context.js';
import type { CodeReader } from './code-reader.js';

/** Waits between looks at a code that another process may be recording. */
const CLAIM_WAITS_MS = [0, 100, 400] as const;

interface Use<TUser> {
  readonly context: Context<TUser>;
  readonly pending: Pending;
  readonly code: string;
}

/** Codes that have verified a session. Each verifies one. */
export class UsedCodes<TUser> {
  /** The requests that claimed their code. */
  private readonly claimed = new WeakSet<Context<TUser>>();

  constructor(
    private readonly limits: Limits,
    private readonly codes: CodeReader<TUser>,
  ) {}

  /** Claims a correct code. Resolves to `false` if another request has claimed it, in this session or in another one. */
  async claim({ context, code }: Use<TUser>, verificationSid: string): Promise<boolean> {
    const isFirst = await this.limits.useOnce(verificationSid, code);
    if (isFirst) this.claimed.add(context);
    return isFirst;
  }

  /** Records that this session used the code: the second submit of a form, in another process, asks for it. */
  async record({ context, pending, code }: Use<TUser>, verificationSid: string): Promise<void> {
    const { id } = context.session;
    if (id === undefined) return;
    // A second submit of a joined code doesn't know the SID.
    const keys = new Set([verificationSid, pending.sent?.joined ?? verificationSid]);
    await Promise.all([...keys].map((key) => this.limits.useOnce(key, code, id)));
  }

  /** Whether another request verified this session with the same code. A session in a cookie can't tell. */
  async wasUsed(context: Context<TUser>, pending: Pending | undefined, typed: string): Promise<boolean> {
    if (!pending?.sent || this.claimed.has(context)) return false;
    const read = await this.codes.read(context, pending.purpose, typed);
    const { id } = context.session;
    return read.type === 'read' && id !== undefined && this.limits.isUsed(keyOf(pending.sent), read.code, id);
  }

  /** Like `wasUsed`, but waits a little: another process learns from Twilio that the code is right, then records it. */
  async isBeingUsed({ context, pending, code }: Use<TUser>): Promise<boolean> {
    for (const waitMs of CLAIM_WAITS_MS) {
      await setTimeout(waitMs);
      if (await this.wasUsed(context, pending, code)) return true;
    }
    return false;
  }
}

/** Returns the key that identifies a code in this session. */
export function keyOf({ sid, joined }: SentCode): string {
  return sid ?? joined ?? '';
}
