import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EventReporter } from '../../../../src/core/events/event-reporter.js';
import { Events } from '../../../../src/core/events/events.js';
import { SecurityNotices } from '../../../../src/core/events/security-notices.js';
import { UnusableAddresses } from '../../../../src/core/factors/unusable-addresses.js';
import type { Context } from '../../../../src/core/step/context.js';

const DAY_MS = 86_400_000;

import { textLibrary } from '../../../support/texts.js';

interface User {
  readonly id: string;
}

/** Writes no notices: none is about an address that can't be read. */
const SILENT = new SecurityNotices<User>({ texts: textLibrary(), isProduction: false }, new Events<User>(), () => 0);

/** Reports at a time that a test moves, and the users that were reported. */
function start() {
  const events = new Events<User>();
  const reported: string[] = [];
  events.on('addressUnusable', ({ user, addressType }) => reported.push(`${user.id} ${addressType}`));
  const time = { now: 0 };
  const now = () => time.now;
  const addresses = new UnusableAddresses(new EventReporter(events, SILENT, now), now);
  const report = (id: string, addressType: 'phone' | 'email' = 'phone') =>
    addresses.report({ user: { id }, userId: id } as Context<User>, addressType);
  return { report, reported, time };
}

describe('UnusableAddresses', () => {
  it('an address is reported once per user, kind of address, and day', () => {
    const { report, reported, time } = start();
    for (const now of [0, DAY_MS - 1, DAY_MS]) {
      time.now = now;
      report('ann');
      report('ann', 'email');
      report('ben');
    }
    assert.deepEqual(reported, ['ann phone', 'ann email', 'ben phone', 'ann phone', 'ann email', 'ben phone']);
  });

  it('the memory is bounded: after many other users, a user is reported again', () => {
    const { report, reported } = start();
    report('ann');
    for (let user = 0; user < 20_000; user += 1) report(`user ${user}`);
    report('ann');
    assert.equal(reported.filter((name) => name === 'ann phone').length, 2);
  });
});
