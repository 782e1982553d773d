import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import { inspect } from 'node:util';
import { TwilioVerifyError } from '../../../src/common/errors.js';
import { HttpClient } from '../../../src/twilio/http-client.js';
import { trustedCertificates } from '../../../src/twilio/trusted-certificates.js';
import { CA_FILE, startProxy, startTlsServer, withNetwork } from '../../support/private-ca.js';

const GET = {
  method: 'get',
  uri: 'https://verify.twilio.com/v2/Services',
  username: 'AC1',
  password: 'the password',
} as const;

const client = (baseUrl?: string) => new HttpClient({ baseUrl, timeoutMs: 10_000 });

describe('connections through a proxy, in a network with a private CA', () => {
  const plain = http.createServer(({ headers }, response) => void response.end(headers.host));
  let port: number;
  before(async () => {
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    port = await startTlsServer(`http://127.0.0.1:${(plain.address() as AddressInfo).port}`);
  });
  after(() => {
    plain.closeAllConnections();
    plain.close();
  });

  for (const variable of ['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy']) {
    it(`calls go through the proxy in ${variable}, and TWILIO_CA_BUNDLE is trusted behind it`, async () => {
      const proxy = await startProxy({ port });
      await withNetwork({ [variable]: `http://127.0.0.1:${proxy.port}`, TWILIO_CA_BUNDLE: CA_FILE }, async () => {
        assert.deepEqual((await client().request(GET)).body, 'verify.twilio.com');
      });
      assert.deepEqual(proxy.tunnels, ['verify.twilio.com:443']);
    });
  }

  it('a proxy with a user name and a password gets both', async () => {
    const proxy = await startProxy({ port });
    const HTTPS_PROXY = `http://ann:hunter2@127.0.0.1:${proxy.port}`;
    await withNetwork({ HTTPS_PROXY, TWILIO_CA_BUNDLE: CA_FILE }, async () => {
      assert.equal((await client().request(GET)).statusCode, 200);
    });
    assert.deepEqual(proxy.credentials, [`Basic ${btoa('ann:hunter2')}`]);
  });

  it('hosts in NO_PROXY are called without the proxy', async () => {
    const proxy = await startProxy({ status: 502 });
    const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
    await withNetwork({ HTTPS_PROXY, NO_PROXY: 'localhost,127.0.0.1', TWILIO_CA_BUNDLE: CA_FILE }, async () => {
      assert.equal((await client(`https://127.0.0.1:${port}`).request(GET)).body, `127.0.0.1:${port}`);
    });
    assert.deepEqual(proxy.tunnels, []);
  });

  for (const { name, variables, code } of [
    { name: 'a proxy', variables: (port: number) => ({ HTTPS_PROXY: `http://127.0.0.1:${port}` }) },
    { name: 'no proxy', variables: () => ({}) },
  ].map((row) => ({ ...row, code: /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT/ }))) {
    it(`a CA that is not trusted is an error before anything is sent, with ${name}`, async () => {
      const proxy = await startProxy({ port });
      await withNetwork(variables(proxy.port), async () => {
        const call = client(`https://localhost:${port}`).request(GET);
        await assert.rejects(call, { code, wasSent: false });
      });
    });
  }

  it('a proxy that refuses is named with its status, without its password', async () => {
    const proxy = await startProxy({ status: 407 });
    await withNetwork({ HTTPS_PROXY: `http://ann:hunter2@127.0.0.1:${proxy.port}` }, async () => {
      await assert.rejects(client().request(GET), (error: Error & { wasSent?: boolean }) => {
        assert.equal(error.message, 'UND_ERR_ABORTED: the proxy answered 407');
        assert.equal(error.wasSent, false);
        assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /hunter2|the password/);
        return true;
      });
    });
  });

  it('a proxy that is down is an error before anything is sent', async () => {
    await withNetwork({ HTTPS_PROXY: 'http://127.0.0.1:1' }, async () => {
      await assert.rejects(client().request(GET), { message: 'ECONNREFUSED at 127.0.0.1:1', wasSent: false });
    });
  });

  for (const { name, variables, says } of [
    {
      name: 'a proxy that is not a URL',
      variables: { HTTPS_PROXY: 'ann:hunter2@proxy.example.com:3128' },
      says: /proxy that HTTPS_PROXY or HTTP_PROXY names.*such as http:\/\/proxy\.example\.com:3128/,
    },
    {
      name: 'a bundle that does not exist',
      variables: { TWILIO_CA_BUNDLE: '/hunter2/nothing.pem' },
      says: /TWILIO_CA_BUNDLE.*ENOENT.*PEM certificates/,
    },
    {
      name: 'a bundle without a certificate',
      variables: { TWILIO_CA_BUNDLE: __filename.replace(/[^/]+$/, 'locale.test.ts') },
      says: /TWILIO_CA_BUNDLE.*contains no PEM certificate/,
    },
  ]) {
    it(`${name} is an error of the configuration`, async () => {
      await withNetwork(variables as unknown as Record<string, string>, async () => {
        await assert.rejects(client().request(GET), (error) => {
          assert.ok(error instanceof TwilioVerifyError);
          assert.equal(error.code, 'ERR_TWILIO_VERIFY_CONFIGURATION');
          assert.match(error.message, says);
          assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /hunter2/);
          return true;
        });
      });
    });
  }
});

describe('trustedCertificates', () => {
  it("Node's own list is left alone without TWILIO_CA_BUNDLE", () => {
    assert.equal(trustedCertificates({ NODE_EXTRA_CA_CERTS: CA_FILE }), undefined);
  });

  it("TWILIO_CA_BUNDLE is added to Node's list and to NODE_EXTRA_CA_CERTS", () => {
    const { ca = [] } = trustedCertificates({ TWILIO_CA_BUNDLE: CA_FILE, NODE_EXTRA_CA_CERTS: CA_FILE }) ?? {};
    assert.equal(ca.length, tls.rootCertificates.length + 2);
    assert.deepEqual(ca.slice(0, -2), tls.rootCertificates);
  });

  it('an unreadable file in NODE_EXTRA_CA_CERTS is ignored, as by Node', () => {
    const { ca = [] } = trustedCertificates({ TWILIO_CA_BUNDLE: CA_FILE, NODE_EXTRA_CA_CERTS: '/nothing.pem' }) ?? {};
    assert.equal(ca.length, tls.rootCertificates.length + 1);
  });
});
