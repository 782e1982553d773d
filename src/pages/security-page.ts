import { type ShownAddress, type StoredAddress, shownAddress } from '../common/address.js';
import type { Refusal } from '../common/outcome.js';
import type { PagePath } from '../common/page-paths.js';
import type { Factors } from '../core/account/security-settings.js';
import { localizedLabel } from '../core/events/device-label.js';
import { CHANGE_MAX_AGE_SECONDS } from '../core/step/max-age.js';
import { boundedText, refuseText } from '../request/bounded-text.js';
import type { Notice } from '../session/session-record.js';
import { exitUrl, goToLogin } from './destination.js';
import { goToFailed } from './failed-page.js';
import { methodChoice } from './method-choices.js';
import type { SecurityModel } from './models.js';
import { BadFieldError, type PageRequest } from './page-request.js';
import { goTo, type Reply, redirectRefused, type StepResult, show } from './reply.js';

/** `GET /security`: everything that the second factor consists of. */
export async function showSecurity<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor, to } = request;
  const factors = await twoFactor.security.read(context);
  if (factors.type === 'refused') return refused(request, factors);
  // The user is back from verifying for this page, so it is no longer the way on.
  if (context.session.returnTo?.path === to('/security')) await context.session.setReturnTo(undefined);
  return show('security', await modelOf(request, factors));
}

/** `POST /devices/:id/forget`: the device needs a code again. */
export async function forgetDevice<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor } = request;
  const given: unknown = context.req.params.id;
  const id = boundedText(given, 'id');
  if (id === undefined) throw new BadFieldError(refuseText(given, 'id'));
  return done(request, await twoFactor.security.forget(context, id), 'forgotten', 'device_forgotten');
}

/** `POST /devices/forget`: all devices need a code again. */
export async function forgetDevices<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor } = request;
  return done(request, await twoFactor.security.forget(context), 'forgotten', 'devices_forgotten');
}

/** `POST /preferred`: the method that is selected from now on. */
export async function setPreferredMethod<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor, field } = request;
  const refusal = await twoFactor.security.prefer(context, field('method') ?? '');
  return done(request, refusal, 'preferenceSaved', 'preference_saved');
}

/** `POST /other-sessions/end`: ends the user's other sessions, and returns to the page of the button. */
export async function endOtherSessions<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor, field } = request;
  // The success page has the button too, right after a change.
  const page = field('label', 'from') === 'security' ? '/security' : '/success';
  const refusal = await twoFactor.otherSessions.end(context);
  return done(request, refusal, 'otherSessionsEnded', 'other_sessions_ended', page);
}

async function done<TUser>(
  request: PageRequest<TUser>,
  refusal: Refusal | undefined,
  result: StepResult,
  notice: Notice,
  page: PagePath = '/security',
): Promise<Reply> {
  if (refusal) return refused(request, refusal, page);
  await request.context.session.addNotice(notice);
  return goTo(page, result);
}

async function refused<TUser>(
  request: PageRequest<TUser>,
  refusal: Refusal,
  page: PagePath = '/security',
): Promise<Reply> {
  const { context, to } = request;
  switch (refusal.code) {
    case 'login_required':
      return goToLogin(request, refusal);
    case 'verification_required':
      await context.session.setReturnTo({ path: to(page), age: CHANGE_MAX_AGE_SECONDS });
      return redirectRefused('/', refusal);
    case 'method_unknown':
      return redirectRefused('/security', refusal);
    default:
      return goToFailed(request, refusal);
  }
}

async function modelOf<TUser>(request: PageRequest<TUser>, factors: Factors): Promise<SecurityModel> {
  const { context, settings, twoFactor, texts, to } = request;
  const { phoneNumber, email, methods, preferredMethod, recoveryCodesLeft, devices } = factors;
  const canChange =
    (await settings.allowChange(context)) && (await twoFactor.registration.newNumberMethods(context)).length > 0;
  const isPreferable = twoFactor.security.keepsPreference && methods.length > 1;
  const next = await exitUrl(request);
  return {
    phoneNumber: shownStored(phoneNumber, settings.showLastDigits),
    email: shownStored(email, settings.showLastDigits),
    canChange,
    recoveryCodesLeft: twoFactor.recoveryCodes.isOn ? recoveryCodesLeft : undefined,
    devices:
      twoFactor.devices.days === undefined
        ? undefined
        : devices.map((device) => ({ ...device, name: localizedLabel(device, texts.text) })),
    choices: isPreferable
      ? await Promise.all(methods.map((method) => methodChoice(request, method, { to: '', ending: undefined })))
      : [],
    preferredMethod: preferredMethod ?? '',
    canEndOtherSessions: twoFactor.otherSessions.isOn,
    continueUrl: next === to('/success') ? undefined : next,
  };
}

/** An unreadable address exists, but its text must not be shown. */
function shownStored(address: StoredAddress, showLastDigits: boolean): ShownAddress | undefined {
  switch (address.type) {
    case 'none':
      return undefined;
    case 'unusable':
      return { to: '', ending: undefined };
    default:
      return shownAddress(address, false, showLastDigits);
  }
}
