import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Readings } from '../../../../src/core/step/readings.js';

describe('Readings', () => {
  const [reader, other] = [{}, {}];
  let reads = 0;
  const read = () => {
    reads += 1;
    return undefined;
  };

  it('reads once for each reader, even if there is nothing', () => {
    const readings = new Readings();
    reads = 0;
    for (const by of [reader, reader, other, other]) assert.equal(readings.once(by, read), undefined);
    assert.equal(reads, 2);
  });

  it('reads again on request, and keeps the newer result', () => {
    const readings = new Readings();
    assert.equal(
      readings.once(reader, () => 'old'),
      'old',
    );
    assert.equal(
      readings.again(reader, () => 'new'),
      'new',
    );
    assert.equal(
      readings.once(reader, () => 'newest'),
      'new',
    );
  });

  it('reads for each request', () => {
    reads = 0;
    for (const readings of [new Readings(), new Readings()]) readings.once(reader, read);
    assert.equal(reads, 2);
  });
});
