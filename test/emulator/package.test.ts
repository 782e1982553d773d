import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { packPackage } from '../package/support.js';

const ROOT = join(__dirname, '../..');

describe('the packed emulator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'emulator-package-'));
  const user = join(folder, 'user');
  const installed = join(user, 'node_modules', 'passport-twilio-verify');

  before(async () => {
    const tarball = join(folder, (await packPackage(folder)).filename);
    // Unpacked as npm does, without any dependency: the emulator needs none.
    mkdirSync(installed, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
    mkdirSync(join(user, 'node_modules', '.bin'));
    const bin = join(installed, 'dist/emulator/command.js');
    execFileSync('chmod', ['+x', bin]);
    symlinkSync(bin, join(user, 'node_modules', '.bin', 'twilio-verify-emulator'));
    writeFileSync(join(user, 'package.json'), '{"name":"user","private":true}');
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('prints its version with npx', () => {
    const args = ['-p', 'passport-twilio-verify', 'twilio-verify-emulator', '--version'];
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    assert.equal(execFileSync('npx', args, { cwd: user, encoding: 'utf8' }), `${version}\n`);
  });

  it('serves curl, started with npx', async () => {
    // In its own process group, because npx starts it through a shell.
    const command = spawn('npx', ['-p', 'passport-twilio-verify', 'twilio-verify-emulator', '--port', '0'], {
      cwd: user,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      let output = '';
      const read = (wanted: RegExp) =>
        new Promise<string>((resolve, reject) => {
          const look = () => wanted.test(output) && resolve(output);
          command.stdout.on('data', (chunk) => {
            output += chunk;
            look();
          });
          command.once('close', (code) => reject(new Error(`it ended with ${code}`)));
          look();
        });
      const environment = await read(/^# The messages/m);
      const create = /^curl [\s\S]*?\/Verifications"?$/m.exec(
        readFileSync(join(ROOT, 'docs/emulator.md'), 'utf8'),
      )?.[0];
      assert.ok(create !== undefined, 'docs/emulator.md shows how to call it with curl');
      const answer = execFileSync('sh', ['-euc', `${environment}\n${create}`], { encoding: 'utf8' });
      assert.equal(JSON.parse(answer).status, 'pending');
      assert.match(await read(/verification code is/), /code is: \d{6}/);
    } finally {
      if (command.exitCode === null && command.pid !== undefined) process.kill(-command.pid, 'SIGINT');
    }
  });

  const script =
    'startVerifyEmulator().then(async (e) => { console.log(e.url, e.messages().length); await e.stop(); })';
  for (const { name, args } of [
    {
      name: 'require',
      args: ['-e', `const { startVerifyEmulator } = require('passport-twilio-verify/emulator'); ${script}`],
    },
    {
      name: 'import',
      args: [
        '--input-type=module',
        '-e',
        `import { startVerifyEmulator } from 'passport-twilio-verify/emulator'; ${script}`,
      ],
    },
  ]) {
    it(`loads with ${name}`, () => {
      const output = execFileSync(process.execPath, args, { cwd: user, encoding: 'utf8' });
      assert.match(output, /^http:\/\/127\.0\.0\.1:\d+ 0\n$/);
    });
  }

  it('exports the same function through require and import', () => {
    const text = `import { createRequire } from 'node:module'; import * as esm from 'passport-twilio-verify/emulator';
      console.log(createRequire(import.meta.url)('passport-twilio-verify/emulator').startVerifyEmulator === esm.startVerifyEmulator);`;
    writeFileSync(join(user, 'same.mjs'), text);
    assert.equal(execFileSync(process.execPath, ['same.mjs'], { cwd: user, encoding: 'utf8' }), 'true\n');
  });

  it('contains its types, and nothing of Twilio’s description', () => {
    for (const name of ['index.d.ts', 'index.d.mts', 'index.js', 'index.mjs']) {
      assert.ok(existsSync(join(installed, 'dist/emulator', name)), name);
    }
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      files.filter((name) => /oai|twilio_.*\.json|\.test\./.test(name)),
      [],
    );
  });
});
