import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import connectPgSimple from 'connect-pg-simple';
import session from 'express-session';
import { Client } from 'pg';
import { eventually } from '../distributed/support/eventually.js';
import { addUser, waitForCode } from '../support/second-step.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { atTheEnd } from './support/at-the-end.js';
import { openPool } from './support/pool.js';
import { limitsInPostgres } from './support/postgres-limiter.js';
import { type PostgresServer, startPostgres } from './support/postgres-server.js';

const ANSWERED_WITHIN_MS = 5_000;

const rows = [
  {
    name: 'a Postgres that is gone',
    goesAway: async (server: PostgresServer) => {
      await server.kill();
      return () => server.restart();
    },
  },
  {
    name: 'a Postgres that takes questions and does not answer',
    goesAway: async (server: PostgresServer) => {
      const locker = new Client({ connectionString: server.url });
      await locker.connect();
      await locker.query('begin');
      await locker.query('lock table session, two_factor_limits');
      return () => locker.end();
    },
  },
];

for (const { name, goesAway } of rows) {
  describe(name, () => {
    let server: PostgresServer;
    let app: TestApp;
    before(async () => {
      server = await startPostgres();
      // With the time limits of docs/scaling.md.
      const pool = openPool(server.url, { connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
      atTheEnd(async () => {
        await pool.end();
        await server.stop();
      });
      const PgStore = connectPgSimple(session);
      const store = new PgStore({ pool, createTableIfMissing: true, errorLog: () => undefined });
      app = await startTestApp({
        session: session({ secret: 'test', resave: false, saveUninitialized: false, store }),
        twoFactor: { createLimiter: limitsInPostgres(pool) },
      });
    });

    it('an outage of Postgres verifies no one, is answered in time, and loses no session', async () => {
      const verified = await app.verified(addUser(app).id);
      const { browser: waiting, code } = await waitForCode(app);
      assert.equal((await verified.get('/account')).status, 200);
      const calls = app.emulator.requests().length;

      const comeBack = await goesAway(server);
      const startedAt = performance.now();
      const answers = await Promise.all([
        verified.get('/account'),
        waiting.get('/2fa/verify'),
        waiting.post('/2fa/verify', { code }),
        waiting.post('/2fa', { method: 'call' }),
      ]);
      assert.ok(performance.now() - startedAt < ANSWERED_WITHIN_MS);
      for (const { status } of answers) assert.ok(status >= 500, String(status));
      assert.equal(app.emulator.requests().length, calls);

      await comeBack();
      await eventually(async () => assert.equal((await verified.get('/account')).status, 200));
      assert.equal((await waiting.post('/2fa/verify', { code })).status, 303);
      assert.equal((await waiting.get('/account')).status, 200);
    });
  });
}
