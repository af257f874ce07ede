import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchFaults } from './batch.js'
import { parseDump } from './parse.js'

/** A qrouter as `ip -j` prints it, with a stranger's rule, route and neighbour in it. */
const DUMP = {
  links: [
    {
      ifname: 'qr-5cd01c11-ed',
      flags: ['BROADCAST', 'UP'],
      mtu: 1450,
      address: 'fa:16:3e:75:fd:60',
      addr_info: [
        { family: 'inet', local: '10.200.3.1', prefixlen: 24 },
        { family: 'inet6', local: 'fe80::a9fe:a9fe', prefixlen: 64 },
        { family: 'inet6', local: 'fe80::f816:3eff:fe75:fd60', prefixlen: 64 },
      ],
    },
  ],
  rules: [
    { priority: 0, src: 'all', table: 'local' },
    { priority: 500, src: '10.9.9.9', table: '99' },
    { priority: 32766, src: 'all', table: 'main' },
    { priority: 35807, src: '10.200.3.195', table: '16' },
    { priority: 180880129, src: '10.200.3.1', srclen: 24, table: '180880129' },
    { priority: 2852021685, src: 'all', iif: 'fpr-f7095b8f-3', table: '2852021685' },
  ],
  rules6: [],
  routes: [
    {
      dst: 'default',
      gateway: '10.200.3.39',
      dev: 'qr-5cd01c11-ed',
      table: '180880129',
      protocol: 'static',
      flags: [],
    },
    { dst: '10.200.3.0/24', dev: 'qr-5cd01c11-ed', protocol: 'kernel', scope: 'link', flags: [] },
    { dst: '10.7.0.0/16', gateway: '10.200.3.8', dev: 'qr-5cd01c11-ed', protocol: 'boot', flags: [] },
  ],
  neighbours: [
    { dst: '10.200.3.195', dev: 'qr-5cd01c11-ed', lladdr: 'fa:16:3e:c3:6d:99', state: ['PERMANENT'] },
    { dst: '10.200.3.8', dev: 'qr-5cd01c11-ed', lladdr: 'fa:16:3e:00:00:08', state: ['REACHABLE'] },
  ],
  proxies: [{ dst: '2001:db8::5', dev: 'qr-5cd01c11-ed', proxy: null }],
}

test("ours is told from the kernel's and from strangers'", () => {
  const state = parseDump(DUMP)
  assert.deepEqual([...state.links.get('qr-5cd01c11-ed')!.addresses], ['10.200.3.1/24', 'fe80::a9fe:a9fe/64'])
  assert.deepEqual(
    [...state.rules.keys()],
    [
      '4 from 10.200.3.195 lookup 16 priority 35807',
      '4 from 10.200.3.1/24 lookup 180880129 priority 180880129',
      '4 iif fpr-f7095b8f-3 lookup 2852021685 priority 2852021685',
    ],
  )
  assert.deepEqual([...state.routes.keys()], ['4 180880129 default'])
  assert.deepEqual([...state.neighbours.keys()], ['10.200.3.195 qr-5cd01c11-ed'])
  assert.deepEqual([...state.proxies.values()], [{ ip: '2001:db8::5', device: 'qr-5cd01c11-ed' }])
})

test('complaints of a batch belong to their lines', () => {
  const lines = ['link set a up', 'rule add from x', 'addr add 1/2']
  const stderr =
    'Error: any valid prefix is expected rather than "x".\nCommand failed -:2\nError: bad\nmore\nCommand failed -:3\n'
  assert.deepEqual(batchFaults(lines, stderr), [
    { line: 'rule add from x', message: 'Error: any valid prefix is expected rather than "x".' },
    { line: 'addr add 1/2', message: 'Error: bad more' },
  ])
  assert.equal(batchFaults(lines, 'Cannot open network namespace "x"'), null)
})
