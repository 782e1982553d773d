import {
  Body,
  Controller,
  type ExecutionContext,
  Get,
  HttpException,
  Inject,
  Injectable,
  Post,
  Req,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { type FailureInfo, TwilioVerifyError } from 'passport-twilio-verify';
import type { TestUser } from '../../support/test-app.js';
import { Second } from './nest-strategies.js';

/** Logs the user of the first step in, which makes a session. */
@Injectable()
class FirstGuard extends AuthGuard('local') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    await super.logIn(context.switchToHttp().getRequest());
    return true;
  }
}

/** Asks for a verification that is not older than five minutes. */
@Injectable()
class FreshGuard extends AuthGuard('twilio-2fa') {
  override getAuthenticateOptions() {
    return { maxAgeSeconds: 300 };
  }
}

/** Answers what the strategy says, and not Nest's plain 401 and 500. */
@Injectable()
class TellingGuard extends AuthGuard('twilio-2fa') {
  override handleRequest<T>(error: unknown, user: T | false, info: FailureInfo, _: unknown, status?: number): T {
    if (error instanceof TwilioVerifyError) throw new HttpException(error.code, error.status, { cause: error });
    if (error) throw error;
    if (!user) throw info ? new HttpException(info, status ?? 401) : new UnauthorizedException();
    return user;
  }
}

/** Routes behind neither step, the first, and both. */
@Controller()
export class AccountController {
  /** The values that the controller found on the request. */
  static seen: unknown[] = [];

  constructor(@Inject(Second) private readonly second: Second) {}

  @Post('login')
  @UseGuards(FirstGuard)
  login(@Req() req: Request) {
    return { id: (req.user as TestUser).id };
  }

  @Post('logout')
  logout(@Req() req: Request) {
    return new Promise((resolve, reject) => req.logout((error) => (error ? reject(error) : resolve({}))));
  }

  @Get('who')
  async who(@Req() req: Request) {
    return { user: req.user ?? null, isVerified: (await this.second.verification(req)).isVerified };
  }

  @Get('account')
  @UseGuards(AuthGuard('twilio-2fa'))
  account(@Req() req: Request) {
    AccountController.seen.push(req.user);
    return { account: (req.user as TestUser).id };
  }

  @Post('account')
  @UseGuards(AuthGuard('twilio-2fa'))
  changeAccount(@Req() req: Request) {
    return { changed: (req.user as TestUser).id };
  }

  @Get('transfer')
  @UseGuards(FreshGuard)
  transfer() {
    return { transferred: true };
  }

  @Post('enter')
  @UseGuards(TellingGuard)
  enter(@Req() req: Request) {
    return { entered: (req.user as TestUser).id };
  }

  @Post('start')
  start(@Req() req: Request, @Body('method') method: string) {
    return this.second.start(req, method);
  }
}
