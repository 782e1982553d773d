import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { startTestApp, type TestApp } from '../support/test-app.js';

// What test/run.ts loads first when the files of this folder are to run with Express 4.
const isExpress4 = process.execArgv.some((argument) => argument.endsWith('express-4.cjs'));
const version = isExpress4 ? 4 : 5;

describe(`Express ${version}, which these tests are to run with`, () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp();
  });

  // "*" is a path of Express 4, and an error in Express 5.
  const takesAsterisk = (add: () => unknown) => {
    try {
      add();
      return true;
    } catch {
      return false;
    }
  };

  it('is what the test application runs on', () => {
    assert.equal(
      takesAsterisk(() => app.app.get('/any/*', (_req, res) => void res.send('any'))),
      isExpress4,
    );
  });

  it('is what the router of the package is made with', () => {
    assert.equal(
      takesAsterisk(() => app.strategy.router().get('/any/*', (_req, res) => void res.send('any'))),
      isExpress4,
    );
  });

  it('serves the pages and the gate', async () => {
    const browser = await app.signedIn('ann');
    assert.equal((await browser.get('/2fa')).status, 200);
    assert.equal((await browser.get('/account')).location, '/2fa');
  });
});
