import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { type DynamicModule, Inject, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import session from 'express-session';
import passport from 'passport';
import { startVerifyEmulator, type VerifyEmulator } from 'passport-twilio-verify/emulator';
import { Client } from '../../support/client.js';
import type { TestUser } from '../../support/test-app.js';
import { AccountController } from './nest-controller.js';
import { EMULATOR, First, Second, Users, VERIFY } from './nest-strategies.js';

const running: (() => Promise<void>)[] = [];

after(async () => {
  await Promise.all(running.map((stop) => stop()));
});

/** The settings of the application that a test can change. */
export interface NestAppOptions {
  /** The result of the verification's `validate`. */
  readonly verify?: (user: TestUser) => unknown;
  /** Before every route of the controllers. */
  readonly globalPrefix?: string;
  /** The pages as middleware of the module, and not with `app.use`. */
  readonly pagesByConsumer?: boolean;
}

/** A Nest application with a first guard, the pages at `/2fa`, and routes behind the second step. */
export interface NestApp {
  readonly second: Second;
  readonly emulator: VerifyEmulator;
  readonly users: Users;
  client(): Client;
  signedIn(id: string): Promise<Client>;
}

@Module({})
class PlainModule {}

@Module({})
class ModuleWithPages implements NestModule {
  constructor(@Inject(Second) private readonly second: Second) {}

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(this.second.router()).forRoutes('/2fa');
  }
}

// Nest has one `passport` for the whole process: the application that was started last is the one that it serves.
let known = new Users();
passport.serializeUser((user, done) => done(null, (user as TestUser).id));
passport.deserializeUser((id: string, done) => done(null, known.get(id) ?? false));

/** Starts the application and an emulator; both end with the test file. */
export async function startNestApp(options: NestAppOptions = {}): Promise<NestApp> {
  const emulator = await startVerifyEmulator({ now: () => Date.now() });
  running.push(() => emulator.stop());
  const root: DynamicModule = {
    module: options.pagesByConsumer ? ModuleWithPages : PlainModule,
    controllers: [AccountController],
    providers: [
      Users,
      First,
      Second,
      { provide: EMULATOR, useValue: emulator },
      { provide: VERIFY, useValue: options.verify ?? ((user: TestUser) => user) },
    ],
  };
  const app = await NestFactory.create<NestExpressApplication>(root, { logger: false });
  running.push(() => app.close());
  const second = app.get(Second);
  const users = app.get(Users);
  known = users;
  app.use(session({ secret: 'test', resave: false, saveUninitialized: false }));
  app.use(passport.session(), second.session());
  if (!options.pagesByConsumer) app.use('/2fa', second.router());
  if (options.globalPrefix) app.setGlobalPrefix(options.globalPrefix);
  await app.listen(0, '127.0.0.1');

  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  const client = () => new Client(url);
  const signedIn = async (id: string) => {
    const browser = client();
    await browser.postJson(`/${options.globalPrefix ?? ''}/login`.replace('//', '/'), { username: id, password: id });
    return browser;
  };
  return { second, emulator, users, client, signedIn };
}
