import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leases6Of, newlyGiven6 } from './leases.js'

const HOST = `fa:16:3e:00:00:01,host-192-168-1-3.openstacklocal,192.168.1.3
fa:16:3e:00:00:01,tag:dhcpv6,host-fd00--3.openstacklocal,[fd00::3]
fa:16:3e:00:00:02,tag:dhcpv6,host-fd00--4.openstacklocal,[fd00::4],set:port-1
`

test('IPv6 addresses that get another owner', () => {
  assert.deepEqual(newlyGiven6('', HOST), ['fd00::3', 'fd00::4'])
  assert.deepEqual(newlyGiven6(HOST, HOST), [])
  assert.deepEqual(newlyGiven6(HOST, ''), [])
  assert.deepEqual(newlyGiven6(HOST, HOST.replaceAll('00:00:02', '00:00:05')), ['fd00::4'])
})

test('leases of these addresses, and no others', () => {
  const lease = '1795354276 1046012689 fd00::3 host-fd00--3 00:03:00:01:fa:16:3e:58:e3:11'
  const text = `1795433208 fa:16:3e:9f:c7:f6 192.168.1.3 host-192-168-1-3 *
duid 00:01:00:01:32:95:8d:d4:fa:16:3e:df:dd:35
${lease}
1795354276 1046012690 fd00::4 host-fd00--4 00:03:00:01:fa:16:3e:58:e3:12
`
  assert.deepEqual(leases6Of(text, new Set(['fd00::3', 'fd00::9', '192.168.1.3'])), [lease])
  assert.deepEqual(leases6Of('', new Set(['fd00::3'])), [])
})
