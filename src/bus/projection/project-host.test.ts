import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { CloudObject } from '../../model/cloud.js'
import { HostView } from '../contracts/view.js'
import { Cloud } from './cloud.js'
import { diffViews, viewMap } from './diff.js'
import { place } from './placement.js'
import { projectHost } from './project-host.js'
import { host, IDS, instancePort, network, port, router, scenarioCloud, subnet } from './scenario-cloud.fake.js'

function view(objects: readonly CloudObject[], name: string): HostView {
  const cloud = Cloud.of(objects)
  return HostView.of(projectHost(cloud, place(cloud), name))
}

const without = (id: string) => scenarioCloud().filter((object) => object.id !== id)

describe('projection of the scenario', () => {
  it('gives the instance’s host the router, its floating IP and the agent gateway', () => {
    const compute1 = view(scenarioCloud(), 'compute1')
    const seen = compute1.get('router', IDS.router)!
    assert.equal(seen.central, false)
    assert.deepEqual(
      seen.floatingIps.map(({ floatingIp, fixedIp }) => [floatingIp, fixedIp]),
      [['203.0.113.102', '192.168.1.3']],
    )
    assert.equal(seen.agentGateway?.addresses[0]?.ip, '203.0.113.103')
    assert.equal(seen.snatPorts[0]?.addresses[0]?.ip, '192.168.1.2')
    assert.deepEqual(
      compute1
        .all('port')
        .map(({ deviceOwner }) => deviceOwner)
        .sort(),
      ['compute:nova', 'network:floatingip_agent_gateway', 'network:router_interface_distributed'],
    )
  })

  it('gives the network node the central part and no floating IP of another host', () => {
    const network1 = view(scenarioCloud(), 'network1')
    const seen = network1.get('router', IDS.router)!
    assert.equal(seen.central, true)
    assert.deepEqual(seen.floatingIps, [])
    assert.deepEqual(seen.centralFloatingIps, [])
    assert.equal(seen.agentGateway, null)
    assert.equal(network1.get('network', IDS.demoNet)!.dhcpPortId, 'd0d0d0d0-0000-4000-8000-000000000005')
  })

  it('tells a host without ports nothing but itself', () => {
    assert.deepEqual(view(scenarioCloud(), 'compute2').keys(), ['self/compute2'])
  })

  it('has a network of several segments on the first that the host can reach', () => {
    const wire = { networkType: 'vlan', physicalNetwork: 'rack1', segmentationId: 7 } as const
    const tunnel = { networkType: 'vxlan', physicalNetwork: null, segmentationId: 9 } as const
    const objects = scenarioCloud().map((object) => {
      if (object.kind === 'network' && object.id === IDS.demoNet) return { ...object, segments: [wire, tunnel] }
      return object.kind === 'host' && object.id === 'network1'
        ? { ...object, bridgeMappings: { rack1: 'br-rack' } }
        : object
    })
    const seen = (name: string) => view(objects, name).get('network', IDS.demoNet)!
    assert.deepEqual([seen('compute1').type, seen('compute1').segmentationId], ['vxlan', 9])
    assert.deepEqual([seen('network1').type, seen('network1').physicalNetwork], ['vlan', 'rack1'])
    assert.deepEqual([seen('compute1').peers, seen('network1').peers], [[], []])
  })

  it('floods only to hosts where the network is', () => {
    const compute1 = view(scenarioCloud(), 'compute1')
    assert.deepEqual(compute1.get('network', IDS.demoNet)!.peers, ['network1'])
    assert.deepEqual(
      compute1.all('peer').map(({ id }) => id),
      ['network1'],
    )
  })

  it('sends members of remote groups, and neighbours without distributed interfaces and floating IP ports', () => {
    const objects = [
      ...scenarioCloud(),
      instancePort('0a0b0c00-0000-4000-8000-00000000000a', '192.168.1.5', 'compute2'),
    ]
    const compute1 = view(objects, 'compute1')
    assert.deepEqual(compute1.get('group_members', IDS.group)!.ipv4, ['192.168.1.3', '192.168.1.5'])
    assert.deepEqual(
      compute1
        .all('neighbour')
        .map(({ fixedIps, host: at }) => [fixedIps[0]!.ip, at])
        .sort(),
      [
        ['192.168.1.2', 'network1'],
        ['192.168.1.4', 'network1'],
        ['192.168.1.5', 'compute2'],
      ],
    )
  })

  it('centralizes a floating IP whose port is bound to no host', () => {
    const objects = scenarioCloud().map((object) =>
      object.kind === 'port' && object.deviceOwner === 'compute:nova'
        ? { ...object, host: null, vifType: 'unbound' }
        : object,
    )
    assert.deepEqual(
      view(objects, 'compute1')
        .keys()
        .filter((key) => key.startsWith('router/')),
      [],
    )
    const seen = view(objects, 'network1').get('router', IDS.router)!
    assert.deepEqual(
      seen.centralFloatingIps.map(({ floatingIp }) => floatingIp),
      ['203.0.113.102'],
    )
  })

  it('reaches hosts over routers that share a subnet', () => {
    const second = [
      network('net-2', { segments: [{ networkType: 'vxlan', physicalNetwork: null, segmentationId: 2 }] }),
      subnet('sub-2', 'net-2', '192.168.2.0/24', '192.168.2.1'),
      { ...router, id: 'router-2', gatewayPortId: null, externalNetworkId: null, centralHost: null },
      port(
        'aa0000',
        'net-2',
        { subnetId: 'sub-2', ip: '192.168.2.1' },
        { deviceId: 'router-2', deviceOwner: 'network:router_interface_distributed', vifType: 'distributed' },
      ),
      port(
        'ab0000',
        IDS.demoNet,
        { subnetId: IDS.demoSubnet, ip: '192.168.1.9' },
        { deviceId: 'router-2', deviceOwner: 'network:router_interface_distributed', vifType: 'distributed' },
      ),
    ]
    const compute1 = view([...scenarioCloud(), ...second], 'compute1')
    assert.ok(compute1.get('router', 'router-2'))
    assert.ok(compute1.get('network', 'net-2'))
  })

  it('leaves a router that is administratively down everywhere', () => {
    const objects = scenarioCloud().map((object) =>
      object.kind === 'router' ? { ...object, adminStateUp: false } : object,
    )
    for (const name of ['compute1', 'network1']) assert.deepEqual(view(objects, name).all('router'), [])
  })
})

