import cookieSession from 'cookie-session';
import express, { type RequestHandler } from 'express';
import session from 'express-session';
import { addApiRoutes } from '../../http/headless/support/headless-app.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { BROKEN, GUEST, optionsOf, Site, secondStrategy } from './site.js';
import type { AttackedStore } from './stores.js';

/** Starts an app on Express, with our pages and with routes of its own. */
export async function startExpressSite({ express: store, limiters }: AttackedStore): Promise<Site> {
  const twoFactor = optionsOf(limiters);
  const sessions = store
    ? session({ secret: 'test', resave: false, saveUninitialized: false, store })
    : cookieSession({ name: 'kept', keys: ['a key of the test'] });
  const app: TestApp = await startTestApp({
    twoFactor,
    before: (server) => void server.set('trust proxy', true),
    session: inTurn(
      sessions as RequestHandler,
      (req, res, next) => app.passport.session()(req, res, next),
      (req, _res, next) => {
        if (req.headers['x-guest']) req.user ??= GUEST as Express.User;
        next();
      },
    ),
    routes: (server, passport, strategy) => {
      addApiRoutes(server, strategy);
      server.use(express.json({ limit: '1mb' }));
      const gate = passport.authenticate('twilio-2fa') as RequestHandler;
      server.post('/enter', gate, (_req, res) => void res.send('entered'));
      server.all('/guarded', gate, (_req, res) => {
        site.guardedRuns += 1;
        res.send('guarded');
      });
      const misspelled = passport.authenticate('twilio-2fa', { maxAge: 300 } as object) as RequestHandler;
      server.get('/misspelled', misspelled, (_req, res) => void res.send('transferred'));
      server.post('/become', gate, (req, res, next) => {
        req.logIn(BROKEN as Express.User, (error) => (error ? next(error) : void res.send('in')));
      });
      const end = strategy.sendOnLogin() as RequestHandler;
      server.get('/signed-in', end, (_req, res) => void res.send('in'));
      server.get('/open', (_req, res) => void res.send('open to all'));
      server.post('/own-login/:id', (req, res) => {
        Object.assign(req.session, { passport: { user: req.params.id } });
        res.send('in');
      });
      server.post('/own-logout', (req, res) => {
        Object.assign(req.session, { passport: {} });
        res.send('out');
      });
    },
  });
  const { strategy, emulator, url, users, passport } = app;
  const second = secondStrategy(emulator, twoFactor);
  passport.use(second);
  app.app.use('/second', second.session() as RequestHandler);
  app.app.post('/second/start', (req, res, next) => {
    second.start(req, req.body.method).then((result) => res.json(result), next);
  });
  app.app.post('/second/check', (req, res, next) => {
    second.check(req, req.body.code).then((result) => res.json(result), next);
  });
  const site = new Site(strategy, emulator, url, users, '/api');
  return site;
}

function inTurn(...handlers: readonly RequestHandler[]): RequestHandler {
  return (req, res, next) => {
    const run = (index: number, error?: unknown): void => {
      const handler = handlers[index];
      if (error || !handler) next(error);
      else handler(req, res, (problem?: unknown) => run(index + 1, problem));
    };
    run(0);
  };
}
