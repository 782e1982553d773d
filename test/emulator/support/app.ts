import type { AddressInfo } from 'node:net';
import express from 'express';
import twilio from 'twilio';
import { RedirectingClient } from './client';

/** The smallest application that uses Verify, with Twilio's SDK. */
export async function createApp({ verifyBaseUrl }: { readonly verifyBaseUrl: string }) {
  const httpClient = new RedirectingClient(verifyBaseUrl);
  const client = twilio(`AC${'e0'.repeat(16)}`, 'emulator-auth-token', { httpClient });
  const service = client.verify.v2.services(`VA${'e0'.repeat(16)}`);
  const app = express();
  app.use(express.json());
  app.post('/login', async (req, res) => {
    await service.verifications.create({ to: req.body.phone, channel: 'sms' });
    res.sendStatus(202);
  });
  app.post('/verify', async (req, res) => {
    const { phone: to, code } = req.body;
    const { status } = await service.verificationChecks.create({ to, code }).catch((error) => error);
    res.sendStatus(status === 'approved' ? 200 : status === 'pending' ? 422 : status);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    post: (path: string, body: object) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
