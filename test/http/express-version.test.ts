import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { startTestApp, type TestApp } from '../support/test-app.js';

// The file that test/run.ts loads first if the files of this folder run with Express 4.
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

  it('the test application runs on the expected Express version', () => {
    assert.equal(
      takesAsterisk(() => app.app.get('/any/*', (_req, res) => void res.send('any'))),
      isExpress4,
    );
  });

  it('the router of the package uses the expected Express version', () => {
    assert.equal(
      takesAsterisk(() => app.strategy.router().get('/any/*', (_req, res) => void res.send('any'))),
      isExpress4,
    );
  });

  it('the pages and a protected route work with the expected Express version', async () => {
    const browser = await app.signedIn('ann');
    assert.equal((await browser.get('/2fa')).status, 200);
    assert.equal((await browser.get('/account')).location, '/2fa');
  });
});
