import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Answer, Client } from '../support/client.js';
import { type AppProcess, EXAMPLE } from './support/app-process.js';
import { eventually } from './support/eventually.js';
import { at, type Site, startSite } from './support/site.js';

const ALICE = '+12025550123';
const ANSWERED_WITHIN_MS = 5_000;

const rows = [
  {
    name: 'a Redis that is gone',
    goesAway: ({ redis }: Site) => redis.kill(),
    comesBack: ({ redis }: Site) => redis.restart(),
    /** This Redis keeps nothing on disk. */
    keepsSessions: false,
  },
  {
    name: 'a Redis that hangs',
    goesAway: async ({ redis }: Site) => redis.suspend(),
    comesBack: async ({ redis }: Site) => redis.resume(),
    keepsSessions: true,
  },
];

for (const { name, goesAway, comesBack, keepsSessions } of rows) {
  describe(name, () => {
    let site: Site;
    let verified: Client;
    let waiting: Client;
    let code: string;
    before(async () => {
      site = await startSite(EXAMPLE);
      verified = await signIn(site, site.one, 'sms');
      waiting = await waitForCode(site.one, 'call');
      code = await site.emulator.codeFor(ALICE);
      await goesAway(site);
    });

    const requests: readonly { name: string; send: (app: AppProcess) => Promise<Answer> }[] = [
      { name: 'a page behind the gate, of a verified session', send: (app) => at(app, verified).get('/account') },
      { name: 'the page for the code', send: (app) => at(app, waiting).get('/2fa/verify') },
      { name: 'the right code', send: (app) => at(app, waiting).post('/2fa/verify', { code }) },
      { name: 'the next code', send: (app) => at(app, waiting).post('/2fa', { method: 'whatsapp' }) },
      { name: 'a log-in', send: (app) => app.client().post('/login', { username: 'alice', password: 'alice' }) },
    ];
    it('an outage of Redis verifies no one, and every request is answered within 5 s', async () => {
      // A process that has just started may still be checking its configuration, by GET.
      const posts = () => site.emulator.requests().filter(({ method }) => method === 'POST').length;
      const postsBefore = posts();
      const processes = [
        { process: 'one', app: site.one },
        { process: 'other', app: site.other },
      ];
      const sent = processes.flatMap(({ process, app }) =>
        requests.map(async ({ name, send }) => ({ name, process, ...(await withTimeLimit(send(app))) })),
      );
      assert.deepEqual(
        await Promise.all(sent),
        processes.flatMap(({ process }) =>
          requests.map(({ name }) => ({ name, process, status: 500, location: null })),
        ),
      );
      assert.equal(posts(), postsBefore);
    });

    it('the same processes work again after Redis restarts', async () => {
      const { one, other } = site;
      await comesBack(site);
      for (const [app, method] of [
        [one, 'sms'],
        [other, 'whatsapp'],
      ] as const) {
        await eventually(() => logIn(app));
        if (keepsSessions) assert.equal((await at(app, verified).get('/account')).status, 200);
        else assert.equal((await (await signIn(site, app, method)).get('/account')).status, 200);
        assert.ok(app.isRunning());
      }
      if (!keepsSessions) return;
      const moved = at(other, waiting);
      assert.equal((await moved.post('/2fa/verify', { code })).location, '/account');
      assert.equal((await at(one, moved).get('/account')).status, 200);
    });
  });
}

async function logIn(app: AppProcess): Promise<Client> {
  const browser = app.client();
  assert.equal((await browser.post('/login', { username: 'alice', password: 'alice' })).location, '/account');
  return browser;
}

async function waitForCode(app: AppProcess, method: string): Promise<Client> {
  const browser = await logIn(app);
  assert.equal((await browser.post('/2fa', { method })).location, '/2fa/verify');
  return browser;
}

async function signIn({ emulator }: Site, app: AppProcess, method: string): Promise<Client> {
  const browser = await waitForCode(app, method);
  assert.equal((await browser.post('/2fa/verify', { code: await emulator.codeFor(ALICE) })).location, '/account');
  return browser;
}

/** The relevant parts of an answer, if it arrives as soon as a person expects it. */
async function withTimeLimit(
  answer: Promise<Answer>,
): Promise<{ status: number | 'none in time'; location: string | null }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ status: 'none in time'; location: null }>((resolve) => {
    timer = setTimeout(() => resolve({ status: 'none in time', location: null }), ANSWERED_WITHIN_MS);
  });
  try {
    return await Promise.race([answer.then(({ status, location }) => ({ status, location })), late]);
  } finally {
    clearTimeout(timer);
    answer.catch(() => undefined);
  }
}
