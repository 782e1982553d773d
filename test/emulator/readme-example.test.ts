import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { startVerifyEmulator } from 'passport-twilio-verify/emulator';
import { createApp } from './support/app';

// The README's example, word for word: an application's own test.
test('a user signs in with the code from the SMS', async () => {
  const emulator = await startVerifyEmulator();
  const app = await createApp({ verifyBaseUrl: emulator.url });
  await app.post('/login', { phone: '+12025550123' });
  const code = await emulator.codeFor('+12025550123');
  assert.equal((await app.post('/verify', { phone: '+12025550123', code })).status, 200);
  assert.equal((await app.post('/verify', { phone: '+12025550123', code })).status, 404);
  await app.close();
  await emulator.stop();
});

const TITLE = 'a user signs in with the code from the SMS';
const README = join(__dirname, '../../README.md');
const readme = existsSync(README) ? readFileSync(README, 'utf8') : '';

test('the README shows this example word for word', { skip: !readme.includes(TITLE) }, () => {
  const example = new RegExp(`^test\\('${TITLE}'[^]*?^\\}\\);$`, 'm').exec(readFileSync(__filename, 'utf8'))?.[0];
  assert.ok(example !== undefined && readme.includes(example));
});
