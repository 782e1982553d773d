/**
 * The two calls of Twilio Verify that a sign-in needs. Each verification exists, and each code is correct. The emulator
 * needs more processor time, which it would take from the load.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { talk } from './talk.js';

/** Delay of each answer after `beSlow`. */
const DELAY_MS = 2_000;

let isSlow = false;
let created = 0;
let checked = 0;

/** The SID contains the phone number, so the stub stores nothing. */
function verification(sid: string, status: string): string {
  const now = new Date().toISOString();
  const to = `+${BigInt(`0x${sid.slice(2)}`)}`;
  return JSON.stringify({
    sid,
    service_sid: process.env.SERVICE_SID,
    account_sid: process.env.ACCOUNT_SID,
    to,
    channel: 'sms',
    status,
    valid: status === 'approved',
    date_created: now,
    date_updated: now,
    lookup: {},
    amount: null,
    payee: null,
    send_code_attempts: [],
    sna: null,
    url: null,
  });
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const form = new URLSearchParams(body);
    const isCheck = request.url?.endsWith('/VerificationCheck') ?? false;
    if (isCheck) checked += 1;
    else created += 1;
    const sid = `VE${BigInt((form.get('To') ?? '+0').slice(1))
      .toString(16)
      .padStart(32, '0')}`;
    const answer = isCheck ? verification(form.get('VerificationSid') ?? '', 'approved') : verification(sid, 'pending');
    const send = () => {
      response.writeHead(isCheck ? 200 : 201, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(answer),
      });
      response.end(answer);
    };
    if (isSlow) setTimeout(send, DELAY_MS);
    else send();
  });
});

server.listen(0, '127.0.0.1', 4_096, () => {
  const { port } = server.address() as AddressInfo;
  const beSlow = () => {
    isSlow = true;
  };
  talk({ url: `http://127.0.0.1:${port}` }, { counts: () => created + checked, beSlow });
});
