import type Cors from 'cors';
import type Express from 'express';
import type { RequestHandler, Router } from 'express';
import {
  ACTION_PATHS,
  type ActionPath,
  FORM_PATHS,
  type FormPath,
  PAGE_PATHS,
  type PagePath,
} from '../common/page-paths.js';
import type { TwoFactor } from '../core/two-factor.js';
import { serveAssets } from './assets.js';
import { showFailed } from './failed-page.js';
import { change, register, showChange, showRegister, skip } from './number-pages.js';
import { createPages, type Handler } from './page-runner.js';
import type { PageSettings } from './page-settings.js';
import { confirmCodes, createCodes, showRecoveryCodes } from './recovery-codes-page.js';
import { checkRecovery, showRecovery } from './recovery-page.js';
import { endOtherSessions, forgetDevice, forgetDevices, setPreferredMethod, showSecurity } from './security-page.js';
import { cancel, resend, showStart, startVerification } from './start-page.js';
import { showSuccess } from './success-page.js';
import { checkCode, showVerify } from './verify-page.js';

/** More than any of our forms, with the application's own CSRF token, has. */
const MAX_BODY = '16kb';

/** The pages, as an Express router: one line per route. */
export function createRouter<TUser>(
  settings: PageSettings<TUser>,
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
    '/recovery': showRecovery,
    '/recovery-codes': showRecoveryCodes,
    '/security': showSecurity,
    '/success': showSuccess,
    '/failed': showFailed,
  };
  const submitted: Readonly<Record<FormPath, Handler<TUser>>> = {
    '/': startVerification,
    '/verify': checkCode,
    '/register': register,
    '/change': change,
    '/recovery': checkRecovery,
    '/recovery-codes': createCodes,
  };
  const actions: Readonly<Record<ActionPath, Handler<TUser>>> = {
    '/resend': resend,
    '/cancel': cancel,
    '/skip': skip,
    '/recovery-codes/confirm': confirmCodes,
    '/devices/:id/forget': forgetDevice,
    '/devices/forget': forgetDevices,
    '/preferred': setPreferredMethod,
    '/other-sessions/end': endOtherSessions,
  };
  const { page, ownOriginOnly, readableBodyOnly, explainBadRequest } = createPages(settings, twoFactor, shown);
  const router = express.Router();

  if (settings.allowedOrigins.length > 0) router.use(readableBy(settings.allowedOrigins));
  const parsers = [express.urlencoded({ extended: false, limit: MAX_BODY }), express.json({ limit: MAX_BODY })];
  const posted = [checkMount, ownOriginOnly, readableBodyOnly, ...parsers];

  // The check of a page isn't a layer of `use`: the router changes the request for each of its layers, which is slower in V8 than
  // the check itself.
  const routes = new Map(PAGE_PATHS.map((path) => [path, router.route(path).get(checkMount, page(shown[path]))]));
  for (const path of FORM_PATHS) routes.get(path)?.post(posted, page(submitted[path]));
  // Without its option there is nothing that a route could do, so the app answers the path: 404.
  const isOffered: Partial<Record<ActionPath, boolean>> = {
    '/devices/:id/forget': settings.rememberDevice !== undefined,
    '/devices/forget': settings.rememberDevice !== undefined,
    '/preferred': settings.store !== undefined,
    '/other-sessions/end': settings.endOtherSessions !== undefined,
  };
  const offered = ACTION_PATHS.filter((path) => isOffered[path] ?? true);
  for (const path of offered) router.post(path, posted, page(actions[path]));

  router.use(checkMount);
  router.use('/assets', serveAssets(settings.files));
  router.use(explainBadRequest);
  return router;
}

/** Lets pages of other origins read our responses and send the session cookie. */
function readableBy(allowedOrigins: readonly string[]): RequestHandler {
  const cors = require('cors') as typeof Cors;
  const methods = ['GET', 'POST'];
  return cors({ origin: [...allowedOrigins], methods, credentials: true, exposedHeaders: ['Date', 'Retry-After'] });
}
