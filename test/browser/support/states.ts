import type { Page } from 'playwright-core';
import type { RunningExample, RunningExampleOptions } from '../../support/example.js';
import { choose, enterCode, enterNumber, giveCodes, press, signIn, signInToCode } from './steps.js';

/** A page in one of the states in which people meet it. */
export interface PageState {
  readonly name: string;
  readonly options?: RunningExampleOptions;
  /** The way there, with and without a script. */
  readonly open: (page: Page, app: RunningExample) => Promise<unknown>;
}

const LANDLINE = '+19075550205';
const UNREACHABLE = '+19075550503';

const withCode = async (page: Page, method = 'sms') => {
  await signIn(page, 'alice');
  await choose(page, method);
};
const verified = async (page: Page, app: RunningExample) => {
  await withCode(page);
  await enterCode(page, app.lastCode());
};
const withNumber = async (page: Page) => {
  await signIn(page, 'bob');
  await enterNumber(page, 'GB', '07400 123456');
};

const withCodes = async (page: Page, app: RunningExample) => {
  await verified(page, app);
  await page.getByRole('link', { name: 'Recovery codes' }).click();
  await press(page, 'Create recovery codes');
};
const remembered = async (page: Page, app: RunningExample) => {
  await withCode(page);
  await page.getByLabel('Don’t ask again on this device').check();
  await enterCode(page, app.lastCode());
};
const withDevices = async (page: Page, app: RunningExample) => {
  await remembered(page, app);
  // The same browser as another device: it comes without the cookie of the first one.
  await page.goto('/account');
  await press(page, 'Sign out');
  await page.context().clearCookies();
  await remembered(page, app);
  await page.goto('/2fa/security');
};
const downStore = () => {
  const down = () => Promise.reject(new Error('down'));
  return { load: down, save: down, delete: down };
};

let minutesLater = 0;

