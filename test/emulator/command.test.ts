import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { MAGIC_NUMBERS } from '../../src/emulator/index';

const COMMAND = join(__dirname, '../../src/emulator/command.ts');
const started = new Set<ReturnType<typeof spawn>>();

afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
});

/** Runs the command. `until` waits for a text that it prints, `ended` for its end. */
function run(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  started.add(child);
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (text.stdout += chunk));
  child.stderr.on('data', (chunk) => (text.stderr += chunk));
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  const until = (wanted: RegExp, stream: 'stdout' | 'stderr' = 'stdout') =>
    new Promise<string>((resolve, reject) => {
      const look = () => wanted.test(text[stream]) && resolve(text[stream]);
      child[stream].on('data', look);
      void ended.then((code) => reject(new Error(`it ended with ${code}: ${text.stderr}`)));
      look();
    });
  return { child, text, ended, until };
}

/** Reads the settings that the command printed. */
function readSettings(stdout: string) {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const basic = (user: string, password: string) => `Basic ${btoa(`${value(user)}:${value(password)}`)}`;
  return {
    url: value('TWILIO_VERIFY_BASE_URL'),
    serviceSid: value('TWILIO_VERIFY_SERVICE_SID'),
    authorization: basic('TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'),
    keyAuthorization: basic('TWILIO_API_KEY', 'TWILIO_API_SECRET'),
  };
}

/** Sends a code with the settings that the command printed, as a shell would. */
async function sendBy(stdout: string, form: Record<string, string>) {
  const { url, serviceSid, authorization } = readSettings(stdout);
  const body = new URLSearchParams({ To: '+12025550123', Channel: 'sms', ...form });
  const path = `/v2/Services/${serviceSid}/Verifications`;
  return fetch(url + path, { method: 'POST', headers: { Authorization: authorization }, body });
}

