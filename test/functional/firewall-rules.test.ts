import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { translateRule } from '../../src/agents/ovs/firewall/group-rules.js'
import { rule } from '../../src/agents/ovs/testing/example.fake.js'
import { LocalHost, runCommand } from '../../src/dataplane/command/host.js'
import { createIptablesWriter } from '../../src/dataplane/iptables/writer.js'
import type { CloudSecurityGroupRule } from '../../src/model/cloud.js'
import { PROTOCOL_NUMBERS } from '../../src/model/protocols.js'
import { inSandbox } from '../lib/agent-sandbox.js'

type Words = Partial<CloudSecurityGroupRule>

const PORTS = ['tcp', 'udp', 'sctp', 'dccp', 'udplite', '6', '17', '132', '33', '136']
const RANGES = [
  [22, 22],
  [0, 0],
  [0, 65535],
  [8000, 8100],
  [65535, 65535],
] as const
const ICMP = [
  [0, null],
  [0, 0],
  [3, 4],
  [8, null],
  [8, 0],
  [13, 255],
  [254, null],
  [255, null],
  [255, 0],
  [255, 255],
] as const
const PREFIXES = ['0.0.0.0/0', '10.1.2.3/24', '10.1.2.3', '10.1.2.3/32', '128.0.0.0/1']

/** Every form of rule that the API takes for IPv4. */
function everyForm(): Words[] {
  const names = [...Object.keys(PROTOCOL_NUMBERS), ...Array.from({ length: 256 }, (_, n) => String(n)), 'any', null]
  return [
    ...names.map((protocol): Words => ({ protocol })),
    ...PORTS.flatMap((protocol) => RANGES.map(([portMin, portMax]): Words => ({ protocol, portMin, portMax }))),
    ...['icmp', '1'].flatMap((protocol) => ICMP.map(([portMin, portMax]): Words => ({ protocol, portMin, portMax }))),
    ...PREFIXES.map((remoteIpPrefix): Words => ({ protocol: 'tcp', portMin: 5, portMax: 6, remoteIpPrefix })),
    ...PREFIXES.map((remoteIpPrefix): Words => ({ direction: 'egress', remoteIpPrefix })),
  ]
}

inSandbox('firewall rules', fileURLToPath(import.meta.url), () => {
  describe('rules of security groups in the kernel', () => {
    it('are taken in every form, and read back as they were written', async () => {
      const remotes = { useSets: true, members: () => [] }
      const lines = everyForm().flatMap((words, i) => translateRule(rule(String(i), words), 'ipv4', new Set(), remotes))
      const chain = [...new Set(lines)]
      assert.ok(chain.length > 290, `${chain.length} different rules`)
      const set = { ownPrefixes: ['t-'], tables: { filter: { chains: { 't-rules': chain }, builtin: {} } } }
      const writer = createIptablesWriter(new LocalHost(), null, 'ipv4')
      assert.equal(await writer.apply(set, true), 1)
      assert.equal(await writer.apply(set, true), 0, 'a second look writes again')
    })

    it('let no other type pass as ICMP type 255', async () => {
      const { stdout } = await runCommand(['iptables-save'])
      assert.doesNotMatch(stdout, /--icmp-type any/)
    })
  })
})
