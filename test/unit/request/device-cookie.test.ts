import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from 'express';
import { RequestDeviceCookie } from '../../../src/request/device-cookie.js';

const SETTINGS = { name: 'twilio-2fa', isProduction: true };

function requestWith(details: object): { readonly req: Request; readonly cookies: string[] } {
  const cookies: string[] = [];
  const res = { headersSent: false, appendHeader: (_name: string, cookie: string) => cookies.push(cookie) };
  return { req: { headers: {}, protocol: 'https', res, ...details } as unknown as Request, cookies };
}

describe('the cookie of a device', () => {
  it('over plain http in production, the device is not remembered, and one warning says why', async () => {
    const warnings: string[] = [];
    const keep = (warning: Error & { code?: string }) => warnings.push(`${warning.code} ${warning.message}`);
    process.on('warning', keep);
    try {
      for (let request = 0; request < 2; request += 1) {
        const { req } = requestWith({ protocol: 'http' });
        assert.equal(new RequestDeviceCookie(req, 'ann', SETTINGS).isSafe, false);
      }
      await new Promise(setImmediate);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', /^TWILIO_VERIFY_DEVICE_INSECURE .*app\.set\('trust proxy', 1\)/);
    } finally {
      process.off('warning', keep);
    }
  });

  it('over https in production, and over plain http in development, the device can be remembered', () => {
    const { req } = requestWith({});
    assert.ok(new RequestDeviceCookie(req, 'ann', SETTINGS).isSafe);
    const plain = requestWith({ protocol: 'http' });
    assert.ok(new RequestDeviceCookie(plain.req, 'ann', { ...SETTINGS, isProduction: false }).isSafe);
  });

  it('a response that has begun, and a request without one, cannot get a cookie', () => {
    assert.ok(new RequestDeviceCookie(requestWith({}).req, 'ann', SETTINGS).canSet);
    for (const res of [undefined, { headersSent: true, appendHeader: () => undefined }]) {
      assert.equal(new RequestDeviceCookie(requestWith({ res }).req, 'ann', SETTINGS).canSet, false);
    }
  });

  it('each user, and each strategy, reads only its own cookie', () => {
    const { req, cookies } = requestWith({});
    new RequestDeviceCookie(req, 'ann', SETTINGS).set('value', 60);
    const [cookie = ''] = cookies[0]?.split(';') ?? [];
    const { req: next } = requestWith({ headers: { cookie: `other=1; ${cookie}` } });
    assert.equal(new RequestDeviceCookie(next, 'ann', SETTINGS).read(), 'value');
    assert.equal(new RequestDeviceCookie(next, 'eve', SETTINGS).read(), undefined);
    assert.equal(new RequestDeviceCookie(next, 'ann', { ...SETTINGS, name: 'second' }).read(), undefined);
  });

  it('a value of more than 128 characters is not read', () => {
    const { req, cookies } = requestWith({});
    new RequestDeviceCookie(req, 'ann', SETTINGS).set('v'.repeat(129), 60);
    const { req: next } = requestWith({ headers: { cookie: cookies[0]?.split(';')[0] } });
    assert.equal(new RequestDeviceCookie(next, 'ann', SETTINGS).read(), undefined);
  });
});
