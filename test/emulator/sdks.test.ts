import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { describeStart } from '../../src/emulator/command-output';
import { allGuides, type Block, readGuide } from '../docs/support/markdown';
import { ALICE, setUp, stopAfterEach } from './support/fixture';

stopAfterEach();

const ROOT = join(__dirname, '../..');
const run = promisify(execFile);
const blocks = readGuide('docs/emulator.md').blocks;

/** Returns the one block of the guide that passes the test. */
function blockOf(isWanted: (block: Block) => boolean): Block {
  const found = blocks.filter(isWanted);
  assert.equal(found.length, 1);
  return found[0] as Block;
}

const hasPython = spawnSync('python3', ['--version']).status === 0;
const hasPythonSdk = spawnSync('python3', ['-c', 'import twilio']).status === 0;
// CI skips nothing: there, a missing Python is a failure.
const skipPython = hasPython || process.env.CI ? false : 'python3 is missing';

describe('the SDK examples in docs/emulator.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'emulator-sdks-'));
  before(() => {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    // PyPI may be out of reach. The substitute has the two classes of Twilio's package that the example uses.
    if (!hasPythonSdk) cpSync(join(__dirname, 'support/python'), folder, { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Starts an emulator, writes its settings as the command prints them, and runs a shell script in their folder. */
  async function send(script: string) {
    const { emulator } = await setUp();
    writeFileSync(join(folder, 'emulator.env'), describeStart(emulator));
    const { stdout } = await run('sh', ['-euc', script], { cwd: folder });
    return { stdout, messages: emulator.messages(ALICE), requests: emulator.requests() };
  }

  function write({ file = '', text }: Block) {
    writeFileSync(join(folder, file), text);
  }

  it('send a code with curl', async () => {
    const { stdout, messages } = await send(blockOf(({ text }) => /^curl /m.test(text)).text);
    assert.equal(JSON.parse(stdout).status, 'pending');
    assert.equal(messages.length, 1);
  });

  it("send a code with Twilio's SDK for Node.js", async () => {
    write(blockOf(({ file }) => file === 'send.mjs'));
    const { stdout, messages } = await send(blockOf(({ text }) => text.includes('send.mjs')).text);
    assert.equal(stdout, 'pending\n');
    assert.equal(messages.length, 1);
  });

  it("send a code with Twilio's SDK for Python", { skip: skipPython }, async () => {
    write(blockOf(({ file }) => file === 'send.py'));
    const { stdout, messages, requests } = await send('set -a; . ./emulator.env; python3 send.py');
    assert.equal(stdout, 'pending\n');
    assert.equal(messages.length, 1);
    assert.match(requests[0]?.path ?? '', /^\/v2\/Services\/VA[0-9a-f]{32}\/Verifications$/);
  });

  it('start the command of this package with npx', () => {
    const texts = allGuides().map(({ text }) => text);
    const commands = texts.flatMap((text) => text.match(/\bnpx [^\n`]*twilio-verify-emulator/g) ?? []);
    assert.ok(commands.length >= 8);
    for (const command of commands) assert.equal(command, 'npx -p passport-twilio-verify twilio-verify-emulator');
  });
});
