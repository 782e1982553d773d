import assert from 'node:assert/strict';
import net, { type AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { addUser, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

describe('the connections to Twilio', () => {
  let app: TestApp;
  let proxy: net.Server;
  let connections = 0;
  const open = new Set<net.Socket>();

  before(async () => {
    // Passes bytes on, and counts who comes.
    proxy = net.createServer((socket) => {
      connections += 1;
      const { port } = new URL(app.emulator.url);
      const onward = net.connect(Number(port), '127.0.0.1');
      for (const [from, to] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        open.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => open.delete(from));
      }
    });
    proxy.listen(0, '127.0.0.1');
    await new Promise((resolve) => proxy.once('listening', resolve));
    const { port } = proxy.address() as AddressInfo;
    app = await startTestApp({ twoFactor: { baseUrl: `http://127.0.0.1:${port}` } });
  });
  after(() => {
    for (const socket of open) socket.destroy();
    proxy.close();
  });

  it('connections are kept alive: successive calls use the same one', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { browser, code } = await waitForCode(app);
      assert.equal((await browser.post('/2fa/verify', { code })).status, 303);
    }
    assert.ok(app.emulator.requests().length >= 10);
    assert.equal(connections, 1);
  });

  it('each parallel call has its own connection, so none waits in line', async () => {
    const users = Array.from({ length: 40 }, () => addUser(app));
    const browsers = await Promise.all(users.map(({ id }) => app.signedIn(id)));
    const before = connections;
    app.emulator.fail({ call: 'create', times: 40, delayMs: 300 });
    const started = performance.now();
    const answers = await Promise.all(browsers.map((browser) => browser.post('/2fa', { method: 'sms' })));
    for (const { location } of answers) assert.equal(location, '/2fa/verify');
    // With the SDK's own twenty sockets the second half would wait for the first.
    assert.ok(connections - before >= 39, `${connections - before} connections`);
    assert.ok(performance.now() - started < 3_000);
  });

  it('connections are kept after a burst: the next burst opens few new ones', async () => {
    const users = Array.from({ length: 40 }, () => addUser(app));
    const browsers = await Promise.all(users.map(({ id }) => app.signedIn(id)));
    const before = connections;
    await Promise.all(browsers.map((browser) => browser.post('/2fa', { method: 'sms' })));
    // With the SDK's own five that are kept, thirty-five would be.
    assert.ok(connections - before <= 10, `${connections - before} new connections`);
  });
});
