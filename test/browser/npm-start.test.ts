import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { visit } from '../support/browser.js';
import { choose, enterCode, signIn } from './support/steps.js';

const ROOT = path.join(__dirname, '..', '..');

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

describe('npm start', () => {
  it('npm start serves the example, and a phone that shows the code', async (test) => {
    const [port, emulatorPort] = [await freePort(), await freePort()];
    const { TWILIO_ACCOUNT_SID: _, REDIS_URL: __, ...env } = process.env;
    const child = spawn(process.execPath, ['--import', 'tsx', 'example/server.ts'], {
      cwd: ROOT,
      env: { ...env, PORT: String(port), EMULATOR_PORT: String(emulatorPort) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    test.after(() => child.kill());
    const urls: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      urls.push(...(line.match(/http:\/\/[\d.:]+/) ?? []));
      if (urls.length === 2) break;
    }
    assert.deepEqual(urls, [`http://127.0.0.1:${port}`, `http://127.0.0.1:${emulatorPort}`]);

    const { page } = await visit(`http://127.0.0.1:${port}`);
    await signIn(page, 'alice');
    await choose(page, 'sms');
    const phone = (await visit(`http://127.0.0.1:${emulatorPort}`)).page;
    await phone.goto('/');
    await enterCode(page, (await phone.locator('.message.sms strong').textContent()) ?? '');
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
  });
});
