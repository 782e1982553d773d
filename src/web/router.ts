import path from 'node:path';
import type Cors from 'cors';
import type Express from 'express';
import type { RequestHandler, Router } from 'express';
import { VIEWS_FOLDER } from '../locales.js';
import type { Settings } from '../settings.js';
import type { TwoFactor } from '../two-factor.js';
import { showFailed } from './failure.js';
import { change, register, showChange, showRegister, skip } from './number-pages.js';
import { createPages, type Handler } from './pages.js';
import type { PagePath } from './reply.js';
import { cancel, resend, showStart, startVerification } from './start-page.js';
import { showSuccess } from './success-page.js';
import { checkCode, showVerify } from './verify-page.js';

/** More than any of our forms, with the application's own CSRF token, has. */
const MAX_BODY = '16kb';

/** The pages, as an Express router: one line per route. */
export function createRouter<TUser>(
  settings: Settings<TUser>,
  twoFactor: TwoFactor<TUser>,
  checkMount: RequestHandler,
): Router {
  // Express is needed here only: the strategy itself runs without it.
  const express = require('express') as typeof Express;
  const shown: Readonly<Record<PagePath, Handler<TUser>>> = {
    '/': showStart,
    '/verify': showVerify,
    '/register': showRegister,
    '/change': showChange,
    '/success': showSuccess,
    '/failed': showFailed,
  };
  const { page, ownOriginOnly, explainBadRequest } = createPages(settings, twoFactor, shown);
  const router = express.Router();

  router.use(checkMount);
  if (settings.allowedOrigins.length > 0) router.use(readableBy(settings.allowedOrigins));
  router.use(ownOriginOnly);
  const body = [express.urlencoded({ extended: false, limit: MAX_BODY }), express.json({ limit: MAX_BODY })];

  const pageAt = (path: PagePath) => router.route(path).get(page(shown[path]));
  pageAt('/').post(body, page(startVerification));
  pageAt('/verify').post(body, page(checkCode));
  pageAt('/register').post(body, page(register));
  pageAt('/change').post(body, page(change));
  pageAt('/success');
  pageAt('/failed');
  router.post('/resend', body, page(resend));
  router.post('/cancel', body, page(cancel));
  router.post('/skip', body, page(skip));

  router.use('/assets', express.static(path.join(VIEWS_FOLDER, 'assets'), { index: false, maxAge: '1d' }));
  router.use(explainBadRequest);
  return router;
}

/** Lets the pages of other origins read our answers, and send the session's cookie. */
function readableBy(allowedOrigins: readonly string[]): RequestHandler {
  const cors = require('cors') as typeof Cors;
  const methods = ['GET', 'POST'];
  return cors({ origin: [...allowedOrigins], methods, credentials: true, exposedHeaders: ['Retry-After'] });
}
