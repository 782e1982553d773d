import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { requireText } from '../../src/emulator/api/parameters';
import { addBucket, createRateLimitStore } from '../../src/emulator/rules/rate-limits';
import { createVerificationStore, type Verification } from '../../src/emulator/rules/verifications';

const TTL_MS = 600_000;

function verificationOf(number: number, createdAtMs: number): Verification {
  return {
    sid: `VE${number}`,
    serviceSid: 'VA',
    to: `+${number}`,
    code: '123456',
    createdAtMs,
    amount: null,
    payee: null,
    channel: 'sms',
    status: 'pending',
    updatedAtMs: createdAtMs,
    wrongChecks: 0,
    sends: [],
  };
}

describe('memory', () => {
  it('drops what has expired while others come', () => {
    const store = createVerificationStore(TTL_MS, 100_000);
    for (let number = 0; number < 100_000; number += 1) store.add(verificationOf(number, number * 100));
    assert.ok(store.size <= TTL_MS / 100 + 100, `${store.size} are kept`);
  });

  it('drops expired verifications without any call', () => {
    const store = createVerificationStore(TTL_MS, 100_000);
    for (let number = 0; number < 1_000; number += 1) store.add(verificationOf(number, 0));
    store.sweep(TTL_MS - 1);
    assert.equal(store.size, 1_000);
    store.sweep(TTL_MS);
    assert.equal(store.size, 0);
  });

  it('memory stays bounded over a million creates at one moment: the oldest are dropped', () => {
    const store = createVerificationStore(TTL_MS, 10_000);
    for (let number = 0; number < 1_000_000; number += 1) store.add(verificationOf(number, 0));
    assert.ok(store.size <= 10_000);
    assert.equal(store.bySid('VE0', 0), undefined);
    assert.equal(store.byAddress('VA', '+0', 0), undefined);
    assert.equal(store.byAddress('VA', '+999999', 0)?.sid, 'VE999999');
  });

  it('memory stays bounded over creates and cancels', () => {
    const store = createVerificationStore(TTL_MS, 100);
    for (let number = 0; number < 10_000; number += 1) {
      const verification = verificationOf(number, 0);
      store.add(verification);
      store.release(verification);
    }
    assert.ok(store.size <= 100);
  });

  it('keeps of a large request no more than it needs', () => {
    const kept = [];
    for (let index = 0; index < 2_000; index += 1) {
      const body = `To=user-number-${index}@example.com&Tags=${'x'.repeat(60_000)}${index}`;
      kept.push(requireText(new URLSearchParams(Buffer.from(body).toString()), 'To'));
    }
    // 120 MB of bodies went by; the addresses themselves are a thousandth of that.
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
    const usedMb = process.memoryUsage().heapUsed / 2 ** 20;
    assert.ok(usedMb < 80, `${usedMb} MB are used for ${kept.length} addresses`);
  });

  it('memory stays bounded over the keys of a rate limit', () => {
    const limits = createRateLimitStore();
    const bucket = addBucket(limits.create('VA', 'ip', null, 0), 1, 86_400, 0);
    for (let key = 0; key < 50_000; key += 1) limits.consume('VA', { ip: String(key) }, 0);
    assert.ok(bucket.used.size <= 10_000);
    limits.consume('VA', { ip: 'later' }, 86_400_000);
    assert.equal(bucket.used.size, 1);
  });
});