describe('projection as a function', () => {
  const names = ['network1', 'compute1', 'compute2']

  it('does not depend on the order in which objects became known', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(scenarioCloud(), { minLength: scenarioCloud().length }), (shuffled) => {
        for (const name of names) {
          assert.deepEqual(projectAll(shuffled, name), projectAll(scenarioCloud(), name))
        }
      }),
      { numRuns: 50 },
    )
  })

  it('changes by differences to the same view as from nothing', () => {
    const events = [...scenarioCloud(), instancePort('0a0b0c00-0000-4000-8000-00000000000a', '192.168.1.5', 'compute2')]
    fc.assert(
      fc.property(fc.shuffledSubarray(events), fc.shuffledSubarray(events), (added, removed) => {
        const cloud = Cloud.of([])
        const replicas = new Map(names.map((name) => [name, { view: new HostView(), last: viewMap([]) }]))
        const step = () => {
          const placement = place(cloud)
          for (const [name, replica] of replicas) {
            const next = viewMap(projectHost(cloud, placement, name))
            replica.view.apply({ type: 'change', epoch: 'e', revision: 1, ...diffViews(replica.last, next) })
            replica.last = next
          }
        }
        step()
        for (const object of added) {
          cloud.apply({ kind: object.kind, id: object.id, value: object })
          step()
        }
        for (const object of removed) {
          cloud.apply({ kind: object.kind, id: object.id, value: null })
          step()
        }
        const left = added.filter(({ id }) => !removed.some((object) => object.id === id))
        for (const [name, replica] of replicas) assert.deepEqual(sorted(replica.view.objects()), projectAll(left, name))
      }),
      { numRuns: 50 },
    )
  })

  it('names a change only to hosts that care', () => {
    const before = Cloud.of(without('fip-1'))
    const after = Cloud.of(scenarioCloud())
    const diff = (name: string) =>
      diffViews(viewMap(projectHost(before, place(before), name)), viewMap(projectHost(after, place(after), name)))
    assert.deepEqual(
      diff('compute1').put.map(({ kind }) => kind),
      ['router'],
    )
    for (const name of ['network1', 'compute2']) assert.deepEqual(diff(name), { put: [], del: [] })
  })

  it('tells of a trunk where its parent is, and where a subport is seen, whose it is', () => {
    const parent = instancePort('aaaaaaaa-0000-4000-8000-00000000000a', '192.168.1.50', 'compute2')
    const other = network('bbbbbbbb-0000-4000-8000-00000000000b', {})
    const owned = { deviceOwner: 'trunk:subport', deviceId: 'the-trunk', networkId: other.id }
    const subport = instancePort('cccccccc-0000-4000-8000-00000000000c', '192.168.9.5', 'compute2', owned)
    const watcher = instancePort('dddddddd-0000-4000-8000-00000000000d', '192.168.9.6', 'compute3', {
      networkId: other.id,
    })
    const trunk = {
      kind: 'trunk',
      id: 'the-trunk',
      portId: parent.id,
      subports: [{ portId: subport.id, vlan: 7 }],
    } as const
    const objects = [...scenarioCloud(), other, parent, subport, watcher, trunk, host('compute3', 93, 'dvr')]
    const seen = { ...trunk, instanceId: parent.deviceId }
    for (const name of ['compute2', 'compute3']) assert.deepEqual(view(objects, name).all('trunk'), [seen])
    // it has the parent's network, and so the parent as a neighbour
    assert.deepEqual(view(objects, 'compute1').all('trunk'), [])
  })

  it('has a routed network on the segment with subnets that a host reaches', () => {
    const segments = ['vlan', 'rack1', 'rack2'].map((physicalNetwork, i) => {
      return { id: `s${i}`, networkType: 'vlan' as const, physicalNetwork, segmentationId: i }
    })
    const net = network('eeeeeeee-0000-4000-8000-00000000000e', { segments })
    const on = (name: string, rack: string, octet: number) =>
      ({ ...host(name, octet, 'dvr'), bridgeMappings: { vlan: 'br-vlan', [rack]: 'br-rack' } }) as const
    const subnets = [1, 2].map((i) =>
      subnet(`sub${i}`, net.id, `10.${i}.0.0/24`, `10.${i}.0.1`, { segmentId: `s${i}` }),
    )
    const ports = [1, 2].map((i) => instancePort(`p${i}`, `10.${i}.0.2`, `rack-host${i}`, { networkId: net.id }))
    const objects = [net, ...subnets, ...ports, on('rack-host1', 'rack1', 81), on('rack-host2', 'rack2', 82)]
    const seen = view(objects, 'rack-host2').get('network', net.id)!
    assert.deepEqual([seen.physicalNetwork, seen.segmentationId, seen.peers], ['rack2', 2, []])
    assert.deepEqual(
      seen.subnets.map(({ segmentId }) => segmentId),
      ['s1', 's2'],
    )
  })

  it('keeps identity of unchanged port views', () => {
    const cloud = Cloud.of(scenarioCloud())
    const first = view0(cloud)
    cloud.apply({ kind: 'host', id: 'compute2', value: host('compute2', 99, 'dvr') })
    const second = view0(cloud)
    for (const [key, object] of first) if (key.startsWith('port/')) assert.equal(second.get(key), object)
  })

  function view0(cloud: Cloud) {
    return viewMap(projectHost(cloud, place(cloud), 'compute1'))
  }

  function projectAll(objects: readonly CloudObject[], name: string) {
    const cloud = Cloud.of(objects)
    return sorted(projectHost(cloud, place(cloud), name))
  }

  function sorted<T extends { kind: string; id: string }>(objects: readonly T[]): T[] {
    return [...objects].sort((a, b) => (a.kind + a.id < b.kind + b.id ? -1 : 1))
  }
})
