import assert from 'node:assert/strict';
import { mock } from 'node:test';
import fc from 'fast-check';
import type { Client } from '../../support/client.js';
import { recordOf, sessionIdOf } from '../../support/second-step.js';
import type { TestApp } from '../../support/test-app.js';
import type { Run } from './model-site.js';
import type { SecondStepModel } from './second-step-model.js';

type Step = fc.AsyncCommand<SecondStepModel, Run, false>;
type Perform = (model: SecondStepModel, run: Run, browser: Client) => Promise<void>;

export const USERS = ['ann', 'ben', 'cat'] as const;
/** Each user may register them, or change to them. */
const NUMBERS = ['+12025550171', '+12025550172'] as const;

const slot = fc.nat(2);
const user = fc.constantFrom(...USERS);
const number = fc.constantFrom(...NUMBERS);
const method = fc.constantFrom('sms', 'call', 'whatsapp');

/** A step in one of the browsers. After it, everything is compared with the model. */
function step(name: string, index: number, perform: Perform): Step {
  return {
    check: () => true,
    async run(model, run) {
      const browser = run.browsers[index];
      assert.ok(browser);
      await perform(model, run, browser);
      await expectAsModelled(model, run);
    },
    toString: () => `${name} in browser ${index}`,
  };
}

async function expectAsModelled(model: SecondStepModel, { app, browsers, look }: Run): Promise<void> {
  for (const id of USERS) {
    const lockedUntil = await app.strategy.admin.lockedUntil({ id });
    model.expectUser(
      id,
      app.users.get(id)?.phone,
      lockedUntil === null ? undefined : lockedUntil === 'unlock' ? Number.POSITIVE_INFINITY : Number(lockedUntil),
    );
  }
  for (const browser of browsers) {
    const session = model.sessions.get(sessionIdOf(browser));
    const { status, text } = await browser.get('/account');
    if (session) model.arrive(session);
    if (!session) assert.equal(status, 401, 'without a log-in there is nothing to see');
    else if (model.isOpen(session)) assert.equal(text, `account of ${session.user}`);
    else assert.equal(status, 302, 'who is not verified is sent to the second step');
  }
  model.expectNoCalls(look());
}

type LogInPath = 'login' | 'login-and-keep';

async function logInBy(path: LogInPath, id: string, model: SecondStepModel, { look }: Run, browser: Client) {
  const before = sessionIdOf(browser);
  await browser.post(`/${path}/${id}`);
  model.logIn(before, sessionIdOf(browser), id, path === 'login-and-keep');
  model.expectNoCalls(look());
}

/** Phone numbers that the app stores by itself: none, one that works, and two that can't be read. */
const STORED = ['none', '+12025550123 ext 9', undefined, '+12025550161'] as const;

const storeAddress = fc.tuple(user, fc.constantFrom(...STORED)).map(([id, phone]) =>
  step(`the app stores ${phone} for ${id}`, 0, async (model, { app }) => {
    const stored = app.users.get(id);
    assert.ok(stored);
    stored.phone = phone;
    model.store(id, phone);
  }),
);

/** So that no run begins with steps that lead nowhere. */
export async function logInEverywhere(model: SecondStepModel, run: Run): Promise<void> {
  for (const [index, browser] of run.browsers.entries()) {
    await logInBy('login', USERS[index % USERS.length] ?? USERS[0], model, run, browser);
  }
}

function logIn(path: LogInPath): fc.Arbitrary<Step> {
  return fc
    .tuple(slot, user)
    .map(([index, id]) =>
      step(`${path} as ${id}`, index, (model, run, browser) => logInBy(path, id, model, run, browser)),
    );
}

const become = fc.tuple(slot, user).map(([index, id]) =>
  step(`become ${id}`, index, async (model, { look }, browser) => {
    const session = model.sessions.get(sessionIdOf(browser));
    if (!session) return;
    await browser.post(`/become/${id}`);
    session.user = id;
    model.expectNoCalls(look());
  }),
);

const logOut = slot.map((index) =>
  step('log out', index, async (model, { look }, browser) => {
    model.sessions.delete(sessionIdOf(browser));
    await browser.post('/logout');
    model.expectNoCalls(look());
  }),
);

/** A second tab; or a thief with a copy of the cookies. */
const copyCookies = fc.tuple(slot, slot).map(([from, index]) =>
  step(`cookies copied from ${from}`, index, async (_model, { browsers }, browser) => {
    const cookies = [...(browsers[from]?.cookies ?? [])];
    browser.cookies.clear();
    for (const [name, value] of cookies) browser.cookies.set(name, value);
  }),
);

async function startBy(by: string, model: SecondStepModel, { app, look }: Run, browser: Client): Promise<void> {
  const before = await joinedIn(app, browser);
  await browser.post('/2fa', { method: by });
  const seen = look();
  model.sent(sessionIdOf(browser), seen);
  const joined = await joinedIn(app, browser);
  if (joined !== undefined && joined !== before) model.joined(sessionIdOf(browser), joined, seen);
}

/** Returns what identifies the joined code that a session waits for; `undefined` if it waits for none. */
async function joinedIn(app: TestApp, browser: Client): Promise<string | undefined> {
  return (await recordOf(app, browser)).pending?.sent?.joined;
}

const start = fc
  .tuple(slot, method)
  .map(([index, by]) => step(`start by ${by}`, index, (model, run, browser) => startBy(by, model, run, browser)));

const resend = slot.map((index) =>
  step('resend', index, async (model, { look }, browser) => {
    await browser.post('/2fa/resend');
    model.sent(sessionIdOf(browser), look());
  }),
);

type NumberPurpose = 'register' | 'change';

