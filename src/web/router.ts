import path from 'node:path';
import type Express from 'express';
import type { Router } from 'express';
import type { Settings } from '../settings.js';
import { VIEWS_FOLDER } from '../texts.js';
import type { TwoFactor } from '../two-factor.js';
import { showFailed } from './failure.js';
import { change, register, showChange, showRegister, skip } from './number-pages.js';
import { createPages } from './pages.js';
import { cancel, resend, showStart, startVerification } from './start-page.js';
import { showSuccess } from './success-page.js';
import { checkCode, showVerify } from './verify-page.js';

/** More than any of our forms, with the application's own CSRF token, has. */
const MAX_BODY = '16kb';

/** The pages, as an Express router: one line per route. */
export function createRouter<TUser>(settings: Settings<TUser>, twoFactor: TwoFactor<TUser>): Router {
  // Express is needed here only: the strategy itself runs without it.
  const express = require('express') as typeof Express;
  const { page, ownOriginOnly, explainBadRequest } = createPages(settings, twoFactor);
  const router = express.Router();

  router.use('/assets', express.static(path.join(VIEWS_FOLDER, 'assets'), { index: false, maxAge: '1d' }));
  router.use(
    ownOriginOnly,
    express.urlencoded({ extended: false, limit: MAX_BODY }),
    express.json({ limit: MAX_BODY }),
  );

  router.route('/').get(page(showStart)).post(page(startVerification));
  router.route('/verify').get(page(showVerify)).post(page(checkCode));
  router.post('/resend', page(resend));
  router.post('/cancel', page(cancel));
  router.route('/register').get(page(showRegister)).post(page(register));
  router.post('/skip', page(skip));
  router.route('/change').get(page(showChange)).post(page(change));
  router.get('/success', page(showSuccess));
  router.get('/failed', page(showFailed));

  router.use(explainBadRequest);
  return router;
}
