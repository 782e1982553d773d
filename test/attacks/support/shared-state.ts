import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { newNumber } from '../../support/second-step.js';
import type { Attack } from './attack.js';

const MINUTE_MS = 60_000;

const orders = [
  { name: 'before the owner signs in', isFirst: true },
  { name: 'after the owner signed in', isFirst: false },
];

const endings = [
  { name: 'canceled', end: ['cancel', {}] },
  { name: 'skipped', end: ['skip', {}] },
  { name: 'replaced', end: ['register', { phoneNumber: newNumber(), method: 'sms' }] },
] as const;

const leaving: readonly Attack[] = orders.flatMap(({ name: order, isFirst }) =>
  endings.map(({ name, end: [step, body] }) => ({
    threat: 'T30',
    name: `a registration that starts ${order} and is ${name} leaves the owner's code valid`,
    async run(site) {
      const owner = site.addUser();
      const attacker = await site.signedIn(site.addUser({ phone: undefined }));
      const register = () => attacker.step('register', { phoneNumber: owner.phone, method: 'sms' });
      if (isFirst) await register();
      const { visitor, code } = await site.waiting(owner);
      if (!isFirst) await register();
      const before = site.calls('update');
      assert.equal((await attacker.step(step, body)).status, 200);
      assert.equal(site.calls('update'), before);
      await visitor.step('check', { code });
      assert.equal(await visitor.isIn(), true);
    },
  })),
);

/** Attacks through state that others share. */
export const SHARED_STATE: readonly Attack[] = [
  ...leaving,
  {
    threat: 'T30',
    name: 'a registration shows no age of a verification that its owner started',
    async run(site) {
      mock.timers.enable({ apis: ['Date'], now: Date.now() });
      try {
        const owner = site.addUser();
        const attacker = await site.signedIn(site.addUser({ phone: undefined }));
        await site.waiting(owner);
        mock.timers.tick(4 * MINUTE_MS);
        const { body } = await attacker.step('register', { phoneNumber: owner.phone, method: 'sms' });
        const { expiresAt } = body.pending as { expiresAt: string };
        assert.equal(expiresAt, new Date(Date.now() + 10 * MINUTE_MS).toISOString());
      } finally {
        mock.timers.reset();
      }
    },
  },
  {
    threat: 'T30',
    name: 'two strategies in one scope allow three guesses together',
    async run(site) {
      const user = site.addUser();
      const { visitor, wrong } = await site.waiting(user);
      const other = await site.signedIn(user);
      await other.post('/second/start', { method: 'sms' });
      await visitor.step('check', { code: wrong });
      assert.equal((await other.post('/second/check', { code: wrong })).body.attemptsLeft, 1);
      await other.post('/second/check', { code: wrong });
      assert.notEqual(await site.strategy.admin.lockedUntil(user), null);
      assert.equal((await visitor.step('check', { code: wrong })).body.code, 'locked');
    },
  },
  {
    threat: 'T30',
    name: 'a lockout of one user leaves the others alone',
    async run(site) {
      const [user, other] = [site.addUser(), site.addUser()];
      const { visitor, wrong } = await site.waiting(user);
      for (let count = 0; count < 3; count += 1) await visitor.step('check', { code: wrong });
      assert.notEqual(await site.strategy.admin.lockedUntil(user), null);
      assert.equal(await (await site.verified(other)).isIn(), true);
    },
  },
];