async function give(
  purpose: NumberPurpose,
  phone: string,
  by: string,
  model: SecondStepModel,
  run: Run,
  browser: Client,
) {
  const session = model.sessions.get(sessionIdOf(browser));
  if (session) {
    session.typed.push({ user: session.user, phone, purpose, at: Date.now() });
    // It may have replaced the pending verification, and wait for its method.
    if (session.pending) session.pending.isDoubtful = true;
  }
  await browser.post(`/2fa/${purpose}`, { country: 'US', phoneNumber: phone, method: by });
  model.sent(sessionIdOf(browser), run.look());
}

function giveNumber(purpose: NumberPurpose): fc.Arbitrary<Step> {
  return fc
    .tuple(slot, number, fc.option(method, { nil: '' }))
    .map(([index, phone, by]) =>
      step(`${purpose} ${phone} by ${by || 'a method chosen later'}`, index, (model, run, browser) =>
        give(purpose, phone, by, model, run, browser),
      ),
    );
}

const cancel = slot.map((index) =>
  step('cancel', index, async (model, { look }, browser) => {
    await browser.post('/2fa/cancel');
    const seen = look();
    model.cancel(seen);
    model.expectNoCalls({ ...seen, canceled: [] });
    const session = model.sessions.get(sessionIdOf(browser));
    if (session) model.forget(session);
  }),
);

/** Which code is typed: of the session's own verification, any that was ever sent, or one that never was. */
type Typed = 'right' | 'wrong' | 'other';

async function type(typed: Typed, pick: number, atGate: boolean, model: SecondStepModel, run: Run, browser: Client) {
  const before = sessionIdOf(browser);
  const old = browser.fork();
  const code = codeFor(model, before, typed, pick);
  await browser.post(atGate ? '/pay' : '/2fa/verify', { code });
  const seen = run.look();
  model.checked(before, code, atGate, sessionIdOf(browser), seen);
  if (seen.isApproved) assert.equal((await old.get('/account')).status, 401, 'the old session id is worth nothing');
}

function check(typed: Typed, atGate: boolean, times: number): fc.Arbitrary<Step> {
  return fc.tuple(slot, fc.nat(1_000)).map(([index, pick]) =>
    step(`${times} × ${typed} code${atGate ? ' at the gate' : ''}`, index, async (model, run, browser) => {
      for (let count = 0; count < times; count += 1) await type(typed, pick + count, atGate, model, run, browser);
    }),
  );
}

// Single steps come to these by chance too seldom.
const signIn = fc.tuple(slot, method, fc.boolean()).map(([index, by, atGate]) =>
  step(`sign in by ${by}${atGate ? ' at the gate' : ''}`, index, async (model, run, browser) => {
    await startBy(by, model, run, browser);
    await type('right', 0, atGate, model, run, browser);
  }),
);

const changeNumber = fc.tuple(slot, slot, number).map(([index, waiting, phone]) =>
  step(`sign in, change to ${phone} while ${waiting} waits, same code there`, index, async (model, run, browser) => {
    const other = run.browsers[waiting];
    assert.ok(other);
    await startBy('whatsapp', model, run, browser);
    await type('right', 0, false, model, run, browser);
    await startBy('sms', model, run, other);
    await give('change', phone, 'call', model, run, browser);
    await type('right', 0, false, model, run, browser);
    await type('right', 0, false, model, run, other);
  }),
);

const guess = slot.map((index) =>
  step('guess as often as Twilio allows, twice', index, async (model, run, browser) => {
    for (const by of ['sms', 'call']) {
      await startBy(by, model, run, browser);
      for (let count = 0; count < 5; count += 1) await type('wrong', count, false, model, run, browser);
    }
  }),
);

function codeFor(model: SecondStepModel, sessionId: string, typed: Typed, pick: number): string {
  const own = model.verifications.get(model.sessions.get(sessionId)?.pending?.verificationSid ?? '')?.code ?? '000000';
  const sent = [...model.verifications.values()].map(({ code }) => code);
  switch (typed) {
    case 'right':
      return own;
    case 'other':
      return sent[pick % Math.max(1, sent.length)] ?? own;
    case 'wrong':
      return String((Number(own) + 1 + (pick % 1_000)) % 1_000_000).padStart(6, '0');
  }
}

const pass = fc
  .constantFrom(1, 31, 181, 301, 601, 901, 3_601, 86_401)
  .map((seconds) => step(`${seconds} s pass`, 0, async () => mock.timers.tick(seconds * 1_000)));

const rows: readonly { readonly step: fc.Arbitrary<Step>; readonly weight: number }[] = [
  { step: logIn('login'), weight: 1 },
  { step: logIn('login-and-keep'), weight: 1 },
  { step: become, weight: 2 },
  { step: logOut, weight: 1 },
  { step: copyCookies, weight: 2 },
  { step: storeAddress, weight: 2 },
  { step: start, weight: 4 },
  { step: resend, weight: 1 },
  { step: giveNumber('register'), weight: 2 },
  { step: giveNumber('change'), weight: 3 },
  { step: cancel, weight: 1 },
  { step: check('right', false, 1), weight: 4 },
  { step: check('right', true, 1), weight: 1 },
  { step: check('other', false, 1), weight: 2 },
  { step: check('wrong', false, 1), weight: 1 },
  { step: check('wrong', false, 5), weight: 1 },
  { step: check('wrong', true, 3), weight: 1 },
  { step: signIn, weight: 3 },
  { step: changeNumber, weight: 1 },
  { step: guess, weight: 1 },
  { step: pass, weight: 3 },
];

/** Every kind of step, those that lead somewhere more often. */
export const steps = rows.flatMap(({ step: arbitrary, weight }) => Array<fc.Arbitrary<Step>>(weight).fill(arbitrary));
