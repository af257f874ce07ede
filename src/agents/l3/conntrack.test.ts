import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Host } from '../../dataplane/command/host.js'
import { DEFAULT_PATHS } from '../../dataplane/command/host.js'
import { changedTranslations, forgetConnections } from './conntrack.js'

test('a floating IP that moves to another address forgets what both had going on', async () => {
  const commands: string[] = []
  const host: Host = {
    name: 'h',
    paths: DEFAULT_PATHS,
    run: async (argv, options) => {
      commands.push(`${options?.netns}: ${argv.join(' ')}`)
      return { stdout: '', stderr: '', code: 1 }
    },
  }
  const same = { floatingIpId: 'same', floatingIp: '203.0.113.5', fixedIp: '192.168.1.5' }
  const before = { floatingIpId: 'f', floatingIp: '203.0.113.102', fixedIp: '192.168.1.3' }
  const after = { ...before, fixedIp: '192.168.1.9' }
  await forgetConnections(host, 'qrouter-x', changedTranslations([same, before], [same, after]))
  assert.deepEqual(commands, [
    'qrouter-x: conntrack -D -f ipv4 -d 203.0.113.102',
    'qrouter-x: conntrack -D -f ipv4 -q 203.0.113.102',
    'qrouter-x: conntrack -D -f ipv4 -s 192.168.1.9',
  ])
})

test('a forwarding that goes takes its own connections along, not those of its neighbours', async () => {
  const commands: string[] = []
  const listed = [20, 1000, 1009, 1010].map(
    (port) => `tcp 6 src=1.1.1.1 dst=203.0.113.5 sport=7 dport=${port} src=x dport=7`,
  )
  const host: Host = {
    name: 'h',
    paths: DEFAULT_PATHS,
    run: async (argv) => {
      commands.push(argv.join(' '))
      return { stdout: argv.includes('-L') ? listed.join('\n') : '', stderr: '', code: 0 }
    },
  }
  const common = { floatingIpId: 'f', floatingIp: '203.0.113.5', fixedIp: '192.168.1.3' }
  const one = { ...common, ports: { protocol: 'tcp', first: 22, last: 22, leadTo: 22 } } as const
  const range = { ...common, ports: { protocol: 'tcp', first: 1000, last: 1009, leadTo: 1 } } as const
  await forgetConnections(
    host,
    'snat-x',
    changedTranslations([one, range], [{ ...one, ports: { ...one.ports, leadTo: 23 } }]),
  )
  assert.deepEqual(commands, [
    'conntrack -L -f ipv4 -p tcp -d 203.0.113.5',
    'conntrack -D -f ipv4 -p tcp -d 203.0.113.5 --dport 22',
    'conntrack -D -f ipv4 -p tcp -d 203.0.113.5 --dport 1000',
    'conntrack -D -f ipv4 -p tcp -d 203.0.113.5 --dport 1009',
  ])
})
