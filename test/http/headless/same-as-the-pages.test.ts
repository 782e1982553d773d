import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { AuditRecord, EventName } from 'passport-twilio-verify';
import type { EmulatorFault } from 'passport-twilio-verify/emulator';
import type { SessionRecord } from '../../../src/session/session-record.js';
import type { Client } from '../../support/client.js';
import { lastCode, wrongCode } from '../../support/steps.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../../support/test-app.js';
import { call, startCoreApp } from './support/headless-app.js';

/** The same call on either face gives the same outcome, the same events and the same session. */

type Step =
  | { readonly do: 'start'; readonly method: string }
  | { readonly do: 'check'; readonly code: 'right' | 'wrong' | 'malformed' }
  | { readonly do: 'register' | 'change'; readonly phoneNumber: string; readonly method?: string }
  | { readonly do: 'resend' | 'cancel' | 'skip' }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'fail'; readonly fault: EmulatorFault };

interface Scenario {
  readonly name: string;
  readonly user?: string;
  readonly options?: TestAppOptions;
  readonly steps: readonly Step[];
  /** The expected outcomes, so that two faces with the same mistake fail. */
  readonly outcomes: readonly string[];
}

/** The results of one scenario on one face. */
interface Trace {
  readonly outcomes: object[];
  readonly events: object[];
  readonly audits: object[];
  readonly records: object[];
}

interface Face {
  readonly start: (options?: TestAppOptions) => Promise<TestApp>;
  readonly take: (browser: Client, step: string, body: object) => Promise<object>;
}

const EVENTS = [
  'verificationSent',
  'verificationApproved',
  'verificationRejected',
  'verificationCanceled',
  'phoneNumberRegistered',
  'phoneNumberChanged',
  'rateLimited',
  'twilioError',
] as const satisfies readonly EventName[];

const PATHS: Readonly<Record<string, string>> = { start: '/2fa', check: '/2fa/verify' };

