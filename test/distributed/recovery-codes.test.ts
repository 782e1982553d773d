import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createTable } from '../sessions/support/documented-factor-stores.js';
import { openPool } from '../sessions/support/pool.js';
import { type PostgresServer, startPostgres } from '../sessions/support/postgres-server.js';
import type { Client } from '../support/client.js';
import { createCodes, postJson, WRONG_CODE } from '../support/recovery.js';
import { type AppProcess, FIFTY_USERS } from './support/app-process.js';
import { at, type Site, startSite } from './support/site.js';

const USES = 30;

for (const { name, isPostgres } of [
  { name: 'Redis', isPostgres: false },
  { name: 'Postgres', isPostgres: true },
]) {
  describe(`recovery codes in ${name}, over two processes`, () => {
    let site: Site;
    let postgres: PostgresServer | undefined;
    before(async () => {
      if (isPostgres) {
        postgres = await startPostgres();
        const pool = openPool(postgres.url);
        await pool.query(createTable);
        await pool.end();
      }
      site = await startSite(FIFTY_USERS, { env: postgres ? { FACTOR_DATABASE_URL: postgres.url } : {} });
    });
    after(() => postgres?.stop());

    const signedIn = async (app: AppProcess, id: number): Promise<Client> => {
      const browser = app.client();
      await browser.post(`/login/${id}`);
      return browser;
    };

    /** Codes that one process created and the other one confirmed. */
    async function giveCodes(id: number): Promise<readonly string[]> {
      const { one, other, emulator } = site;
      const browser = await signedIn(one, id);
      await browser.post('/2fa', { method: 'sms' });
      const code = await emulator.codeFor(`+120255501${String(id).padStart(2, '0')}`);
      await browser.post('/2fa/verify', { code });
      const codes = await createCodes(browser);
      const moved = at(other, browser);
      assert.equal((await postJson(moved, '/2fa/recovery-codes/confirm', { code: codes[0] })).body.result, 'confirmed');
      return codes;
    }

    it('thirty parallel uses of one code succeed exactly once', async () => {
      const { one, other } = site;
      const [code = ''] = await giveCodes(0);
      const browsers = await Promise.all(
        Array.from({ length: USES }, (_, index) => signedIn(index % 2 === 0 ? one : other, 0)),
      );
      await Promise.all(browsers.map((browser) => browser.post('/2fa/recovery', { code })));
      const accounts = await Promise.all(browsers.map((browser) => browser.get('/account')));
      assert.equal(accounts.filter(({ status }) => status === 200).length, 1);
    });

    it('different codes at the same time all pass, or can be used again', async () => {
      const { one, other } = site;
      const codes = await giveCodes(1);
      const uses = await Promise.all(
        codes.slice(0, 4).map(async (code, index) => {
          const browser = await signedIn(index % 2 === 0 ? one : other, 1);
          return { code, body: (await postJson(browser, '/2fa/recovery', { code })).body };
        }),
      );
      for (const { code, body } of uses) {
        if (body.result === 'approved') continue;
        assert.equal(body.code, 'recovery_unavailable');
        const again = await postJson(await signedIn(one, 1), '/2fa/recovery', { code });
        assert.equal(again.body.result, 'approved', 'a code that was refused was not used up');
      }
      const page = await postJson(await signedIn(other, 1), '/2fa/recovery', { code: codes[0] });
      assert.equal(page.body.code, 'code_wrong');
    });

    it('wrong codes at both processes lock the user out at both', async () => {
      const { one, other } = site;
      const codes = await giveCodes(2);
      const browsers = [await signedIn(one, 2), await signedIn(other, 2)];
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          // Equal ones in one session share one check.
          postJson(browsers[index % 2] as Client, '/2fa/recovery', { code: `${WRONG_CODE.slice(0, -2)}${index + 10}` }),
        ),
      );
      assert.equal(answers.filter(({ body }) => body.code === 'code_wrong').length, 9);
      for (const app of [one, other]) {
        const late = await postJson(await signedIn(app, 2), '/2fa/recovery', { code: codes[0] });
        assert.equal(late.body.code, 'locked');
      }
    });
  });
}
