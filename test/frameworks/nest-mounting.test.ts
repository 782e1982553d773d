import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { newNumber } from '../support/second-step.js';
import { jsonOf } from './support/json.js';
import { type NestApp, type NestAppOptions, startNestApp } from './support/nest-app.js';

const WAYS: readonly { name: string; options: NestAppOptions; account: string }[] = [
  { name: 'with app.use', options: {}, account: '/account' },
  { name: 'with app.use, beside a global prefix', options: { globalPrefix: 'api' }, account: '/api/account' },
  { name: 'with consumer.apply in a module', options: { pagesByConsumer: true }, account: '/account' },
];

for (const { name, options, account } of WAYS) {
  describe(`pages that are mounted on Nest ${name}`, () => {
    let app: NestApp;
    const user = { id: 'ann', phone: newNumber() };

    before(async () => {
      app = await startNestApp(options);
      app.users.set(user.id, user);
    });

    it('the pages lead the user from a protected route to the code, and back', async () => {
      const browser = await app.signedIn(user.id);
      assert.equal((await browser.get(account)).location, '/2fa');
      assert.match((await browser.get('/2fa')).text, /name="method"/);
      assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
      assert.match((await browser.get('/2fa/verify')).text, /name="code"/);
      assert.equal((await browser.get('/2fa/assets/twilio-2fa.css')).status, 200);
      const code = await app.emulator.codeFor(user.phone);
      assert.equal((await browser.post('/2fa/verify', { code })).location, account);
      assert.deepEqual(jsonOf(await browser.get(account)), { account: user.id });
    });
  });
}
