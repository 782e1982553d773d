import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { installPackage, type Project, ROOT, run, sameVersion } from './support.js';

/** The twenty lines that add the package to an application. */
const APPLICATION = `
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { TwilioVerifyStrategy } from 'passport-twilio-verify';

interface User {
  id: string;
  phoneNumber?: string;
}
const users = new Map<string, User>([['1', { id: '1', phoneNumber: '+12025550123' }]]);

const twoFactor = new TwilioVerifyStrategy<User>({
  serviceSid: process.env.TWILIO_VERIFY_SERVICE_SID ?? 'VA',
  phoneNumber: ({ user }) => user.phoneNumber,
  storePhoneNumber: ({ user, phoneNumber }) => {
    user.phoneNumber = phoneNumber;
  },
});
passport.use(twoFactor);
passport.serializeUser((user, done) => done(null, (user as User).id));
passport.deserializeUser((id: string, done) => done(null, users.get(id) ?? false));

const app = express();
app.use(session({ secret: 'secret', resave: false, saveUninitialized: false }));
app.use(passport.session(), twoFactor.session());
app.post('/login', passport.authenticate('local'), twoFactor.sendOnLogin(), (_req, res) => res.redirect('/account'));
app.use('/2fa', twoFactor.router());
app.get('/account', passport.authenticate('twilio-2fa'), (req, res) => {
  res.send((req.user as User).id);
});
app.get('/young', passport.authenticate('twilio-2fa', { maxAgeSeconds: 300 }), (_req, res) => {
  res.send('young');
});
twoFactor.on('verificationSent', ({ verificationSid, user, method, timestamp }) => {
  console.log(verificationSid, user.phoneNumber, method, timestamp.toISOString());
});
`;

/** What the types must let through, and what they must not. */
const TYPES = `
import type { Request } from 'express';
import { Strategy, TwilioVerifyError, TwilioVerifyStrategy } from 'passport-twilio-verify';
import type { CreateLimiter, Method, TwilioVerifyStrategyOptions, VerifyCallback } from 'passport-twilio-verify';
import { startVerifyEmulator, type VerifyEmulator } from 'passport-twilio-verify/emulator';

interface User {
  id: string;
}
const options = {
  phoneNumber: async () => undefined,
  storePhoneNumber: () => {},
} satisfies TwilioVerifyStrategyOptions<User>;
const verify: VerifyCallback<User> = (user, info, done) => done(null, info.method === 'sms' && user);

new Strategy<User>(options, verify);
new TwilioVerifyStrategy<User>({ ...options, passReqToCallback: true }, (req: Request, user, _info, done) => {
  done(null, req.ip ? user : false);
});
new TwilioVerifyStrategy<User>({ ...options, passReqToCallback: false }, (user, _info, done) => done(null, user));
const strategy = new TwilioVerifyStrategy<User>(options);
strategy.on('audit', (record) => JSON.stringify(record)).once('rateLimited', ({ reason }) => reason);
export const unlocked: Promise<void> = strategy.unlock('1');
export const emulator: Promise<VerifyEmulator> = startVerifyEmulator({ port: 0 });
export const method: Method = 'sms';
export const isOurs = (error: unknown) => error instanceof TwilioVerifyError && error.code.startsWith('ERR_');
export type Made = ReturnType<CreateLimiter>;

// @ts-expect-error phoneNumber has no default
new TwilioVerifyStrategy<User>({ storePhoneNumber: () => {} });
// @ts-expect-error there is no such option
new TwilioVerifyStrategy<User>({ ...options, fone: 1 });
// @ts-expect-error there is no such method
new TwilioVerifyStrategy<User>({ ...options, allowedMethods: ['pigeon'] });
// @ts-expect-error with passReqToCallback the request comes first
new TwilioVerifyStrategy<User>({ ...options, passReqToCallback: true }, (user: User, _info: object, done: () => void) => done());
// @ts-expect-error there is no such event
strategy.on('verified', () => {});
`;

/** What stands in a file of its own in many an application. */
const ANNOTATED = `
import { TwilioVerifyStrategy, type TwilioVerifyStrategyOptions } from 'passport-twilio-verify';

const options: TwilioVerifyStrategyOptions<{ id: string }> = { phoneNumber: () => '', storePhoneNumber: () => {} };
export const strategy = new TwilioVerifyStrategy(options);
`;

const STRICT = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  noEmit: true,
  noUncheckedIndexedAccess: true,
  esModuleInterop: true,
  skipLibCheck: false,
  types: ['node'],
};

