import type { Address } from '../../common/address.js';
import { BoundedCache } from '../../common/bounded-cache.js';
import type { EventReporter } from '../events/event-reporter.js';
import type { Subject } from '../step/context.js';

const DAY_MS = 86_400_000;

/** Reports that are remembered. A user whose report is forgotten is reported again. */
const MAX_REMEMBERED = 10_000;

let hasWarned = false;

/** Reports stored addresses that can't be read: only the app can correct them. */
export class UnusableAddresses<TUser> {
  private readonly reports = new BoundedCache<{ reportedAt: number }>(MAX_REMEMBERED);

  constructor(
    private readonly reporter: EventReporter<TUser>,
    private readonly now: () => number,
  ) {}

  /** Reports an address once per user and day, and warns once per process. */
  report(context: Subject<TUser>, addressType: Address['type']): void {
    const report = this.reports.get(`${addressType} ${context.userId}`, () => ({
      reportedAt: Number.NEGATIVE_INFINITY,
    }));
    const now = this.now();
    if (now - report.reportedAt < DAY_MS) return;
    report.reportedAt = now;
    this.reporter.addressUnusable(context, addressType);
    warn(addressType);
  }
}

function warn(addressType: Address['type']): void {
  if (hasWarned) return;
  hasWarned = true;
  const [what, option, form] =
    addressType === 'phone'
      ? ['phone number', 'phoneNumber', 'a number in E.164 form, such as "+12025550123"']
      : ['email address', 'email', 'an email address'];
  process.emitWarning(
    `A user has a stored ${what} that can't be read, so the user can't get a code or register a number. Return ${form}, ` +
      `from "${option}", or undefined if the user has none. Listen to the event "addressUnusable" to find each user.`,
    { code: 'TWILIO_VERIFY_ADDRESS_UNUSABLE' },
  );
}