describe('the command', () => {
  it('prints what a shell can source, the same each time, then each message', async () => {
    const outputs = [];
    for (let times = 0; times < 2; times += 1) {
      const { child, until } = run('--port', '0');
      const stdout = await until(/^# The messages/m);
      assert.equal((await sendBy(stdout, {})).status, 201);
      outputs.push(await until(/sms to \+12025550123: Your Emulator verification code is: \d{6}/));
      child.kill('SIGINT');
    }
    const [one, two] = outputs.map((output) =>
      output
        .replace(/:\d{4,5}/g, '')
        .split('\n')
        .slice(0, 6),
    );
    assert.deepEqual(one, two);
    const script = `${outputs[0]}\necho "$TWILIO_ACCOUNT_SID $TWILIO_AUTH_TOKEN $TWILIO_API_KEY $TWILIO_API_SECRET $TWILIO_VERIFY_SERVICE_SID $TWILIO_VERIFY_BASE_URL"`;
    const sourced = execFileSync('sh', ['-eu', '-c', script], { encoding: 'utf8' });
    assert.match(sourced, /^AC[0-9a-f]{32} \S+ SK[0-9a-f]{32} \S+ VA[0-9a-f]{32} http:\/\/127\.0\.0\.1:\d+\n$/);
  });

  it('lets no message become a command of the shell that sources its output', async () => {
    for (const flags of [[], ['--json-log']]) {
      const { until } = run('--port', '0', '--auth-token', "it's $HOME", ...flags);
      const stdout = await until(/^# The messages/m);
      const token = stdout.replace("'it'\\''s $HOME'", "it's $HOME");
      await sendBy(token, { CustomFriendlyName: 'x\nexit 3\r$(exit 4)`exit 5`' });
      const output = await until(/verification code is/);
      execFileSync('sh', ['-c', `${output.replace(/^\{/gm, ': {')}\n[ "$TWILIO_AUTH_TOKEN" = "it's \\$HOME" ]`]);
    }
  });

  it('prints a line for each call of an operation that is not emulated', async () => {
    const { until } = run('--port', '0');
    const stdout = await until(/^# The messages/m);
    const { url, authorization } = readSettings(stdout);
    for (let calls = 0; calls < 2; calls += 1) {
      assert.equal((await fetch(`${url}/v2/Templates`, { headers: { Authorization: authorization } })).status, 501);
    }
    await until(/^(twilio-verify-emulator: The emulator does not emulate ListVerificationTemplate .*\n){2}$/, 'stderr');
  });

  it('takes its settings from flags', async () => {
    const sid = `VA${'1'.repeat(32)}`;
    const { until } = run(
      '--port',
      '0',
      '--code-length',
      '8',
      '--service-sid',
      sid,
      '--service-name',
      'Acme',
      '--json-log',
    );
    const stdout = await until(/^# The messages/m);
    assert.match(stdout, new RegExp(`^TWILIO_VERIFY_SERVICE_SID=${sid}$`, 'm'));
    await sendBy(stdout, {});
    const line = (await until(/^\{.*\}$/m)).split('\n').find((text) => text.startsWith('{')) ?? '';
    const message = JSON.parse(line);
    assert.match(message.code, /^\d{8}$/);
    assert.deepEqual([message.to, message.channel, message.serviceName], ['+12025550123', 'sms', 'Acme']);
  });

  for (const flags of [[], ['--api-key', `SK${'1'.repeat(32)}`, '--api-secret', 'a-secret']]) {
    it(`takes the API key that it prints: ${flags.join(' ') || 'the default one'}`, async () => {
      const stdout = await run('--port', '0', ...flags).until(/^# The messages/m);
      const [, key = `SK${'e0'.repeat(16)}`, , secret = 'emulator-api-secret'] = flags;
      assert.match(stdout, new RegExp(`^TWILIO_API_KEY=${key}\nTWILIO_API_SECRET=${secret}$`, 'm'));
      const { url, authorization, keyAuthorization } = readSettings(stdout);
      for (const Authorization of [authorization, keyAuthorization]) {
        assert.equal((await fetch(`${url}/v2/Services`, { headers: { Authorization } })).status, 200);
      }
    });
  }

  for (const flag of ['-h', '--help']) {
    it(`prints its options, examples, and failing numbers for ${flag}`, async () => {
      const { ended, text } = run(flag);
      assert.equal(await ended, 0);
      for (const option of [
        '--port',
        '--host',
        '--code-length',
        '--json-log',
        '--api-key',
        '-v, --version',
        'Examples',
      ])
        assert.ok(text.stdout.includes(option), option);
      for (const { number } of MAGIC_NUMBERS) assert.ok(text.stdout.includes(number), number);
      assert.equal(text.stderr, '');
    });
  }

  it('names the package in every npx command of the help', async () => {
    const { ended, text } = run('--help');
    await ended;
    const calls = text.stdout.match(/^.*twilio-verify-emulator.*$/gm) ?? [];
    assert.equal(calls.length, 4);
    for (const line of calls) assert.match(line, /npx -p passport-twilio-verify twilio-verify-emulator/);
  });

  for (const flag of ['-v', '--version']) {
    it(`prints the version of the package for ${flag}`, async () => {
      const { ended, text } = run(flag);
      assert.equal(await ended, 0);
      const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8'));
      assert.equal(text.stdout, `${version}\n`);
    });
  }

  for (const { args, problem } of [
    { args: ['--colour', 'red'], problem: /--colour/ },
    { args: ['--port', 'http'], problem: /--port must be a whole number/ },
    { args: ['--port', '70000'], problem: /--port must be a whole number from 0 to 65535/ },
    { args: ['--code-length', '3'], problem: /--code-length must be a whole number from 4 to 10/ },
    { args: ['--account-sid', 'AC1'], problem: /--account-sid/ },
    { args: ['--api-key', 'SK1'], problem: /: --api-key and --api-secret go together \(/ },
    { args: ['now'], problem: /now/ },
  ]) {
    it(`ends with 2 and one line for ${args.join(' ')}`, async () => {
      const { ended, text } = run(...args);
      assert.equal(await ended, 2);
      assert.equal(text.stdout, '');
      assert.match(text.stderr, problem);
      assert.equal(text.stderr.trimEnd().split('\n').length, 1);
    });
  }

  it('ends with 1 and one line for a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = String(typeof address === 'object' ? address?.port : '');
    const { ended, text } = run('--port', port);
    assert.equal(await ended, 1);
    assert.equal(
      text.stderr,
      `twilio-verify-emulator: Port ${port} on 127.0.0.1 is in use. Choose another one with --port.\n`,
    );
    taken.close();
  });

  it('warns where other machines could read the codes', async () => {
    for (const { host, warning } of [
      { host: '0.0.0.0', warning: /^Warning: on 0\.0\.0\.0, everyone/ },
      { host: '127.0.0.1', warning: /^$/ },
    ]) {
      const { child, ended, text, until } = run('--port', '0', '--host', host);
      await until(/^# The messages/m);
      child.kill('SIGINT');
      await ended;
      assert.match(text.stderr, warning);
    }
  });

  it('ends at once with Ctrl-C, even while a page follows it', async () => {
    const { child, ended, until } = run('--port', '0');
    const stdout = await until(/^# The messages/m);
    const url = /^TWILIO_VERIFY_BASE_URL=(.*)$/m.exec(stdout)?.[1] ?? '';
    const following = await fetch(`${url}/emulator/events`);
    child.kill('SIGINT');
    assert.equal(await ended, 0);
    await assert.rejects(following.text());
  });
});