describe('the packed package', () => {
  let project: Project;
  before(async () => {
    const packages = ['express', 'passport', 'express-session', '@types/express', '@types/passport'];
    project = await installPackage([...packages, '@types/express-session', '@types/node'].map(sameVersion));
  });
  after(() => project?.remove());

  const node = (file: string) => run(project.folder, process.execPath, [file]);

  /** Checks files with the compiler, as a project that has set nothing to look away. */
  async function compile(files: readonly string[], more: object = {}): Promise<void> {
    const config = { compilerOptions: { ...STRICT, ...more }, files };
    const configFile = project.write(`tsconfig-${path.basename(files[0] ?? '')}.json`, JSON.stringify(config));
    const compiler = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    await run(project.folder, process.execPath, [compiler, '-p', configFile]);
  }

  it('has the code, its declarations, the views and the licence, and nothing else', () => {
    const { packed } = project;
    for (const file of [
      'package.json',
      'LICENSE',
      'dist/index.js',
      'dist/index.mjs',
      'dist/index.d.ts',
      'dist/index.d.mts',
      'dist/emulator/index.js',
      'dist/emulator/index.mjs',
      'dist/emulator/command.js',
      'views/_base.html',
      'views/verify.html',
      'views/locales/en.json',
    ]) {
      assert.ok(packed.includes(file), file);
    }
    const allowed = /^(dist\/.+\.(js|mjs|d\.ts|d\.mts|json\.br)|views\/.+|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    assert.deepEqual(
      packed.filter((file) => !allowed.test(file)),
      [],
    );
  });

  for (const entry of ['passport-twilio-verify', 'passport-twilio-verify/emulator']) {
    it(`${entry} is the same through require and through import`, async () => {
      project.write(
        'same.cjs',
        `const required = require('${entry}');
        import('${entry}').then((imported) => {
          const names = Object.keys(required).filter((name) => name !== '__esModule');
          const same = names.filter((name) => imported[name] === required[name]);
          console.log(JSON.stringify({ names, same, own: Object.keys(imported).filter((name) => !/^(default|__esModule|module\\.exports)$/.test(name)) }));
        });`,
      );
      const { names, same, own } = JSON.parse((await node('same.cjs')).stdout);
      assert.ok(names.length > 0);
      assert.deepEqual(same, names);
      assert.deepEqual(own.sort(), names.sort());
    });
  }

  it('is the same class by name in a module', async () => {
    project.write(
      'same.mjs',
      `import { createRequire } from 'node:module';
      import { Strategy, TwilioVerifyStrategy } from 'passport-twilio-verify';
      const required = createRequire(import.meta.url)('passport-twilio-verify');
      console.log(Strategy === TwilioVerifyStrategy && required.TwilioVerifyStrategy === TwilioVerifyStrategy);`,
    );
    assert.equal((await node('same.mjs')).stdout.trim(), 'true');
  });

  it('takes a user through both steps, with its own emulator and its own views', async () => {
    project.write(
      'both-steps.mjs',
      `import express from 'express';
      import session from 'express-session';
      import { Passport } from 'passport';
      import { TwilioVerifyStrategy } from 'passport-twilio-verify';
      import { startVerifyEmulator } from 'passport-twilio-verify/emulator';
      const emulator = await startVerifyEmulator();
      const user = { id: '1', phoneNumber: '+12025550123' };
      const passport = new Passport();
      const twoFactor = new TwilioVerifyStrategy({
        accountSid: emulator.accountSid, authToken: emulator.authToken, serviceSid: emulator.serviceSid,
        baseUrl: emulator.url, phoneNumber: ({ user }) => user.phoneNumber, storePhoneNumber: () => {},
      });
      passport.use(twoFactor);
      passport.serializeUser((user, done) => done(null, user.id));
      passport.deserializeUser((id, done) => done(null, user));
      const app = express();
      app.use(session({ secret: 's', resave: false, saveUninitialized: false }), passport.session());
      app.post('/login', (req, res, next) => req.logIn(user, (error) => (error ? next(error) : res.send('in'))));
      app.use('/2fa', twoFactor.router());
      app.get('/account', passport.authenticate('twilio-2fa'), (req, res) => res.send('account'));
      const server = app.listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const url = 'http://127.0.0.1:' + server.address().port;
      let cookie = '';
      const ask = async (path, form) => {
        const answer = await fetch(url + path, {
          redirect: 'manual', headers: { cookie, accept: 'text/html' },
          ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
        });
        cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
        return answer;
      };
      await ask('/login', {});
      const page = await (await ask('/2fa')).text();
      await ask('/2fa', { method: 'sms' });
      await ask('/2fa/verify', { code: await emulator.codeFor('+12025550123') });
      console.log(JSON.stringify({ page: page.includes('value="sms"'), account: await (await ask('/account')).text() }));
      server.closeAllConnections();
      server.close();
      await emulator.stop();`,
    );
    assert.deepEqual(JSON.parse((await node('both-steps.mjs')).stdout), { page: true, account: 'account' });
  });

  it('brings the command of the emulator', async () => {
    const command = path.join(project.folder, 'node_modules', '.bin', 'twilio-verify-emulator');
    const { stdout } = await run(project.folder, command, ['--help']);
    assert.match(stdout, /twilio-verify-emulator/);
  });

  describe('the declarations', () => {
    it('name no package whose types a user may not have', () => {
      const folder = path.join(project.installed, 'dist');
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
        /\.d\.m?ts$/.test(file),
      );
      assert.equal(files.length, 4);
      const named = new Set<string>();
      for (const file of files) {
        const text = readFileSync(path.join(folder, file), 'utf8');
        for (const [, name = ''] of text.matchAll(/(?:from|import|require)\s*\(?\s*['"]([^'"]+)['"]/g)) named.add(name);
        for (const [, name = ''] of text.matchAll(/<reference types="([^"]+)"/g)) named.add(name);
      }
      const packages = [...named].filter((name) => !/^(\.|node:)/.test(name)).sort();
      const known = ['express', 'libphonenumber-js/max', 'passport', 'rate-limiter-flexible'];
      assert.deepEqual(
        packages.filter((name) => !known.includes(name)),
        [],
      );
    });

    it('let an application compile, and nothing that is wrong: strict, nodenext, without skipLibCheck', async () => {
      await compile([
        project.write('application.ts', APPLICATION),
        project.write('application.mts', APPLICATION),
        project.write('types.ts', TYPES),
        project.write('types.mts', TYPES),
      ]);
    });

    it('let options be passed that have the published type', async () => {
      await compile([project.write('annotated.ts', ANNOTATED)]);
    });

    it('compile with exactOptionalPropertyTypes, and with bundler resolution', async () => {
      await compile([project.write('exact.ts', APPLICATION)], { exactOptionalPropertyTypes: true });
      const bundled = { module: 'esnext', moduleResolution: 'bundler' };
      await compile([project.write('bundled.ts', APPLICATION)], bundled);
    });
  });
});
