import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PortLog } from '../../../bus/contracts/host-view.js'
import { closePorts } from '../firewall/guarded-writer.js'
import { exampleObjects, ID, rule } from '../testing/example.fake.js'
import { desired, exampleLocal } from '../testing/local.fake.js'
import { logLine } from './packet-log.js'
import { logOwners } from './port-logging.js'

const W = 'neutron-openvswi-'
const PORT = '05a1b2c3-d'
const LIMIT = '-m hashlimit --hashlimit-upto 100/sec --hashlimit-burst 25 --hashlimit-name neutron-log-100-25'
const nflog = (action: string) =>
  `${LIMIT} -j NFLOG --nflog-prefix "${action} ${ID.instance1}" --nflog-group 9696 --nflog-size 128`

const log = (event: PortLog['event'], groupId: string | null = null, id = 'log-1'): PortLog => {
  return { id, projectId: 'demo', event, groupId }
}

function chainsWith(...logs: readonly PortLog[]) {
  const view = logs.length === 0 ? [] : [{ kind: 'port_log' as const, id: ID.instance1, logs }]
  const { firewall } = desired([...exampleObjects(), ...view], exampleLocal())
  return { firewall, chains: firewall.rules.ipv4.tables.filter!.chains }
}

test('without a log nothing differs', () => {
  const { firewall, chains } = chainsWith()
  assert.equal(firewall.unlogged, null)
  assert.ok(!JSON.stringify(chains).includes('NFLOG'))
  assert.deepEqual(
    Object.keys(chains).filter((name) => /-[DAIO]05/.test(name)),
    [],
  )
})

test('what is dropped goes to a chain of the port’s own, wherever it is dropped', () => {
  const { chains } = chainsWith(log('DROP'))
  assert.deepEqual(chains[`${W}D${PORT}`], [nflog('DROP'), `-j ${W}sg-fallback`])
  const plain = chainsWith().chains
  for (const kind of ['i', 'o', 's']) {
    const name = `${W}${kind}${PORT}`
    const former = plain[name]!.map((line) =>
      line.replace(/-j (DROP|neutron-openvswi-sg-fallback)$/, `-j ${W}D${PORT}`),
    )
    assert.deepEqual(chains[name], former)
  }
  assert.ok(chains[`${W}sg-chain`]![0]!.endsWith(`-j ${W}sg-ended`))
  const tap = 'tap05a1b2c3-d4 --physdev-is-bridged'
  assert.deepEqual(chains[`${W}sg-ended`], [
    `-m physdev --physdev-out ${tap} -j ${W}D${PORT}`,
    `-m physdev --physdev-in ${tap} -j ${W}D${PORT}`,
    '-j DROP',
  ])
})

test('what is let through is logged once, when a session begins', () => {
  const { chains, firewall } = chainsWith(log('ACCEPT'))
  const plain = chainsWith().chains
  const [ingress, egress] = [`${W}i${PORT}`, `${W}o${PORT}`]
  const toLog = `-m state --state NEW -j ${W}I${PORT}`
  assert.deepEqual(
    chains[ingress]!.filter((line) => line !== toLog),
    plain[ingress],
  )
  assert.ok(chains[ingress]!.indexOf(toLog) > chains[ingress]!.findIndex((line) => line.includes('ESTABLISHED')))
  assert.ok(chains[ingress]!.indexOf(toLog) < chains[ingress]!.indexOf('-p icmp -j RETURN'))
  assert.ok(chains[egress]!.includes(`-m state --state NEW -j ${W}O${PORT}`))
  assert.deepEqual(chains[`${W}A${PORT}`], [nflog('ACCEPT')])
  // whoever goes to the chain that logs does not come back to log twice
  assert.ok(chains[`${W}I${PORT}`]!.includes(`-p icmp -g ${W}A${PORT}`))
  assert.ok(chains[`${W}I${PORT}`]!.every((line) => line.endsWith(` -g ${W}A${PORT}`)))
  assert.equal(chains[`${W}D${PORT}`], undefined)
  assert.equal(chains[`${W}sg-chain`]![0]!.split(' ').at(-1), 'DROP')
  assert.deepEqual(firewall.unlogged!.ipv4.tables.filter!.chains, plain)
})

test('a log of one group is about its rules only; of stateless groups each packet is logged', () => {
  const other = 'ffffffff-5832-42ce-a2d4-1ba901342505'
  const objects = (stateful: boolean) =>
    exampleObjects()
      .map((object) =>
        object.kind === 'port' && object.id === ID.instance1
          ? { ...object, securityGroups: [...object.securityGroups, other] }
          : object.kind === 'security_group'
            ? { ...object, stateful }
            : object,
      )
      .concat([
        { kind: 'security_group', id: other, stateful, rules: [rule('r9', { protocol: 'gre' })] },
        { kind: 'port_log', id: ID.instance1, logs: [log('ALL', other)] },
      ])
  const chainsOf = (stateful: boolean) =>
    desired(objects(stateful), exampleLocal()).firewall.rules.ipv4.tables.filter!.chains
  assert.deepEqual(chainsOf(true)[`${W}I${PORT}`], [`-p gre -g ${W}A${PORT}`])
  assert.deepEqual(chainsOf(true)[`${W}O${PORT}`], [])
  assert.ok(chainsOf(false)[`${W}i${PORT}`]!.includes(`-j ${W}I${PORT}`))
})

test('a port that has to be closed is closed with all its chains', () => {
  const { firewall } = chainsWith(log('ALL'))
  const { chains } = closePorts(firewall.rules.ipv4, [ID.instance1]).tables.filter!
  for (const kind of ['i', 'o', 's', 'D', 'A', 'I', 'O'])
    assert.deepEqual(chains[`${W}${kind}${PORT}`], [`-j ${W}sg-fallback`])
})

test('a line names the port and its logs of that event; nobody’s packets are no line', () => {
  const owners = logOwners([
    { kind: 'port_log', id: 'p', logs: [log('ALL'), log('DROP', 'g', 'log-2'), log('ACCEPT', null, 'log-3')] },
    { kind: 'port_log', id: 'q', logs: [log('DROP')] },
  ])
  const line = (prefix: string) => logLine({ prefix, ethernet: null, payload: Buffer.alloc(0) }, owners)
  assert.equal(line('ACCEPT p'), "action=ACCEPT project_id=demo log_resource_ids=['log-1', 'log-3'] vm_port=p pkt=")
  assert.equal(line('DROP p'), "action=DROP project_id=demo log_resource_ids=['log-1', 'log-2'] vm_port=p pkt=")
  assert.equal(line('ACCEPT q'), null)
  assert.equal(line('DROP x'), null)
})