/** The result that both faces report for a step, or the reason, its text for the user, and the retry time. */
const outcomeOf = (type: unknown, { attemptsLeft, retryAfterSeconds }: Record<string, unknown>, text?: unknown) => ({
  type,
  ...(text === undefined ? {} : { text }),
  ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

const PAGES: Face = {
  start: startTestApp,
  take: async (browser, step, body) => {
    const answer = await browser.postJson(PATHS[step] ?? `/2fa/${step}`, body, { accept: 'application/json' });
    const { code, result, detail, ...rest } = JSON.parse(answer.text);
    return outcomeOf(code ?? result, code ? rest : {}, detail);
  },
};

const CORE: Face = {
  start: startCoreApp,
  take: async (browser, step, body) => {
    const { body: answer } = await call(browser, step, body);
    // A fault is thrown, for the application to answer; the pages answer it themselves.
    if (String(answer.text).startsWith('ERR_TWILIO_VERIFY_')) return outcomeOf('unavailable', {}, UNAVAILABLE);
    return outcomeOf(answer.code ?? answer.type, answer, answer.message);
  },
};
const UNAVAILABLE = 'We can’t send or check codes right now. Nothing you entered is lost. Try again in a few minutes.';

const START: Step = { do: 'start', method: 'sms' };
const RIGHT: Step = { do: 'check', code: 'right' };
const WRONG: Step = { do: 'check', code: 'wrong' };
const NUMBER = '+12025550177';

const SCENARIOS: readonly Scenario[] = [
  { name: 'a right code', steps: [START, RIGHT], outcomes: ['sent', 'approved'] },
  {
    name: 'a form that is posted twice',
    steps: [START, RIGHT, RIGHT],
    outcomes: ['sent', 'approved', 'alreadyVerified'],
  },
  { name: 'one wrong code', steps: [START, WRONG, RIGHT], outcomes: ['sent', 'code_wrong', 'approved'] },
  {
    name: 'a used-up verification, and the next',
    steps: [START, WRONG, WRONG, WRONG, WRONG, WRONG, RIGHT, START, RIGHT],
    outcomes: ['sent', ...Array(4).fill('code_wrong'), 'too_many_checks', 'nothing_pending', 'sent', 'approved'],
  },
  {
    name: 'a lock',
    options: { twoFactor: { limits: { wrongCodesPerLock: 2 } } },
    steps: [START, WRONG, WRONG, START, { do: 'wait', seconds: 900 }, START, RIGHT],
    outcomes: ['sent', 'code_wrong', 'locked', 'locked', 'sent', 'approved'],
  },
  { name: 'no code', steps: [START, { do: 'check', code: 'malformed' }], outcomes: ['sent', 'code_malformed'] },
  { name: 'nothing sent', steps: [RIGHT, { do: 'resend' }], outcomes: ['nothing_pending', 'nothing_pending'] },
  {
    name: 'sending again, too soon and in time',
    steps: [START, { do: 'resend' }, { do: 'wait', seconds: 180 }, { do: 'resend' }, RIGHT],
    outcomes: ['sent', 'retry_later', 'sent', 'approved'],
  },
  {
    name: 'another method at once',
    steps: [START, { do: 'start', method: 'call' }, RIGHT],
    outcomes: ['sent', 'sent', 'approved'],
  },
  { name: 'an unknown method', steps: [{ do: 'start', method: 'fax' }], outcomes: ['method_unknown'] },
  {
    name: 'too many sends',
    options: { twoFactor: { limits: { sendsPerUser: [{ points: 1, durationSeconds: 600 }] } } },
    steps: [START, { do: 'start', method: 'call' }, RIGHT],
    outcomes: ['sent', 'too_many_sends', 'approved'],
  },
  {
    name: 'giving up',
    steps: [START, { do: 'cancel' }, { do: 'cancel' }, RIGHT],
    outcomes: ['sent', 'canceled', 'canceled', 'nothing_pending'],
  },
  {
    name: 'an expired code',
    steps: [START, { do: 'wait', seconds: 600 }, RIGHT, START],
    outcomes: ['sent', 'code_expired', 'sent'],
  },
  {
    name: 'a registration',
    user: 'ben',
    steps: [{ do: 'register', phoneNumber: NUMBER, method: 'sms' }, WRONG, RIGHT],
    outcomes: ['sent', 'code_wrong', 'approved'],
  },
  {
    name: 'a registration in two steps',
    user: 'ben',
    steps: [{ do: 'register', phoneNumber: NUMBER }, { do: 'start', method: 'call' }, RIGHT],
    outcomes: ['numberAccepted', 'sent', 'approved'],
  },
  {
    name: 'a registration of what is no number',
    user: 'ben',
    steps: [{ do: 'register', phoneNumber: '12', method: 'sms' }, RIGHT],
    outcomes: ['number_invalid', 'nothing_pending'],
  },
  {
    name: 'a number that the application refuses',
    user: 'ben',
    options: { twoFactor: { storePhoneNumber: () => ({ message: 'In use by another.' }) } },
    steps: [{ do: 'register', phoneNumber: NUMBER, method: 'sms' }, RIGHT],
    outcomes: ['sent', 'number_rejected'],
  },
  {
    name: 'a registration by who has a number',
    steps: [{ do: 'register', phoneNumber: NUMBER, method: 'sms' }],
    outcomes: ['registration_not_allowed'],
  },
  {
    name: 'a skip',
    user: 'ben',
    options: { twoFactor: { registerOptional: true } },
    steps: [{ do: 'skip' }],
    outcomes: ['skipped'],
  },
  { name: 'a skip that is not allowed', user: 'ben', steps: [{ do: 'skip' }], outcomes: ['skip_not_allowed'] },
  {
    name: 'a change, before and after a verification',
    steps: [
      { do: 'change', phoneNumber: NUMBER, method: 'sms' },
      START,
      RIGHT,
      { do: 'change', phoneNumber: NUMBER, method: 'sms' },
      RIGHT,
    ],
    outcomes: ['verification_required', 'sent', 'approved', 'sent', 'approved'],
  },
  {
    name: 'a change that comes too late',
    steps: [START, RIGHT, { do: 'wait', seconds: 300 }, { do: 'change', phoneNumber: NUMBER }],
    outcomes: ['sent', 'approved', 'verification_required'],
  },
  {
    name: 'a refusal by the verify callback',
    options: { verify: (_user, _info, done) => done(null, false) },
    steps: [START, RIGHT, START],
    outcomes: ['sent', 'refused_by_app', 'sent'],
  },
  {
    name: 'Twilio down at a send and at a check',
    steps: [
      { do: 'fail', fault: { call: 'create', status: 503 } },
      START,
      START,
      { do: 'fail', fault: { call: 'check', status: 503 } },
      RIGHT,
      RIGHT,
    ],
    outcomes: ['unavailable', 'sent', 'unavailable', 'approved'],
  },
  {
    name: 'a landline',
    steps: [{ do: 'fail', fault: { call: 'create', code: 60205 } }, START, { do: 'start', method: 'call' }, RIGHT],
    outcomes: ['landline', 'sent', 'approved'],
  },
];

describe('the headless API and the pages', () => {
  before(() => mock.timers.enable({ apis: ['Date'] }));
  after(() => mock.timers.reset());

  for (const scenario of SCENARIOS) {
    it(`the headless API and the pages have the same outcomes for ${scenario.name}`, async () => {
      const [core, pages] = [await trace(CORE, scenario), await trace(PAGES, scenario)];
      assert.deepEqual(core.outcomes, pages.outcomes);
      assert.deepEqual(core.events, pages.events);
      assert.deepEqual(core.audits, pages.audits);
      assert.deepEqual(core.records, pages.records);
      assert.deepEqual(
        core.outcomes.map((outcome) => (outcome as { type: string }).type),
        scenario.outcomes,
      );
    });
  }
});

async function trace(face: Face, { user = 'ann', options, steps }: Scenario): Promise<Trace> {
  mock.timers.setTime(Date.parse('2026-05-04T12:00:00Z'));
  const app = await face.start(options);
  const result: Trace = { outcomes: [], events: [], audits: [], records: [] };
  for (const name of EVENTS) {
    app.strategy.on(name, ({ user: _, req: __, ...told }) => void result.events.push({ name, ...told }));
  }
  app.strategy.on('audit', (record: AuditRecord) => void result.audits.push(record));
  const browser = await app.signedIn(user);
  for (const step of steps) {
    if (step.do === 'wait') mock.timers.tick(step.seconds * 1_000);
    else if (step.do === 'fail') app.emulator.fail(step.fault);
    else {
      const { do: name, ...body } = step;
      result.outcomes.push(await face.take(browser, name, 'code' in body ? { code: typed(app, body.code) } : body));
      result.records.push(keptOf((await app.record(browser)) ?? {}));
    }
  }
  const sids = new Map<string, string>();
  return anonymous(result, sids) as Trace;
}

function typed(app: TestApp, code: 'right' | 'wrong' | 'malformed'): string {
  if (code === 'malformed' || app.emulator.messages().length === 0) return code === 'malformed' ? 'no code' : '123456';
  return code === 'right' ? lastCode(app) : wrongCode(app);
}

/** The session's verification state; notices, failures, and return paths belong to the pages. */
function keptOf({ pending, verified, skipped }: SessionRecord): object {
  return { pending, verified: verified && { by: verified.by, at: verified.at, binding: verified.binding }, skipped };
}

/** Replaces random values, and values derived from them, with their order of appearance. */
function anonymous(value: unknown, names: Map<string, string>): unknown {
  const text = JSON.stringify(value, (key, member: unknown) => {
    const isRandom =
      (key === 'to' && typeof member === 'string' && !/[•+]/.test(member)) || key === 'binding' || key === 'skipped';
    return isRandom && member !== undefined ? '(random)' : member;
  });
  return JSON.parse(
    text.replace(/VE[0-9a-f]{32}/g, (sid) => {
      const name = names.get(sid) ?? `VE${names.size}`;
      names.set(sid, name);
      return name;
    }),
  );
}
