import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { publicNetworkOf } from '../../../src/limits/network.js';

describe('publicNetworkOf', () => {
  const counted = [
    { name: 'an IPv4 address as it is', ip: '203.0.113.7', network: '203.0.113.7' },
    { name: 'an IPv4 address that is written as IPv6', ip: '::ffff:203.0.113.7', network: '203.0.113.7' },
    { name: 'the same in capitals', ip: '::FFFF:203.0.113.7', network: '203.0.113.7' },
    { name: 'just above a private range', ip: '172.32.0.1', network: '172.32.0.1' },
    { name: 'just below a private range', ip: '100.63.255.255', network: '100.63.255.255' },
    { name: 'the /64 of an IPv6 address', ip: '2001:db8:1:2:3:4:5:6', network: '2001:db8:1:2::/64' },
    { name: 'the /64 of a short IPv6 address', ip: '2001:db8::1', network: '2001:db8:0:0::/64' },
    { name: 'the /64 of one with zeros in the middle', ip: '2001:db8:0:5::9', network: '2001:db8:0:5::/64' },
    {
      name: 'the /64 of one with leading zeros and capitals',
      ip: '2001:0DB8:0001:0002:0:0:0:1',
      network: '2001:db8:1:2::/64',
    },
    { name: 'the /64 of one that ends in zeros', ip: '2001:db8:1:2::', network: '2001:db8:1:2::/64' },
    { name: 'the /64 of an address with a zone', ip: '2001:db8:1:2::1%eth0', network: '2001:db8:1:2::/64' },
  ];
  for (const { name, ip, network } of counted) {
    it(`counts ${name}`, () => assert.equal(publicNetworkOf(ip), network));
  }

  it('has one name for all addresses of a subscriber, and another for the next one', () => {
    assert.equal(publicNetworkOf('2001:db8:1:2::1'), publicNetworkOf('2001:db8:1:2:ffff:ffff:ffff:ffff'));
    assert.notEqual(publicNetworkOf('2001:db8:1:2::1'), publicNetworkOf('2001:db8:1:3::1'));
  });

  const left = [
    { name: 'nothing', ip: undefined },
    { name: 'an empty text', ip: '' },
    { name: 'no address', ip: 'localhost' },
    { name: 'a Unix socket', ip: 'unix:' },
    { name: 'this host', ip: '0.0.0.0' },
    { name: 'loopback', ip: '127.0.0.1' },
    { name: 'loopback further on', ip: '127.255.255.254' },
    { name: 'a private network, 10', ip: '10.1.2.3' },
    { name: 'a private network, 172.16', ip: '172.16.0.1' },
    { name: 'a private network, 172.31', ip: '172.31.255.255' },
    { name: 'a private network, 192.168', ip: '192.168.1.1' },
    { name: 'a carrier’s network', ip: '100.64.0.1' },
    { name: 'link-local', ip: '169.254.169.254' },
    { name: 'a private network that is written as IPv6', ip: '::ffff:10.0.0.1' },
    { name: 'the same in hexadecimal', ip: '::ffff:a00:1' },
    { name: 'IPv6 loopback', ip: '::1' },
    { name: 'IPv6 unspecified', ip: '::' },
    { name: 'IPv6 unique local', ip: 'fd00::1' },
    { name: 'IPv6 link-local', ip: 'fe80::1%eth0' },
  ];
  for (const { name, ip } of left) {
    it(`does not count ${name}`, () => assert.equal(publicNetworkOf(ip), undefined));
  }
});
