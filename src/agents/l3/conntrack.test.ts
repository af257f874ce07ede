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
