import assert from 'node:assert/strict';
import test from 'node:test';
import { startVerifyEmulator } from 'passport-twilio-verify/emulator';
import { createApp } from './support/app';

// An application's own test, with Twilio's SDK instead of the strategy.
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
