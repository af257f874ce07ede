import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { agentProviderId, bridgeProviderId } from '../placement/names.js'
import { FakePlacement } from '../placement/placement.fake.js'
import type { Attributes, Resource } from '../service.js'
import { admin, TestCloud } from '../testing/cloud.js'
import type { ResourceRequest } from './resource-request.js'

const EGRESS = 'NET_BW_EGR_KILOBIT_PER_SEC'
const INGRESS = 'NET_BW_IGR_KILOBIT_PER_SEC'
const PACKETS = 'NET_PACKET_RATE_KILOPACKET_PER_SEC'
const BRIDGE = bridgeProviderId('compute1', 'br-vlan')
const SWITCH = agentProviderId('compute1')
const NODE = 'node'
const VM = 'vm-1'

describe('another policy of a port with an allocation', () => {
  let placement: FakePlacement
  let cloud: TestCloud
  let network: Resource
  const open = async (config: string) => {
    cloud = await TestCloud.open(config)
    await cloud.report('compute1', 'Open vSwitch agent', {
      bridge_mappings: { vlan: 'br-vlan' },
      resource_provider_bandwidths: { 'br-vlan': { egress: 10_000, ingress: 10_000 } },
      resource_provider_packet_processing_without_direction: { compute1: { any: 1000 } },
    })
    const provider = { 'provider:network_type': 'vlan', 'provider:physical_network': 'vlan' }
    network = await cloud.create('networks', provider, admin)
    await cloud.create('subnets', { network_id: network.id, ip_version: 4, cidr: '10.0.0.0/24' }, admin)
  }
  beforeEach(async () => {
    placement = await FakePlacement.open()
    await open(placement.config)
  })
  afterEach(async () => {
    await cloud.close()
    await placement.close()
  })

  /** `rules`: kbit/s by direction, and `kpps` of both directions or one. */
  async function policy(rules: { egress?: number; ingress?: number; kpps?: number; direction?: string } = {}) {
    const { id } = await cloud.create('policies', { name: 'guaranteed' }, admin)
    for (const direction of ['egress', 'ingress'] as const) {
      const rule = { qos_policy_id: id, min_kbps: rules[direction], direction }
      if (rules[direction]) await cloud.create('minimum_bandwidth_rules', rule, admin)
    }
    const packets = { qos_policy_id: id, min_kpps: rules.kpps, direction: rules.direction ?? 'any' }
    if (rules.kpps) await cloud.create('minimum_packet_rate_rules', packets, admin)
    return id
  }

  const groupsOf = ({ resource_request }: Resource) =>
    (resource_request as ResourceRequest | null)?.request_groups ?? []
  const allocationOf = (port: Resource) =>
    (port['binding:profile'] as { allocation: Record<string, string> }).allocation

  /** A port as nova leaves it: allocated and bound. */
  async function instance(attributes: Attributes): Promise<string> {
    const port = await cloud.create('ports', { network_id: network.id, ...attributes }, admin)
    const providers = groupsOf(port).map(({ id, resources }) => ({
      id,
      resources,
      provider: EGRESS in resources || INGRESS in resources ? BRIDGE : SWITCH,
    }))
    const amounts = providers.map(({ provider, resources }) => [provider, resources] as const)
    placement.allocate(VM, { [NODE]: { VCPU: 2 }, ...Object.fromEntries(amounts) })
    const bound = await update(port.id, {
      device_id: VM,
      device_owner: 'compute:nova',
      'binding:host_id': 'compute1',
      'binding:profile': {
        allocation: Object.fromEntries(providers.map(({ id, provider }) => [id, provider])),
        other: 1,
      },
    })
    assert.equal(bound['binding:vif_type'], 'ovs')
    return port.id
  }

  const update = (id: string, changes: Attributes) => cloud.collection('ports').update(admin, id, changes)
  const own = { [NODE]: { VCPU: 2 } }

  async function refused(id: string, changes: Attributes, type: string, status: number): Promise<string> {
    const [before, held] = [await cloud.show('ports', id), placement.held(VM)]
    let message = ''
    await assert.rejects(update(id, changes), (error: Error & { type?: string; status?: number }) => {
      assert.deepEqual([error.type, error.status], [type, status], error.stack)
      message = error.message
      return true
    })
    assert.deepEqual([await cloud.show('ports', id), placement.held(VM)], [before, held])
    return message
  }

  it('changes what the instance holds by the difference, and nothing else of it', async () => {
    const id = await instance({ qos_policy_id: await policy({ egress: 1000, ingress: 500, kpps: 10 }) })
    // another port of the same instance has the rest
    placement.allocate(VM, { ...own, [BRIDGE]: { [EGRESS]: 1300, [INGRESS]: 500 }, [SWITCH]: { [PACKETS]: 10 } })
    const port = await update(id, { qos_policy_id: await policy({ egress: 3000, kpps: 25 }) })
    assert.deepEqual(placement.held(VM), { ...own, [BRIDGE]: { [EGRESS]: 3300 }, [SWITCH]: { [PACKETS]: 25 } })
    const [bandwidth, packets] = groupsOf(port)
    assert.deepEqual(port['binding:profile'], {
      allocation: { [bandwidth!.id]: BRIDGE, [packets!.id]: SWITCH },
      other: 1,
    })
    assert.equal(port['binding:vif_type'], 'ovs')
    assert.deepEqual([placement.written.length, placement.written[0]!.project_id], [1, 'demo'])
    // the same amounts by other rules: nothing to tell
    const again = await update(id, { qos_policy_id: await policy({ egress: 3000, kpps: 25 }) })
    assert.deepEqual(Object.keys(allocationOf(again)), again.resource_request && groupsOf(again).map((one) => one.id))
    assert.equal(placement.written.length, 1)
  })

  it('is tried again when somebody else changes the instance at the same time', async () => {
    const id = await instance({ qos_policy_id: await policy({ egress: 1000 }) })
    let left = 3
    placement.meanwhile = () => {
      if (left-- > 0) placement.allocate(VM, { [NODE]: { VCPU: left }, [BRIDGE]: { [EGRESS]: 1000 } })
    }
    await update(id, { qos_policy_id: await policy({ egress: 400 }) })
    assert.deepEqual(placement.held(VM), { [NODE]: { VCPU: 0 }, [BRIDGE]: { [EGRESS]: 400 } })
    placement.meanwhile = () => placement.allocate(VM, placement.held(VM))
    const changes = { qos_policy_id: await policy({ egress: 1 }) }
    const message = await refused(id, changes, 'PlacementAllocationGenerationConflict', 409)
    assert.match(message, /^Resource allocation has been changed for consumer vm-1 in Placement while/)
  })

  it('is refused when there is not that much, and changes nothing then', async () => {
    const id = await instance({ qos_policy_id: await policy({ egress: 1000, ingress: 500 }) })
    placement.capacity.set(`${BRIDGE} ${EGRESS}`, 2000)
    const changes = { qos_policy_id: await policy({ egress: 2001, ingress: 500 }), name: 'new' }
    assert.equal(
      await refused(id, changes, 'QosPlacementAllocationUpdateConflict', 409),
      `Updating placement allocation with {'${BRIDGE}': {'${EGRESS}': 1001}} for consumer vm-1 failed. The requested resources would exceed the capacity available.`,
    )
  })

  it('is taken back in Placement when the port cannot be changed after all', async () => {
    const id = await instance({ qos_policy_id: await policy({ egress: 1000 }) })
    const fixed_ips = [{ ip_address: '192.0.2.1' }]
    await refused(id, { qos_policy_id: await policy({ egress: 3000 }), fixed_ips }, 'InvalidIpForNetwork', 400)
    assert.equal(placement.written.length, 2)
    // of an instance that has nothing else too, which is forgotten in between
    placement.allocate(VM, { [BRIDGE]: { [EGRESS]: 1000 } })
    await refused(id, { qos_policy_id: null, fixed_ips }, 'InvalidIpForNetwork', 400)
    assert.equal(placement.written.length, 4)
    // one that has gone meanwhile stays away
    placement.allocate(VM, { ...own, [BRIDGE]: { [EGRESS]: 1000 } })
    let goes = true
    cloud.built.core.hooks.on('port.before-update', async () => {
      if (goes) placement.allocate(VM, {})
      goes = false
    })
    await assert.rejects(update(id, { qos_policy_id: null, fixed_ips }), { type: 'InvalidIpForNetwork' })
    assert.deepEqual([placement.held(VM), placement.written.length], [{}, 5])
    // what can be seen before is refused before
    await refused(id, { qos_policy_id: 'nowhere' }, 'QosPolicyNotFound', 404)
    assert.equal(placement.written.length, 5)
  })

  it('may take everything away; what was not allocated when the instance was placed is not allocated later', async () => {
    const id = await instance({ qos_policy_id: await policy({ egress: 1000, kpps: 10 }) })
    await update(id, { qos_policy_id: await policy({ egress: 700 }) })
    assert.deepEqual(placement.held(VM), { ...own, [BRIDGE]: { [EGRESS]: 700 } })
    const more = await update(id, { qos_policy_id: await policy({ egress: 800, kpps: 20 }) })
    assert.deepEqual(placement.held(VM), { ...own, [BRIDGE]: { [EGRESS]: 800 } })
    assert.deepEqual(allocationOf(more), { [groupsOf(more)[0]!.id]: BRIDGE })
    assert.deepEqual(allocationOf(await update(id, { qos_policy_id: null })), {})
    assert.deepEqual(placement.held(VM), own)
    await update(id, { qos_policy_id: await policy({ egress: 100 }) })
    assert.deepEqual(placement.held(VM), own)
  })

  it('does not pass from packets of both directions to those of each', async () => {
    const id = await instance({ qos_policy_id: await policy({ egress: 1000, kpps: 10 }) })
    const directed = { qos_policy_id: await policy({ egress: 2000, kpps: 10, direction: 'egress' }) }
    assert.match(await refused(id, directed, 'NotImplementedError', 501), /^Changing from direction-less QoS/)
  })

  it('is refused when Placement knows nothing of the allocation, or does not answer', async () => {
    const id = await instance({ qos_policy_id: await policy({ egress: 1000 }) })
    const changes = { qos_policy_id: await policy({ egress: 2000 }) }
    placement.allocate(VM, own)
    await refused(id, changes, 'PlacementAllocationRpNotExists', 400)
    placement.allocate(VM, {})
    await refused(id, changes, 'PlacementAllocationRemoved', 400)
    placement.failing = 403
    await refused(id, changes, 'PlacementClientError', 500)
    placement.failing = 503
    await assert.rejects(update(id, changes))
    assert.notEqual((await cloud.show('ports', id)).qos_policy_id, changes.qos_policy_id)
  })

  it('is refused without a Placement to tell', async () => {
    await cloud.close()
    await open('')
    const id = await instance({ qos_policy_id: await policy({ egress: 1000 }) })
    await refused(id, { qos_policy_id: await policy({ egress: 2000 }) }, 'NotImplementedError', 501)
    await update(id, { qos_policy_id: await policy({ egress: 1000 }) })
  })

  it('counts once when it is asked for several times at once', async () => {
    const id = await instance({ qos_policy_id: await policy({ egress: 1000 }) })
    const policies = [await policy({ egress: 2000 }), await policy({ egress: 3000 })]
    const requests = [...policies, ...policies].map((qos_policy_id) => update(id, { qos_policy_id }))
    await Promise.all(requests)
    const port = await cloud.show('ports', id)
    assert.deepEqual(placement.held(VM), { ...own, [BRIDGE]: groupsOf(port)[0]!.resources })
    assert.deepEqual(allocationOf(port), { [groupsOf(port)[0]!.id]: BRIDGE })
  })

  it('of its network changes what ports without one hold; of one that holds others back, nothing', async () => {
    const networkPolicy = (qos_policy_id: string | null) =>
      cloud.collection('networks').update(admin, network.id, { qos_policy_id })
    await networkPolicy(await policy({ egress: 1000 }))
    const id = await instance({})
    const port = async () => cloud.show('ports', id)
    await networkPolicy(await policy({ egress: 1500 }))
    assert.deepEqual(placement.held(VM), { ...own, [BRIDGE]: { [EGRESS]: 1500 } })
    assert.deepEqual(allocationOf(await port()), { [groupsOf(await port())[0]!.id]: BRIDGE })
    // a policy of the port's own goes before; without it the network's is in force again
    await update(id, { qos_policy_id: await policy({ egress: 2500 }) })
    await networkPolicy(await policy({ egress: 1600 }))
    assert.deepEqual(placement.held(VM), { ...own, [BRIDGE]: { [EGRESS]: 2500 } })
    await update(id, { qos_policy_id: null })
    assert.deepEqual(placement.held(VM), { ...own, [BRIDGE]: { [EGRESS]: 1600 } })
    // what Placement refuses does not hold the network back
    placement.capacity.set(`${BRIDGE} ${EGRESS}`, 2000)
    const large = await policy({ egress: 3000 })
    const before = allocationOf(await port())
    assert.equal((await networkPolicy(large)).qos_policy_id, large)
    assert.deepEqual(placement.held(VM), { ...own, [BRIDGE]: { [EGRESS]: 1600 } })
    assert.deepEqual(allocationOf(await port()), before)
  })
})
