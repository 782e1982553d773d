import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { nodeFileTrace } from '@vercel/nft';
import { build } from 'esbuild';
import { APP } from './consumer-app.js';
import { installPackage, type Project, run, sameVersion } from './support.js';

/** Signs a user in, and prints what the pages, the assets, and a second language look like. */
const PROGRAM = `
const { startVerifyEmulator } = require('passport-twilio-verify/emulator');
const { createApp } = require('./app.cjs');

(async () => {
  const emulator = await startVerifyEmulator();
  const server = createApp(emulator, process.argv[2] ? { views: process.argv[2] } : {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  let cookie = '';
  const request = async (path, form, headers = {}) => {
    const answer = await fetch('http://127.0.0.1:' + server.address().port + path, {
      redirect: 'manual', headers: { accept: 'text/html', cookie, ...headers },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return answer.text();
  };
  await request('/login', {});
  const start = await request('/2fa');
  const german = await request('/2fa', undefined, { 'accept-language': 'de' });
  const [stylesheet, script] = [/href="([^"]*\\.css[^"]*)"/, /src="([^"]*\\.js[^"]*)"/].map((url) => url.exec(start)[1]);
  const assets = [await request(stylesheet), await request(script)];
  await request('/2fa', { method: 'sms' });
  const code = await request('/2fa/verify');
  await request('/2fa/verify', { code: await emulator.codeFor('+12025550123') });
  const account = await request('/account');
  console.log(JSON.stringify({ start, german, stylesheet, assets, code, account }));
  server.closeAllConnections();
  server.close();
  await emulator.stop();
})();
`;

interface Printed {
  readonly start: string;
  readonly german: string;
  readonly stylesheet: string;
  readonly assets: readonly string[];
  readonly code: string;
  readonly account: string;
}

const ASSETS = path.join(__dirname, '..', '..', 'views', 'assets');

function assertComplete(stdout: string): void {
  const { start, german, stylesheet, assets, code, account }: Printed = JSON.parse(stdout);
  assert.match(start, /name="method"/);
  assert.match(german, /<html lang="de"/);
  assert.match(stylesheet, /\.css\?v=\d+\.\d+\.\d+/);
  assert.deepEqual(
    assets,
    ['twilio-2fa.css', 'twilio-2fa.js'].map((name) => readFileSync(path.join(ASSETS, name), 'utf8')),
  );
  assert.match(code, /autocomplete="one-time-code"/);
  assert.equal(account, 'account of 1');
}

describe('an app that is deployed without node_modules', () => {
  let project: Project;
  let empty: string;
  const packages = ['express', 'passport', 'express-session'].map(sameVersion);
  before(async () => {
    project = await installPackage(packages);
    project.write('app.cjs', APP);
    project.write('program.cjs', PROGRAM);
    project.write(
      'views/start.html',
      '{% extends "_base.html" %}{% block content %}name="method" of the app{% endblock %}',
    );
    empty = mkdtempSync(path.join(os.tmpdir(), 'deployed-'));
  });
  after(() => {
    project?.remove();
    rmSync(empty, { recursive: true, force: true });
  });

  const bundle = async (options: { readonly minify?: boolean } = {}) => {
    const folder = mkdtempSync(path.join(empty, 'bundle-'));
    const outfile = path.join(folder, 'app.cjs');
    await build({
      absWorkingDir: project.folder,
      entryPoints: ['program.cjs'],
      outfile,
      bundle: true,
      platform: 'node',
      logLevel: 'error',
      ...options,
    });
    return { folder, outfile };
  };

  for (const minify of [false, true]) {
    it(`signs a user in from one file of esbuild, ${minify ? 'minified' : 'as it is'}, in an empty folder`, async () => {
      const { folder, outfile } = await bundle({ minify });
      assertComplete((await run(folder, process.execPath, [outfile])).stdout);
    });
  }

  it('a bundle reads templates from a folder next to it', async () => {
    const { folder, outfile } = await bundle();
    cpSync(path.join(project.folder, 'views'), path.join(folder, 'views'), { recursive: true });
    const { stdout } = await run(folder, process.execPath, [outfile, path.join(folder, 'views')]);
    const { start, code }: Printed = JSON.parse(stdout);
    assert.match(start, /of the app/);
    assert.match(code, /autocomplete="one-time-code"/);
  });

  it('signs a user in from the files that the tracer of Next.js finds, and from no other', async () => {
    const entry = path.join(project.folder, 'program.cjs');
    // Node resolves this condition. nft overlooks it in a list, as in `async-function`, which Express depends on.
    const conditions = ['node', 'module-sync'];
    const { fileList } = await nodeFileTrace([entry], { base: project.folder, conditions });
    const files = [...fileList];
    assert.ok(files.includes('node_modules/passport-twilio-verify/dist/shipped-files.js'), files.join('\n'));
    assert.ok(!files.some((file) => file.startsWith('node_modules/passport-twilio-verify/views/')));
    const folder = mkdtempSync(path.join(empty, 'traced-'));
    for (const file of files) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      cpSync(path.join(project.folder, file), path.join(folder, file), { dereference: true });
    }
    assertComplete((await run(folder, process.execPath, ['program.cjs'])).stdout);
  });

  it('a copy without dist/shipped-files.js throws ERR_TWILIO_VERIFY_FILE', async () => {
    const folder = mkdtempSync(path.join(empty, 'partial-'));
    cpSync(path.join(project.installed, 'dist', 'index.js'), path.join(folder, 'index.js'));
    cpSync(path.join(project.folder, 'node_modules'), path.join(folder, 'node_modules'), { recursive: true });
    const program = `
      const { TwilioVerifyStrategy } = require('./index.js');
      const twoFactor = new TwilioVerifyStrategy({ phoneNumber: () => undefined, storePhoneNumber: () => {} });
      const app = require('express')();
      app.use('/2fa', twoFactor.router());
      app.use((error, req, res, next) => res.status(error.status).send(error.code + ' ' + error.message));
      const server = app.listen(0, '127.0.0.1', async () => {
        console.log(await (await fetch('http://127.0.0.1:' + server.address().port + '/2fa/assets/twilio-2fa.css')).text());
        server.close();
      });`;
    const { stdout } = await run(folder, process.execPath, ['-e', program]);
    assert.match(
      stdout,
      /^ERR_TWILIO_VERIFY_FILE dist\/shipped-files\.js .*is missing.*docs\/errors\.md#err_twilio_verify_file/,
    );
  });
});
