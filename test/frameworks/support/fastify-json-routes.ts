import type { FastifyInstance, FastifyReply } from 'fastify';
import type { NewNumber, Refused } from 'passport-twilio-verify';
import type { TestStrategy } from '../../support/test-app.js';

/** The second step as an application's own JSON routes: the core API, called with Fastify's requests. */
export function addJsonRoutes(app: FastifyInstance, twoFactor: TestStrategy): void {
  app.get('/second-step', async (request) => ({
    ...(await twoFactor.status(request)),
    methods: await twoFactor.methods(request),
    isFresh: (await twoFactor.verification(request, { maxAgeSeconds: 300 })).isVerified,
  }));
  app.post<{ Body: { method: string } }>('/second-step/start', async (request, reply) =>
    tell(reply, await twoFactor.start(request, request.body.method)),
  );
  app.post('/second-step/resend', async (request, reply) => tell(reply, await twoFactor.resend(request)));
  app.post<{ Body: { code: string; rememberDevice?: boolean } }>('/second-step/check', async (request, reply) => {
    const { code, rememberDevice } = request.body;
    return tell(reply, await twoFactor.check(request, code, rememberDevice === undefined ? {} : { rememberDevice }));
  });
  app.get('/second-step/factors', async (request, reply) => tell(reply, await twoFactor.factors(request)));
  app.post<{ Params: { id: string } }>('/second-step/devices/:id/forget', async (request, reply) =>
    tell(reply, await twoFactor.forgetDevice(request, request.params.id)),
  );
  app.post('/second-step/devices/forget', async (request, reply) =>
    tell(reply, await twoFactor.forgetDevices(request)),
  );
  app.post<{ Body: { method: string } }>('/second-step/preferred', async (request, reply) =>
    tell(reply, await twoFactor.setPreferredMethod(request, request.body.method)),
  );
  app.post<{ Body: { code: string } }>('/second-step/recovery', async (request, reply) =>
    tell(reply, await twoFactor.checkRecoveryCode(request, request.body.code)),
  );
  app.post('/second-step/recovery-codes', async (request, reply) =>
    tell(reply, await twoFactor.createRecoveryCodes(request)),
  );
  app.post<{ Body: { code: string } }>('/second-step/recovery-codes/confirm', async (request, reply) =>
    tell(reply, await twoFactor.confirmRecoveryCodes(request, request.body.code)),
  );
  app.post('/second-step/cancel', async (request, reply) => tell(reply, await twoFactor.cancel(request)));
  app.post('/second-step/skip', async (request, reply) => tell(reply, await twoFactor.skip(request)));
  app.post('/second-step/end-other-sessions', async (request, reply) =>
    tell(reply, await twoFactor.endOtherSessions(request)),
  );
  app.post<{ Body: NewNumber }>('/second-step/register', async (request, reply) =>
    tell(reply, await twoFactor.register(request, request.body)),
  );
  app.post<{ Body: NewNumber }>('/second-step/change', async (request, reply) =>
    tell(reply, await twoFactor.change(request, request.body)),
  );
}

function tell<T extends { readonly type: string }>(reply: FastifyReply, result: T | Refused) {
  if (isRefused(result)) reply.code(result.status);
  return result;
}

function isRefused(result: { readonly type: string }): result is Refused {
  return result.type === 'refused';
}
