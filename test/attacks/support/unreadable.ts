import assert from 'node:assert/strict';
import { newNumber } from '../../support/second-step.js';
import type { Attack } from './attack.js';
import type { Site, SiteUser } from './site.js';

/** Tries every way to a number of the attacker's own. */
async function expectClosed(site: Site, stored: Partial<SiteUser>, code: string): Promise<void> {
  const user = site.addUser(stored);
  const before = site.calls('Verifications');
  const visitor = await site.signedIn(user);
  const steps = [
    await visitor.step('start', { method: 'sms' }),
    await visitor.step('register', { phoneNumber: newNumber(), method: 'sms' }),
  ];
  for (const { status, body } of steps) assert.deepEqual([status, body.code], [403, code]);
  assert.equal((await visitor.step('skip')).status, 403);
  assert.equal(await visitor.isIn(), false);
  assert.equal(site.calls('Verifications'), before);
  assert.equal(site.phoneOf(user), stored.phone);
}

const ips = (count: number, ip: (index: number) => string) => Array.from({ length: count }, (_, index) => ip(index));

const rows: readonly { readonly name: string; readonly ips: readonly string[]; readonly sent: number }[] = [
  { name: 'a claimed private IP address counts', ips: ips(4, () => '10.0.0.5'), sent: 2 },
  {
    name: 'notations of one IPv4 address count together',
    ips: ['8.8.8.8', '::ffff:8.8.8.8', '::ffff:808:808', '64:ff9b::808:808'],
    sent: 2,
  },
  { name: 'a /64 has one counter', ips: ips(4, (index) => `2001:db8:1:2::${index + 1}`), sent: 2 },
];

const counted: readonly Attack[] = rows.map(({ name, ips: claimed, sent }) => ({
  threat: 'T26',
  name,
  async run(site) {
    const visitor = await site.signedIn(site.addUser({ phone: undefined }));
    const before = site.calls('Verifications');
    for (const ip of claimed) {
      const number = { phoneNumber: newNumber(), method: 'sms' };
      await visitor.step('register', number, { 'x-forwarded-for': ip });
    }
    assert.equal(site.calls('Verifications') - before, sent);
  },
}));

const unusable: readonly Attack[] = ['07400 123456', '+12025550123 ext 9', ' ', 'none', '+44 7012 345678'].map(
  (phone) => ({
    threat: 'T26',
    name: `the stored phone number ${JSON.stringify(phone)} keeps others from registering`,
    run: (site) => expectClosed(site, { phone }, 'address_unusable'),
  }),
);

/** Attacks that rely on what can't be read, or on answers that are lost. */
export const UNREADABLE: readonly Attack[] = [
  ...unusable,
  {
    threat: 'T26',
    name: 'a stored email address that is unusable keeps others from registering',
    run: (site) => expectClosed(site, { phone: undefined, email: 'ann at home' }, 'address_unusable'),
  },
  {
    threat: 'T26',
    name: 'a stored email address whose method is not allowed keeps others from registering',
    run: (site) => expectClosed(site, { phone: undefined, email: 'ann@example.com', methods: ['sms'] }, 'no_method'),
  },
  {
    threat: 'T26',
    name: 'the old Mexican mobile form gets a code',
    async run(site) {
      const visitor = await site.verified(site.addUser({ phone: '+5215512345678' }));
      assert.equal(await visitor.isIn(), true);
    },
  },
  ...counted,
  {
    threat: 'T26',
    name: 'sends whose answers are lost count',
    async run(site) {
      const user = site.addUser();
      const visitor = await site.signedIn(user);
      const fault = site.emulator.fail({ call: 'create', to: user.phone, drop: true, takesEffect: true, times: 9 });
      for (let attempt = 0; attempt < 7; attempt += 1) await visitor.step('start', { method: 'sms' });
      assert.equal(fault.hits, 5);
      assert.equal(site.emulator.messages(user.phone).length, 5);
    },
  },
  {
    threat: 'T26',
    name: 'guesses whose answers are lost count',
    async run(site) {
      const user = site.addUser();
      const { visitor, wrong } = await site.waiting(user);
      const fault = site.emulator.fail({ call: 'check', to: user.phone, drop: true, takesEffect: true, times: 9 });
      for (let attempt = 0; attempt < 5; attempt += 1) await visitor.step('check', { code: wrong });
      assert.equal(fault.hits, 3);
      assert.notEqual(await site.strategy.admin.lockedUntil(user), null);
    },
  },
];
