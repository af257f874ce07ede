import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advertiserConfig } from './config.js'

test('radvd.conf as Neutron writes it', () => {
  const text = advertiserConfig({
    routerId: '',
    minInterval: 30,
    maxInterval: 100,
    interfaces: [
      {
        device: 'qr-1',
        mtu: 1450,
        managed: true,
        other: true,
        dnsServers: ['2001:db8::53', '2001:db8::54'],
        prefixes: [
          { cidr: 'fd00:1::/64', autonomous: true },
          { cidr: 'fd00:2::/64', autonomous: false },
        ],
      },
      { device: 'qr-2', mtu: 1279, managed: false, other: false, dnsServers: [], prefixes: [] },
    ],
  })
  assert.equal(
    text,
    `interface qr-1
{
   AdvSendAdvert on;
   MinRtrAdvInterval 30;
   MaxRtrAdvInterval 100;
   AdvLinkMTU 1450;
   AdvOtherConfigFlag on;
   AdvManagedFlag on;
   RDNSS 2001:db8::53 2001:db8::54 {};
   prefix fd00:1::/64
   {
        AdvOnLink on;
        AdvAutonomous on;
   };
   prefix fd00:2::/64
   {
        AdvOnLink on;
        AdvAutonomous off;
   };
};
interface qr-2
{
   AdvSendAdvert on;
   MinRtrAdvInterval 30;
   MaxRtrAdvInterval 100;
};
`,
  )
})
