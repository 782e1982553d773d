import { startFastifyApp } from '../../frameworks/support/fastify-app.js';
import { BROKEN, GUEST, optionsOf, Site, secondStrategy } from './site.js';
import type { AttackedStore } from './stores.js';

/** Starts an app on Fastify. It doesn't mount our pages. */
export async function startFastifySite({ fastify: store, limiters }: AttackedStore): Promise<Site> {
  const twoFactor = optionsOf(limiters);
  const { strategy, emulator, url, users } = await startFastifyApp({
    ...(store ? { kind: '@fastify/session', store } : { kind: '@fastify/secure-session' }),
    twoFactor,
    trustProxy: true,
    // It is added below, after the guest.
    isUnwatched: true,
    routes: (app, passport, strategy, emulator) => {
      app.addHook('preValidation', async (request) => {
        if (request.headers['x-guest']) request.user ??= GUEST as never;
      });
      app.addHook('preValidation', strategy.session());
      const second = secondStrategy(emulator, twoFactor);
      passport.use('second', second);
      app.addHook('preValidation', second.session());

      app.all('/guarded', { preValidation: passport.authenticate('twilio-2fa') }, async () => {
        site.guardedRuns += 1;
        return 'guarded';
      });
      const misspelled = passport.authenticate('twilio-2fa', { maxAge: 300 } as object);
      app.get('/misspelled', { preValidation: misspelled }, async () => 'transferred');
      app.post('/become', { preValidation: passport.authenticate('twilio-2fa') }, async (request) => {
        await request.logIn(BROKEN as never);
        return 'in';
      });
      app.get('/open', async () => 'open to all');
      const sessionOf = (request: object) => (request as { session: Record<string, unknown> }).session;
      app.post<{ Params: { id: string } }>('/own-login/:id', async (request) => {
        sessionOf(request).passport = request.params.id;
        return 'in';
      });
      app.post('/own-logout', async (request) => {
        sessionOf(request).passport = undefined;
        return 'out';
      });
      app.post<{ Body: { method: string } }>('/second/start', async (request) =>
        second.start(request, request.body.method),
      );
      app.post<{ Body: { code: string } }>('/second/check', async (request) =>
        second.check(request, request.body.code),
      );
    },
  });
  const site = new Site(strategy, emulator, url, users, '/second-step');
  return site;
}
