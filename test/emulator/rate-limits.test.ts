import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALICE, BOB, setUp, stopAfterEach } from './support/fixture';

stopAfterEach();

/** A service with a limit by address: two in a minute, three in an hour. */
async function setUpLimit() {
  const parts = await setUp();
  const limits = parts.service.rateLimits;
  const limit = await limits.create({ uniqueName: 'end_user_ip', description: 'By address' });
  await limits(limit.sid).buckets.create({ max: 2, interval: 60 });
  await limits(limit.sid).buckets.create({ max: 3, interval: 3_600 });
  let numbers = 0;
  const send = (ip: string, to?: string) => {
    numbers += 1;
    return parts.service.verifications.create({
      to: to ?? `+1202555${String(1_000 + numbers)}`,
      channel: 'sms',
      rateLimits: { end_user_ip: ip },
    });
  };
  return { ...parts, limits, limit, send };
}

describe('rate limits', () => {
  it('stop a key that has used up its bucket', async () => {
    const { emulator, send } = await setUpLimit();
    await send('192.0.2.1');
    await send('192.0.2.1');
    await assert.rejects(send('192.0.2.1', ALICE), { status: 429, code: 20429, message: 'Too many requests' });
    assert.deepEqual(emulator.messages(ALICE), []);
  });

  it('leave other keys, and creates without a key, alone', async () => {
    const { service, send } = await setUpLimit();
    for (const ip of ['192.0.2.1', '192.0.2.1', '192.0.2.2']) await send(ip);
    await service.verifications.create({ to: ALICE, channel: 'sms' });
    await service.verifications.create({ to: BOB, channel: 'sms', rateLimits: { other: '192.0.2.1' } });
  });

  it('open again when the interval is over, bucket by bucket', async () => {
    const { emulator, send } = await setUpLimit();
    await send('192.0.2.1');
    await send('192.0.2.1');
    emulator.clock.advance(59_999);
    await assert.rejects(send('192.0.2.1'), { code: 20429 });
    emulator.clock.advance(1);
    await send('192.0.2.1');
    await assert.rejects(send('192.0.2.1'), { code: 20429 }, 'three in this hour');
    emulator.clock.advance(3_600_000);
    await send('192.0.2.1');
  });

  it('count nothing for a create that they refuse', async () => {
    const { limits, limit, send } = await setUpLimit();
    for (const ip of ['a', 'a']) await send(ip);
    await assert.rejects(send('a'), { code: 20429 });
    const [minute] = await limits(limit.sid).buckets.list();
    await limits(limit.sid)
      .buckets(minute?.sid ?? '')
      .update({ max: 3 });
    await send('a');
  });

  it('support create, fetch, update, list, and delete', async () => {
    const { limits, limit } = await setUpLimit();
    assert.equal((await limits(limit.sid).fetch()).uniqueName, 'end_user_ip');
    assert.equal((await limits(limit.sid).update({ description: 'Changed' })).description, 'Changed');
    await limits.create({ uniqueName: 'session' });
    const listed = await limits.list({ pageSize: 1 });
    assert.deepEqual(
      listed.map((one) => one.uniqueName),
      ['end_user_ip', 'session'],
    );
    assert.equal(await limits(limit.sid).remove(), true);
    await assert.rejects(limits(limit.sid).fetch(), { status: 404, code: 20404 });
  });

  it('support create, fetch, update, list, and delete of their buckets', async () => {
    const { limits, limit } = await setUpLimit();
    const { buckets } = limits(limit.sid);
    const bucket = await buckets.create({ max: 9, interval: 86_400 });
    assert.deepEqual([bucket.max, bucket.interval, bucket.rateLimitSid], [9, 86_400, limit.sid]);
    assert.equal((await buckets(bucket.sid).fetch()).max, 9);
    const updated = await buckets(bucket.sid).update({ max: 8, interval: 7_200 });
    assert.deepEqual([updated.max, updated.interval], [8, 7_200]);
    assert.equal((await buckets.list({ pageSize: 2 })).length, 3);
    assert.equal(await buckets(bucket.sid).remove(), true);
    await assert.rejects(buckets(bucket.sid).fetch(), { status: 404, code: 20404 });
  });

  it('refuse a second one of the same name, and a bucket of the same interval', async () => {
    const { limits, limit } = await setUpLimit();
    await assert.rejects(limits.create({ uniqueName: 'end_user_ip' }), { status: 400, code: 60208 });
    await assert.rejects(limits.create({ uniqueName: 'no spaces' }), { status: 400, code: 60209 });
    const { buckets } = limits(limit.sid);
    await assert.rejects(buckets.create({ max: 1, interval: 60 }), { status: 400, code: 60211 });
    await assert.rejects(buckets.create({ max: 0, interval: 61 }), { status: 400, code: 60200 });
  });

  it('number ten at most, with ten buckets each', async () => {
    const { limits, limit } = await setUpLimit();
    for (let index = 1; index < 10; index += 1) await limits.create({ uniqueName: `limit-${index}` });
    await assert.rejects(limits.create({ uniqueName: 'limit-10' }), { status: 400, code: 60207 });
    const { buckets } = limits(limit.sid);
    for (let index = 2; index < 10; index += 1) await buckets.create({ max: 1, interval: index });
    await assert.rejects(buckets.create({ max: 1, interval: 100 }), { status: 400, code: 60210 });
  });

  it('start afresh when the interval of a bucket changes', async () => {
    const { limits, limit, send } = await setUpLimit();
    await send('a');
    await send('a');
    const [minute] = await limits(limit.sid).buckets.list();
    await limits(limit.sid)
      .buckets(minute?.sid ?? '')
      .update({ interval: 90 });
    await send('a');
  });

  it('belong to their service', async () => {
    const { client, limit } = await setUpLimit();
    const other = await client.verify.v2.services.create({ friendlyName: 'Other' });
    const fetch = client.verify.v2.services(other.sid).rateLimits(limit.sid).fetch();
    await assert.rejects(fetch, { status: 404, code: 20404 });
  });
});
