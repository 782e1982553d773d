import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveBaseUrl } from '../../../src/options/base-url.js';

describe('resolveBaseUrl', () => {
  for (const given of [undefined, '']) {
    it(`${JSON.stringify(given)} is Twilio's own, in production too`, () => {
      assert.equal(resolveBaseUrl(given, false), undefined);
      assert.equal(resolveBaseUrl(given, true), undefined);
    });
  }

  const cases = [
    { given: 'http://127.0.0.1:4010', url: 'http://127.0.0.1:4010' },
    { given: 'http://127.0.0.1:4010/', url: 'http://127.0.0.1:4010' },
    { given: 'https://proxy.example/twilio//', url: 'https://proxy.example/twilio' },
    { given: 'HTTPS://Proxy.Example:443/a', url: 'https://proxy.example/a' },
    { given: 'https://proxy.example/a?b=c#d', url: 'https://proxy.example/a' },
  ];
  for (const { given, url } of cases) {
    it(`${given} is ${url}`, () => assert.equal(resolveBaseUrl(given, false), url));
  }

  for (const given of [
    'proxy.example',
    '/twilio',
    'ftp://proxy.example',
    'javascript:alert(1)',
    'file:///etc/passwd',
  ]) {
    it(`${given} is refused: it must be an http(s) URL`, () => {
      assert.throws(() => resolveBaseUrl(given, false), /TypeError: .*"baseUrl".*http\(s\) URL/);
    });
  }

  it('the base URL must use HTTPS in production', () => {
    assert.throws(() => resolveBaseUrl('http://proxy.example', true), /TypeError: .*"baseUrl".*https in production/);
    assert.throws(() => resolveBaseUrl('http://127.0.0.1:4010', true), /TypeError/);
    assert.throws(() => resolveBaseUrl('http://verify.twilio.com', true), /TypeError/);
  });

  const plain = [
    { baseUrl: 'http://localhost:4010', warns: false },
    { baseUrl: 'http://emulator.localhost:4010', warns: false },
    { baseUrl: 'http://127.0.0.1:4010', warns: false },
    { baseUrl: 'http://127.1.2.3', warns: false },
    { baseUrl: 'http://[::1]:4010', warns: false },
    { baseUrl: 'https://proxy.example', warns: false },
    { baseUrl: 'http://127.0.0.1.evil.example', warns: true },
  ];
  for (const { baseUrl, warns } of plain) {
    it(`${baseUrl} ${warns ? 'causes a warning' : 'causes no warning'}`, (t) => {
      const warn = t.mock.method(process, 'emitWarning', () => {});
      assert.equal(resolveBaseUrl(baseUrl, false), baseUrl);
      assert.equal(warn.mock.callCount(), warns ? 1 : 0);
      if (warns) assert.deepEqual(warn.mock.calls[0]?.arguments[1], { code: 'TWILIO_VERIFY_PLAIN_HTTP' });
    });
  }

  const hosts = [
    { host: 'verify.twilio.com', isTwilios: true },
    { host: 'verify.dublin.ie1.twilio.com', isTwilios: true },
    { host: 'twilio.com', isTwilios: true },
    { host: 'proxy.example', isTwilios: false },
    { host: 'eviltwilio.com', isTwilios: false },
    { host: 'twilio.com.evil.example', isTwilios: false },
  ];
  for (const { host, isTwilios } of hosts) {
    it(`${host} in production is ${isTwilios ? 'taken' : 'taken with a warning'}`, (t) => {
      const warn = t.mock.method(process, 'emitWarning', () => {});
      assert.equal(resolveBaseUrl(`https://${host}`, true), `https://${host}`);
      assert.equal(warn.mock.callCount(), isTwilios ? 0 : 1);
      if (!isTwilios) assert.match(String(warn.mock.calls[0]?.arguments[0]), new RegExp(host.replaceAll('.', '\\.')));
    });
  }
});
