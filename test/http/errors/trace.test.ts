import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';

const PROGRAM = path.join(__dirname, 'support/traced-program.ts');

async function run(NODE_DEBUG: string): Promise<{ trace: string[]; secrets: string[] }> {
  const env = { ...process.env, NODE_DEBUG, NODE_NO_WARNINGS: '1' };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM], { env });
  const { secrets } = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')) ?? '{}');
  return { trace: stderr.split('\n').filter((line) => line !== ''), secrets };
}

describe('NODE_DEBUG=twilio-2fa', () => {
  let trace: string[];
  let secrets: string[];
  before(async () => {
    ({ trace, secrets } = await run('twilio-2fa'));
  });

  it('the trace shows every decision in order', () => {
    const told = trace.map((line) =>
      line
        .replace(/^TWILIO-2FA \d+: /, '')
        .replace(/ ms=\d+$/, ' ms=…')
        // On a busy machine a second goes by between the send and the resend.
        .replace(/(?<=retryAfterSeconds=)1(80|7\d)$/, '…')
        .replace(/VE\w{32}/, 'VE…'),
    );
    const forger = '"eve\\nTWILIO-2FA 1: gate"';
    const ofCode = 'verificationSid=VE… method=sms purpose=signIn';
    const about = `user=ann ${ofCode}`;
    assert.deepEqual(told, [
      'gate GET /account action=fail why=login_required',
      'gate GET /account action=redirect why=verification_required user=ann',
      'twilio create status=pending ms=…',
      `event verificationSent ${about} to="•••• 0001"`,
      'core start user=ann outcome=sent',
      'event rateLimited user=ann reason=retry_later retryAfterSeconds=…',
      'core resend user=ann outcome=refused code=retry_later',
      'twilio check status=pending ms=…',
      `event verificationRejected ${about} reason=code_wrong attemptsLeft=4`,
      'core check user=ann outcome=refused code=code_wrong',
      'gate POST /account action=fail why=code_wrong user=ann',
      'twilio check status=pending ms=…',
      `event verificationRejected ${about} reason=code_wrong attemptsLeft=3`,
      'core check user=ann outcome=refused code=code_wrong',
      'twilio check status=approved ms=…',
      'session rotated',
      `event verificationApproved user=ann by=sms ${ofCode} to="•••• 0001"`,
      'core check user=ann outcome=approved',
      'gate GET /account action=success why=verified user=ann',
      'gate GET /young action=success why=verified user=ann',
      'core change user=ann outcome=refused code=number_invalid',
      'gate GET /account action=success why=not_required user=zoe',
      'session rotated',
      'core skip user=kim outcome=done',
      'gate GET /account action=success why=skipped user=kim',
      'gate GET /account action=success why=not_required user=kim',
      'gate GET /broken action=error why=ERR_TWILIO_VERIFY_NO_SESSION',
      'twilio create http=500 twilioCode=20500 code=ERR_TWILIO_VERIFY_UNAVAILABLE ms=…',
      'event twilioError user=ann reason=ERR_TWILIO_VERIFY_UNAVAILABLE twilioCode=20500',
      'core change user=ann outcome=error code=ERR_TWILIO_VERIFY_UNAVAILABLE',
      'page refused code=cross_site',
      'core cancel user=ann outcome=done',
      'twilio create status=pending ms=…',
      `event verificationSent user=${forger} verificationSid=VE… method=sms purpose=signIn to="•••• 0188"`,
      `core start user=${forger} outcome=sent`,
      'twilio check status=approved ms=…',
      'session rotated',
      `event verificationApproved user=${forger} by=sms verificationSid=VE… method=sms purpose=signIn to="•••• 0188"`,
      `core check user=${forger} outcome=approved`,
      `gate POST /account action=success why=approved user=${forger}`,
      'twilio create code=ERR_TWILIO_VERIFY_UNAVAILABLE cause=ECONNREFUSED ms=…',
      'event twilioError user=ann reason=ERR_TWILIO_VERIFY_UNAVAILABLE cause=ECONNREFUSED',
      'core change user=ann outcome=error code=ERR_TWILIO_VERIFY_UNAVAILABLE',
    ]);
  });

  it('the trace holds no code, number, token, session ID, cookie, or query', () => {
    assert.ok(secrets.length > 10);
    for (const secret of secrets) {
      assert.ok(secret.length > 3);
      assert.ok(!trace.some((line) => line.includes(secret)), secret);
    }
  });
});

describe('without NODE_DEBUG, or with that of others', () => {
  for (const NODE_DEBUG of ['', 'http2']) {
    it(`nothing is printed: "${NODE_DEBUG}"`, async () => {
      const { trace, secrets } = await run(NODE_DEBUG);
      assert.deepEqual(trace, []);
      assert.ok(secrets.length > 10);
    });
  }
});
