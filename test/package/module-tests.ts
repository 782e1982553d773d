import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { type Project, ROOT, run } from './support.js';

const LOCALES = path.join(ROOT, 'views', 'locales');

/** Signs in, and on the way makes the same mistake in each language that the command line names. */
const LANGUAGES_PROGRAM = `
  import { startVerifyEmulator } from 'passport-twilio-verify/emulator';
  import app from './app.cjs';
  const emulator = await startVerifyEmulator();
  const server = app.createApp(emulator).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  let cookie = '';
  const ask = async (path, form, more = { accept: 'text/html' }) => {
    const answer = await fetch('http://127.0.0.1:' + server.address().port + path, {
      redirect: 'manual', headers: { cookie, ...more }, ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return answer;
  };
  await ask('/login', {});
  const page = await (await ask('/2fa')).text();
  const texts = [];
  for (const language of process.argv.slice(2)) {
    const headers = { accept: 'application/json', 'accept-language': language };
    const answer = await ask('/2fa', { method: 'pigeon' }, headers);
    texts.push({ language: answer.headers.get('content-language'), text: (await answer.json()).detail });
  }
  await ask('/2fa', { method: 'sms' });
  await ask('/2fa/verify', { code: await emulator.codeFor('+12025550123') });
  const account = await (await ask('/account')).text();
  console.log(JSON.stringify({ page: page.includes('value="sms"'), texts, account }));
  server.closeAllConnections();
  server.close();
  await emulator.stop();
`;

/** Loads both entry points by `require` and by `import`, and runs them. */
export function testModules(given: () => Project): void {
  for (const entry of ['passport-twilio-verify', 'passport-twilio-verify/emulator']) {
    it(`${entry} is the same through require and through import`, async () => {
      const file = given().write(
        'same.cjs',
        `const required = require('${entry}');
        import('${entry}').then((imported) => {
          const names = Object.keys(required).filter((name) => name !== '__esModule');
          const same = names.filter((name) => imported[name] === required[name]);
          console.log(JSON.stringify({ names, same, own: Object.keys(imported).filter((name) => !/^(default|__esModule|module\\.exports)$/.test(name)) }));
        });`,
      );
      const { names, same, own } = JSON.parse((await given().node(file)).stdout);
      assert.ok(names.length > 0);
      assert.deepEqual(same, names);
      assert.deepEqual(own.sort(), names.sort());
    });
  }

  it('the named export is the same class in a module', async () => {
    const file = given().write(
      'same.mjs',
      `import { createRequire } from 'node:module';
      import { Strategy, TwilioVerifyStrategy } from 'passport-twilio-verify';
      const required = createRequire(import.meta.url)('passport-twilio-verify');
      console.log(Strategy === TwilioVerifyStrategy && required.TwilioVerifyStrategy === TwilioVerifyStrategy);`,
    );
    assert.equal((await given().node(file)).stdout.trim(), 'true');
  });

  it('unpacks the languages once, for all strategies', async () => {
    const file = given().write(
      'languages-once.cjs',
      `const files = require('./node_modules/passport-twilio-verify/dist/shipped-files.js');
      console.log(Object.keys(files.unpackLanguages()).length, files.unpackLanguages() === files.unpackLanguages());`,
    );
    assert.equal((await given().node(file)).stdout.trim(), `${readdirSync(LOCALES).length - 1} true`);
  });

  it('brings the command of the emulator', async () => {
    const command = path.join(given().folder, 'node_modules', '.bin', 'twilio-verify-emulator');
    const { stdout } = await run(given().folder, command, ['--help']);
    assert.match(stdout, /twilio-verify-emulator/);
  });

  it('takes a user through both steps, with its own emulator and its own views, in every language', async () => {
    const file = given().write('languages.mjs', LANGUAGES_PROGRAM);
    const languages = readdirSync(LOCALES).map((name) => path.basename(name, '.json'));
    const expected = languages.map((language) => {
      const texts = JSON.parse(readFileSync(path.join(LOCALES, `${language}.json`), 'utf8'));
      return { language, text: texts['refusal.method_unknown'] };
    });
    const { page, texts, account } = JSON.parse((await given().node(file, ...languages)).stdout);
    assert.equal(page, true);
    assert.deepEqual(texts, expected);
    assert.equal(account, 'account of 1');
  });
}