/** Every page, in every state that looks or speaks differently. */
export const STATES: readonly PageState[] = [
  { name: 'login', open: (page) => page.goto('/login') },
  { name: 'login-error', open: (page) => signIn(page, 'alice', 'wrong') },
  { name: 'account', open: verified },

  { name: 'start', open: (page) => signIn(page, 'alice') },
  {
    name: 'start-all-methods',
    options: {
      twoFactor: {
        allowedMethods: ['sms', 'call', 'whatsapp', 'email'],
        email: () => 'alice.longer-name@subdomain.example.com',
        helpUrl: '/help',
      },
    },
    open: (page) => signIn(page, 'alice'),
  },
  {
    name: 'start-one-method',
    options: { twoFactor: { allowedMethods: ['sms'] } },
    // As after a refusal: on a first navigation, the page sends the code by itself.
    open: async (page, { url }) => {
      await page.request.post('/login', { form: { username: 'alice', password: 'alice' } });
      await page.goto('/2fa', { referer: `${url}/2fa/failed` });
    },
  },
  {
    name: 'start-own-icons',
    options: {
      twoFactor: {
        methodDisplay: ({ method }) => (method === 'sms' ? { icon: null, label: 'SMS' } : { icon: 'fas fa-phone' }),
      },
    },
    open: (page) => signIn(page, 'alice'),
  },
  {
    name: 'start-branded',
    options: { twoFactor: { brand: { name: 'Acme', logoUrl: '/favicon.svg' } } },
    open: (page) => signIn(page, 'alice'),
  },
  { name: 'start-error', options: { alicePhoneNumber: LANDLINE }, open: (page) => withCode(page, 'whatsapp') },
  {
    name: 'start-one-method-error',
    options: { twoFactor: { allowedMethods: ['sms'] } },
    open: async (page, app) => {
      app.emulator.fail({ call: 'create', code: 60212 });
      await signIn(page, 'alice');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'start-with-code-sent',
    open: async (page) => {
      await withCode(page);
      await page.getByRole('link', { name: 'Try another way' }).click();
    },
  },

  { name: 'verify', open: (page) => withCode(page) },
  { name: 'verify-resend', options: { twoFactor: { retryTimeSeconds: 0 } }, open: (page) => withCode(page) },
  {
    name: 'verify-sent-again',
    options: { twoFactor: { retryTimeSeconds: [0, 60] } },
    open: async (page) => {
      await withCode(page);
      await press(page, 'Resend code');
    },
  },
  {
    name: 'verify-error',
    open: async (page, app) => {
      await withCode(page);
      await enterCode(page, app.wrongCode());
    },
  },
  {
    name: 'verify-empty-error',
    options: { twoFactor: { retryTimeSeconds: 0 } },
    open: async (page) => {
      await withCode(page);
      await enterCode(page, '');
    },
  },
  { name: 'verify-call', options: { twoFactor: { helpUrl: '/help' } }, open: (page) => withCode(page, 'call') },
  { name: 'verify-whatsapp', open: (page) => withCode(page, 'whatsapp') },
  {
    name: 'verify-email',
    options: { twoFactor: { allowedMethods: ['email'], email: () => 'alice@example.com', codeLength: 8 } },
    open: (page) => signInToCode(page, 'alice'),
  },
  {
    name: 'start-hidden-digits',
    options: { twoFactor: { showLastDigits: false } },
    open: (page) => signIn(page, 'alice'),
  },
  { name: 'verify-hidden-digits', options: { twoFactor: { showLastDigits: false } }, open: (page) => withCode(page) },
  { name: 'verify-register', open: withNumber },
  {
    name: 'verify-change',
    open: async (page, app) => {
      await verified(page, app);
      await page.getByRole('link', { name: 'Change phone number' }).click();
      await enterNumber(page, 'JP', '090-1234-5678');
    },
  },

  { name: 'register', open: (page) => signIn(page, 'bob') },
  {
    name: 'register-optional',
    options: { twoFactor: { registerOptional: true, allowedCountries: ['US'], allowedMethods: ['sms'] } },
    open: (page) => signIn(page, 'bob'),
  },
  {
    name: 'register-error',
    open: async (page) => {
      await signIn(page, 'bob');
      await enterNumber(page, 'DE', '0151 23');
    },
  },
  {
    name: 'register-correct',
    open: async (page) => {
      await withNumber(page);
      await page.getByRole('link', { name: 'Edit phone number' }).click();
    },
  },
  {
    name: 'change',
    open: async (page, app) => {
      await verified(page, app);
      await page.getByRole('link', { name: 'Change phone number' }).click();
    },
  },
  {
    name: 'success',
    open: async (page, app) => {
      await verified(page, app);
      await page.goto('/2fa/success');
    },
  },
  {
    name: 'success-changed',
    open: async (page, app) => {
      await verified(page, app);
      await page.getByRole('link', { name: 'Change phone number' }).click();
      await enterNumber(page, 'JP', '090-1234-5678');
      await enterCode(page, app.lastCode());
    },
  },

  {
    name: 'failed-expired',
    options: { twoFactor: { clock: () => Date.now() + minutesLater * 60_000 } },
    open: async (page) => {
      minutesLater = 0;
      await withCode(page);
      minutesLater = 11;
      await page.reload();
    },
  },
  {
    name: 'failed-used-up',
    open: async (page, app) => {
      await withCode(page);
      for (let tries = 0; tries < 5; tries += 1) await enterCode(page, app.wrongCode());
    },
  },
  {
    name: 'failed-locked',
    options: { twoFactor: { limits: { wrongCodesPerLock: 1 }, helpUrl: '/help' } },
    open: async (page, app) => {
      await withCode(page);
      await enterCode(page, app.wrongCode());
    },
  },
  {
    name: 'failed-locked-for-good',
    options: { twoFactor: { limits: { wrongCodesPerLock: 1, wrongCodesInAll: 1 }, helpUrl: '/help' } },
    open: async (page, app) => {
      await withCode(page);
      await enterCode(page, app.wrongCode());
    },
  },
  {
    name: 'failed-too-many-sends',
    options: { twoFactor: { retryTimeSeconds: 0, limits: { sendsPerUser: [{ points: 1, durationSeconds: 600 }] } } },
    open: async (page) => {
      await withCode(page);
      await press(page, 'Resend code');
    },
  },
  {
    name: 'failed-unavailable',
    options: { alicePhoneNumber: UNREACHABLE },
    open: (page) => withCode(page),
  },
  {
    name: 'failed-unavailable-with-code',
    open: async (page, app) => {
      await withCode(page);
      app.emulator.fail({ call: 'check', status: 503 });
      await enterCode(page, app.lastCode());
    },
  },
  {
    name: 'verify-remember',
    open: async (page) => {
      await withCode(page);
      await page.getByLabel('Don’t ask again on this device').check();
    },
  },
  {
    name: 'verify-remember-error',
    open: async (page, app) => {
      await withCode(page);
      await page.getByLabel('Don’t ask again on this device').check();
      await enterCode(page, app.lastCode() === '000000' ? '000001' : '000000');
    },
  },
  {
    name: 'security',
    open: async (page, app) => {
      await verified(page, app);
      await page.goto('/2fa/security');
    },
  },
  { name: 'security-devices', options: { twoFactor: { retryTimeSeconds: 0 } }, open: withDevices },
  {
    name: 'security-forgotten',
    options: { twoFactor: { retryTimeSeconds: 0 } },
    open: async (page, app) => {
      await withDevices(page, app);
      await page
        .getByRole('button', { name: /^Forget / })
        .first()
        .click();
      await page.waitForLoadState('load');
    },
  },
  {
    name: 'security-everything-off',
    options: {
      twoFactor: {
        store: undefined,
        recoveryCodes: false,
        rememberDevice: undefined,
        endOtherSessions: undefined,
        allowedMethods: ['sms'],
      } as never,
    },
    open: async (page, app) => {
      await signInToCode(page, 'alice');
      await enterCode(page, app.lastCode());
      await page.goto('/2fa/security');
    },
  },
  { name: 'recovery-none', open: (page) => signIn(page, 'alice').then(() => page.goto('/2fa/recovery')) },
  {
    name: 'recovery',
    open: async (page, app) => {
      await giveCodes(page, app);
      await page.getByRole('link', { name: /Use a recovery code/ }).click();
    },
  },
  {
    name: 'recovery-error',
    open: async (page, app) => {
      await giveCodes(page, app);
      await page.getByRole('link', { name: /Use a recovery code/ }).click();
      await page.getByLabel('Recovery code').fill('0000-0000-0000-0000');
      await press(page, 'Continue');
    },
  },
  {
    name: 'success-recovered',
    open: async (page, app) => {
      const codes = await giveCodes(page, app);
      await page.getByRole('link', { name: /Use a recovery code/ }).click();
      await page.getByLabel('Recovery code').fill(codes[0] ?? '');
      await press(page, 'Continue');
    },
  },
  {
    name: 'recovery-codes',
    open: async (page, app) => {
      await verified(page, app);
      await page.getByRole('link', { name: 'Recovery codes' }).click();
    },
  },
  { name: 'recovery-codes-new', open: withCodes },
  {
    name: 'recovery-codes-error',
    open: async (page, app) => {
      await withCodes(page, app);
      await page.getByLabel('Enter one of the new codes').fill('0000-0000-0000-0000');
      await press(page, 'Activate codes');
    },
  },
  {
    name: 'failed-recovery-unavailable',
    options: { twoFactor: { store: downStore() } },
    open: async (page) => {
      await signIn(page, 'alice');
      await page.goto('/2fa/recovery');
    },
  },
  {
    name: 'failed-blocked',
    options: { alicePhoneNumber: '+19075550410', twoFactor: { helpUrl: '/help' } },
    open: (page) => withCode(page),
  },
  {
    name: 'failed-blocked-one-method',
    options: { alicePhoneNumber: '+19075550410', twoFactor: { allowedMethods: ['sms'], helpUrl: '/help' } },
    open: async (page) => {
      await signIn(page, 'alice');
      // The start page sends the code by itself.
      await page.waitForURL('**/2fa/failed');
      await page.waitForLoadState('load');
    },
  },
  {
    name: 'failed-signed-out',
    open: async (page) => {
      await signIn(page, 'alice');
      await page.context().clearCookies();
      await choose(page, 'sms');
    },
  },
  {
    name: 'failed-no-registration',
    options: { twoFactor: { allowRegister: false } },
    open: (page) => signIn(page, 'bob'),
  },
];
