import assert from 'node:assert/strict'
import { test } from 'node:test'
import { releaseMessage, requestMessage } from './dhcp-messages.js'
import { unknownLeases } from './leases.js'
import { leaseMessages } from './settle-leases.js'

const LEASE = { mac: 'fa:16:3e:00:00:03', ip: '192.168.1.3', server: '192.168.1.2' }

test('messages of a client, as from a relay, for one server', () => {
  const release = releaseMessage(LEASE)
  assert.equal(release.length, 300)
  const fields = (message: Buffer) => ({
    op: message.subarray(0, 4).toString('hex'),
    ciaddr: message.subarray(12, 16).join('.'),
    giaddr: message.subarray(24, 28).join('.'),
    chaddr: message.subarray(28, 34).toString('hex'),
    options: message
      .subarray(236)
      .toString('hex')
      .replace(/(00)+$/, ''),
  })
  const server = 'c0a80102'
  assert.deepEqual(fields(release), {
    op: '01010600',
    ciaddr: '192.168.1.3',
    giaddr: '192.168.1.2',
    chaddr: 'fa163e000003',
    options: `63825363350107${`3604${server}`}${`52060b04${server}`}ff`,
  })
  const request = fields(requestMessage(LEASE))
  assert.equal(request.ciaddr, '0.0.0.0')
  assert.equal(request.options, `63825363350103${`3604${server}`}3204c0a80103${`52060b04${server}`}ff`)
})

const LEASES = `1000 fa:16:3e:00:00:03 192.168.1.3 host *
0 fa:16:3e:00:00:04 192.168.1.4 host *
1000 fa:16:3e:00:00:99 192.168.1.9 gone *
1000 fa:16:3e:00:00:99 10.9.9.9 subnet-gone *
`
const holders = [
  LEASE,
  { mac: 'fa:16:3e:00:00:04', ip: '192.168.1.4' },
  { mac: 'fa:16:3e:00:00:05', ip: '192.168.1.5' },
]

test('a lease is unknown when there is none, or one that ends before its client would have renewed it here', () => {
  const unknown = (now: number, duration: number) => unknownLeases(LEASES, holders, now, duration).map(({ ip }) => ip)
  assert.deepEqual(unknown(700, 1200), ['192.168.1.5'])
  assert.deepEqual(unknown(701, 1200), ['192.168.1.3', '192.168.1.5'])
  assert.deepEqual(unknown(5000, -1), ['192.168.1.5'])
})

test('a client with several addresses is known by the lease of any one of them that it may have', () => {
  const [first, second] = ['192.168.1.7', '192.168.1.8'].map((ip) => ({ mac: 'fa:16:3e:00:00:07', ip }))
  const unknown = (lease: string) => unknownLeases(lease, [first!, second!], 0, 1200).map(({ ip }) => ip)
  assert.deepEqual(unknown('1000 fa:16:3e:00:00:07 192.168.1.8 host *\n'), [])
  assert.deepEqual(unknown('1000 fa:16:3e:00:00:07 192.168.1.9 host *\n'), ['192.168.1.7', '192.168.1.8'])
  assert.deepEqual(unknown(''), ['192.168.1.7', '192.168.1.8'])
})

test('what a server is told: leases to give back; leases to take up where there are several servers', () => {
  const servers = [{ cidr: '192.168.1.0/24', ip: '192.168.1.2' }]
  const spec = { netns: 'n', holders, servers, shared: false, leaseDuration: 1200 }
  const kinds = (lines: readonly string[]) =>
    lines.map((line) => {
      const [address, port, hex = ''] = line.trim().split(' ')
      return `${address}:${port} ${hex.slice(484, 486)} ${hex.slice(66, 68)}`
    })
  assert.deepEqual(kinds(leaseMessages(LEASES, spec, 0)), ['192.168.1.2:67 07 99'])
  assert.deepEqual(kinds(leaseMessages(LEASES, { ...spec, shared: true }, 0)), [
    '192.168.1.2:67 07 99',
    '192.168.1.2:67 03 05',
  ])
})
