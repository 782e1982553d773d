import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { subnetsOf } from '../../../src/limits/network.js';

describe('subnetsOf', () => {
  const ipv4: readonly { name: string; ip: string; subscriber: string }[] = [
    { name: 'an IPv4 address counts as itself', ip: '203.0.113.7', subscriber: '203.0.113.7' },
    { name: 'a private address counts as itself', ip: '10.0.0.5', subscriber: '10.0.0.5' },
    { name: 'a loopback address counts as itself', ip: '127.0.0.1', subscriber: '127.0.0.1' },
    { name: 'an IPv4-mapped address counts as its IPv4 address', ip: '::ffff:8.8.8.8', subscriber: '8.8.8.8' },
    { name: 'capitals in an IPv4-mapped address change nothing', ip: '::FFFF:8.8.8.8', subscriber: '8.8.8.8' },
    { name: 'the hexadecimal form of an IPv4-mapped address is the same', ip: '::ffff:808:808', subscriber: '8.8.8.8' },
    { name: 'the uncompressed form is the same', ip: '0:0:0:0:0:ffff:0808:0808', subscriber: '8.8.8.8' },
    { name: 'a partly compressed form is the same', ip: '0::0:ffff:8.8.8.8', subscriber: '8.8.8.8' },
    { name: 'zeros in an IPv4-mapped address stay', ip: '::ffff:a00:1', subscriber: '10.0.0.1' },
    { name: 'the highest IPv4-mapped address is read', ip: '::ffff:ffff:fffe', subscriber: '255.255.255.254' },
    { name: 'the lowest IPv4-mapped address is read', ip: '::ffff:0:0', subscriber: '0.0.0.0' },
    { name: 'a NAT64 address counts as its IPv4 address', ip: '64:ff9b::8.8.8.8', subscriber: '8.8.8.8' },
    { name: 'the hexadecimal form of a NAT64 address is the same', ip: '64:FF9B::808:808', subscriber: '8.8.8.8' },
    {
      name: 'the uncompressed form of a NAT64 address is the same',
      ip: '0064:ff9b:0:0:0:0:0808:0808',
      subscriber: '8.8.8.8',
    },
    { name: 'an IPv4-mapped address loses its zone', ip: '::ffff:10.0.0.1%eth0', subscriber: '10.0.0.1' },
  ];
  for (const { name, ip, subscriber } of ipv4) it(name, () => assert.deepEqual(subnetsOf(ip), { subscriber }));

  const ipv6: readonly { name: string; ip: string; subscriber: string; site: string }[] = [
    {
      name: 'an IPv6 address counts in its /64 and /48',
      ip: '2001:db8:1:2:3:4:5:6',
      subscriber: '2001:db8:1:2::/64',
      site: '2001:db8:1::/48',
    },
    {
      name: 'a short IPv6 address has zeros in the middle',
      ip: '2001:db8::1',
      subscriber: '2001:db8:0:0::/64',
      site: '2001:db8:0::/48',
    },
    {
      name: 'zeros within the /64 are read',
      ip: '2001:db8:0:5::9',
      subscriber: '2001:db8:0:5::/64',
      site: '2001:db8:0::/48',
    },
    {
      name: 'leading zeros and capitals change nothing',
      ip: '2001:0DB8:0001:0002:0:0:0:1',
      subscriber: '2001:db8:1:2::/64',
      site: '2001:db8:1::/48',
    },
    {
      name: 'an IPv6 address that ends in zeros is read',
      ip: '2001:db8:1:2::',
      subscriber: '2001:db8:1:2::/64',
      site: '2001:db8:1::/48',
    },
    { name: 'IPv6 loopback counts', ip: '::1', subscriber: '0:0:0:0::/64', site: '0:0:0::/48' },
    {
      name: 'an address next to the NAT64 prefix is not NAT64',
      ip: '64:ff9b:0:0:0:1:808:808',
      subscriber: '64:ff9b:0:0::/64',
      site: '64:ff9b:0::/48',
    },
    {
      name: 'an address of the local NAT64 prefix counts in its /64',
      ip: '64:ff9b:1::808:808',
      subscriber: '64:ff9b:1:0::/64',
      site: '64:ff9b:1::/48',
    },
    {
      name: 'an IPv4-compatible address is not IPv4-mapped',
      ip: '::8.8.8.8',
      subscriber: '0:0:0:0::/64',
      site: '0:0:0::/48',
    },
    {
      name: 'five zero groups alone are not IPv4-mapped',
      ip: '::fffe:808:808',
      subscriber: '0:0:0:0::/64',
      site: '0:0:0::/48',
    },
    {
      name: 'ffff alone is not IPv4-mapped',
      ip: '0:0:0:0:1:ffff:808:808',
      subscriber: '0:0:0:0::/64',
      site: '0:0:0::/48',
    },
    { name: 'a private IPv6 address counts', ip: 'fd00::1', subscriber: 'fd00:0:0:0::/64', site: 'fd00:0:0::/48' },
    {
      name: 'an IPv6 address loses its zone',
      ip: 'fe80::1%eth0',
      subscriber: 'fe80:0:0:0::/64',
      site: 'fe80:0:0::/48',
    },
  ];
  for (const { name, ip, subscriber, site } of ipv6) {
    it(name, () => assert.deepEqual(subnetsOf(ip), { subscriber, site }));
  }

  for (const ip of [undefined, '', 'localhost', 'unix:', '1.2.3', '2001:db8::1::2', '%eth0']) {
    it(`${JSON.stringify(ip)} is unknown`, () => assert.deepEqual(subnetsOf(ip), { subscriber: 'unknown' }));
  }

  it('all addresses of a /64 count together, and the next /64 counts separately', () => {
    assert.deepEqual(subnetsOf('2001:db8:1:2::1'), subnetsOf('2001:db8:1:2:ffff:ffff:ffff:ffff'));
    assert.notEqual(subnetsOf('2001:db8:1:2::1').subscriber, subnetsOf('2001:db8:1:3::1').subscriber);
  });
});

describe('an address with a port', () => {
  for (const { name, ip, bare } of [
    { name: 'IPv4', ip: '198.51.100.1:40000', bare: '198.51.100.1' },
    { name: 'IPv6', ip: '[2001:db8::1]:443', bare: '2001:db8::1' },
  ]) {
    it(`${name} counts like the address without a port`, () => {
      assert.deepEqual(subnetsOf(ip), subnetsOf(bare));
    });
  }
});
