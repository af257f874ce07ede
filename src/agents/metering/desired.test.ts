import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HostObject, MeteringLabelView, RouterView } from '../../bus/contracts/host-view.js'
import { HostView } from '../../bus/contracts/view.js'
import { diffRules } from '../../dataplane/iptables/diff.js'
import { parseSave } from '../../dataplane/iptables/save-text.js'
import type { CloudMeteringRule } from '../../model/cloud.js'
import { meteredNamespaces } from './desired.js'
import { NO_METERS } from './rules.js'

const ROUTER = '635660ae-a254-4feb-8993-295aa9ec6418'
const LABEL = 'c5df2fe5-c600-4a2a-b2f4-c0fb6df73c83'
const L = 'neutron-meter-l-c5df2fe5-c60'
const R = 'neutron-meter-r-c5df2fe5-c60'
const QG = 'qg-ff5f93c6-37'

function router(over: Partial<RouterView> = {}): RouterView {
  return {
    kind: 'router',
    id: ROUTER,
    projectId: 'demo',
    name: '',
    adminStateUp: true,
    distributed: true,
    central: false,
    interfaces: [],
    snatPorts: [],
    gateway: { portId: 'ff5f93c6-37aa', networkId: 'n', mac: '', mtu: 1500, addresses: [] },
    externalNetworkId: 'n',
    enableSnat: true,
    floatingIps: [],
    centralFloatingIps: [],
    agentGateway: null,
    routes: [],
    ...over,
  }
}

function rule(over: Partial<CloudMeteringRule>): CloudMeteringRule {
  const prefixes = { remoteIpPrefix: null, sourceIpPrefix: null, destinationIpPrefix: null }
  return { id: 'r', direction: 'ingress', excluded: false, ...prefixes, ...over }
}

function label(rules: readonly CloudMeteringRule[], over: Partial<MeteringLabelView> = {}): MeteringLabelView {
  return { kind: 'metering_label', id: LABEL, projectId: 'demo', shared: false, rules, ...over }
}

const wanted = (...objects: HostObject[]) => meteredNamespaces(HostView.of(objects))
const places = (...objects: HostObject[]) => wanted(...objects).map(({ name }) => name)
const floatingIps = [{ id: 'f', floatingIp: '203.0.113.102', fixedIp: '192.168.1.3', portId: 'p' }]

describe('metered namespaces', () => {
  it('are none without labels, and none of other projects’ routers unless the label is shared', () => {
    assert.deepEqual(wanted(router({ central: true })), [])
    assert.deepEqual(places(router({ central: true }), label([], { projectId: 'other' })), [])
    assert.deepEqual(places(router({ central: true }), label([], { projectId: 'other', shared: true })), [
      `snat-${ROUTER}`,
    ])
  })

  it('are those with a way outside', () => {
    const none = label([])
    assert.deepEqual(places(router(), none), [])
    assert.deepEqual(places(router({ floatingIps }), none), [`qrouter-${ROUTER}`])
    assert.deepEqual(places(router({ floatingIps, central: true }), none), [`qrouter-${ROUTER}`, `snat-${ROUTER}`])
    assert.deepEqual(places(router({ distributed: false, central: true, floatingIps }), none), [`qrouter-${ROUTER}`])
    assert.deepEqual(places(router({ distributed: false, floatingIps }), none), [])
    assert.deepEqual(places(router({ central: true, gateway: null }), none), [])
    assert.deepEqual(places(router({ central: true, adminStateUp: false }), none), [])
  })

  it('count in Neutron’s chains, what is excluded first', () => {
    const rules = [
      rule({ id: '1', remoteIpPrefix: '192.168.1.7/24' }),
      rule({ id: '2', direction: 'egress', remoteIpPrefix: '0.0.0.0/0' }),
      rule({ id: '3', remoteIpPrefix: '192.168.1.5', excluded: true }),
      rule({ id: '4', direction: 'egress', sourceIpPrefix: '192.168.0.0/16', destinationIpPrefix: '8.8.8.0/24' }),
    ]
    const [one] = wanted(router({ central: true }), label(rules))
    assert.deepEqual(one!.ipv4.tables, {
      filter: {
        chains: {
          'neutron-meter-FORWARD': [`-j ${R}`],
          [R]: [
            `-d 192.168.1.5/32 -i ${QG} -j RETURN`,
            `-d 192.168.1.0/24 -i ${QG} -j ${L}`,
            `-o ${QG} -j ${L}`,
            `-s 192.168.0.0/16 -d 8.8.8.0/24 -o ${QG} -j ${L}`,
          ],
          [L]: [''],
        },
        builtin: { FORWARD: { bottom: ['-j neutron-meter-FORWARD'] } },
      },
    })
    assert.equal(one!.ipv6, NO_METERS)
  })

  it('count IPv6 where it passes', () => {
    const six = label([rule({ remoteIpPrefix: '2001:DB8::/64' })])
    const [floating, central] = wanted(router({ floatingIps, central: true }), six)
    assert.equal(floating!.ipv6, NO_METERS)
    assert.deepEqual(central!.ipv6.tables.filter!.chains[R], [`-d 2001:db8::/64 -i ${QG} -j ${L}`])
    assert.deepEqual(central!.ipv4.tables.filter!.chains[R], [])
  })

  it('leave the L3 agent’s rules in place, and a rule more leaves counters alone', () => {
    const before = parseSave(
      [
        '*filter',
        ':FORWARD ACCEPT [0:0]',
        ':neutron-filter-top - [0:0]',
        ':neutron-l3-agent-FORWARD - [0:0]',
        '-A FORWARD -j neutron-filter-top',
        '-A FORWARD -j neutron-l3-agent-FORWARD',
        'COMMIT',
      ].join('\n'),
    )
    const rules = [rule({ id: '1', remoteIpPrefix: '192.168.1.0/24' })]
    const first = diffRules(before, wanted(router({ central: true }), label(rules))[0]!.ipv4)
    assert.match(first.input, /-A FORWARD -j neutron-meter-FORWARD/)
    assert.doesNotMatch(first.input, /l3-agent|filter-top/)
    const more = [...rules, rule({ id: '2', direction: 'egress', remoteIpPrefix: '192.168.1.0/24' })]
    const second = diffRules(first.after, wanted(router({ central: true }), label(more))[0]!.ipv4)
    assert.deepEqual(second.input.trim().split('\n'), [
      '*filter',
      `-I ${R} 2 -s 192.168.1.0/24 -o ${QG} -j ${L}`,
      'COMMIT',
    ])
    const none = diffRules(second.after, NO_METERS)
    assert.deepEqual(none.after.get('filter'), before.get('filter'))
  })
})
