import { convertRouter } from '../../proof/convert.js'
import { expect } from '../../proof/expect.js'
import {
  allow,
  associateFloatingIp,
  bootAll,
  disassociateFloatingIp,
  makeExternal,
  makeNetwork,
  makeRouter,
  setGateway,
  updateRouter,
} from '../../proof/objects.js'
import { expectSeenAs, OUTSIDE, withWhoami } from '../../proof/outside.js'
import { expectAnswers, expectSilence } from '../../proof/places.js'
import { badRequest, expectRefused } from '../../proof/refused.js'
import { settled } from '../../settled.js'
import { EXTERNAL_GATEWAY, OPENSTACK_ORG } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

/** The way outside moves between a flat and a VLAN external network, is taken away and comes back. */
export const gatewayChange: Case = {
  name: 'gateway-change',
  title: 'a gateway moves from a flat to a VLAN external network and back, is cleared, changes its address',
  async run(run) {
    const objects = await run.step('set up', () => setUp(run))
    await change(run, objects, 'distributed')
    await run.step('what is refused', () => refusals(run, objects))
    await run.step('make the router legacy', () => convertRouter(run, objects.routerId, false))
    await change(run, objects, 'legacy')
  },
}

async function setUp(run: CaseRun) {
  const flat = await makeExternal(run, 'flat', 'gateway-flat')
  const vlan = await makeExternal(run, 'vlan', 'gateway-vlan')
  const left = await makeNetwork(run, 'gateway-1', '192.168.1.0/24')
  const right = await makeNetwork(run, 'gateway-2', '192.168.2.0/24')
  const subnets = [left.subnetId, right.subnetId]
  const router = await makeRouter(run, 'gateway', { subnets, external: flat.id, distributed: true })
  const [a, b] = await bootAll(run, [
    { name: 'gateway-a', networkId: left.id, host: 'compute1' },
    { name: 'gateway-b', networkId: right.id, host: 'compute2' },
  ])
  await allow(run, { protocol: 'icmp' })
  return { flat, vlan, routerId: router.id, left, a: a!, b: b! }
}

type Objects = Awaited<ReturnType<typeof setUp>>

async function change(run: CaseRun, { flat, vlan, routerId, a, b }: Objects, kind: string): Promise<void> {
  const gatewayOn = async (external: Objects['flat'], more = {}) => {
    const ip = await setGateway(run, routerId, external.id, more, 'admin')
    await settled(run.admin)
    return ip
  }
  /** SNAT and a floating IP on the network where the gateway is. */
  const outward = async (external: Objects['flat'], routerIp: string) => {
    const floatingIp = await associateFloatingIp(run, external.id, a.portId)
    await withWhoami(run, () => Promise.all([expectSeenAs(run, a, floatingIp.ip), expectSeenAs(run, b, routerIp)]))
    await expectAnswers(run, OUTSIDE, floatingIp.ip)
    return floatingIp.id
  }
  await run.step(`${kind}: from flat to VLAN`, async () => {
    const first = await outward(flat, await gatewayOn(flat))
    const inUse = gatewayInUse(routerId, flat.id)
    await expectRefused(() => setGateway(run, routerId, vlan.id), inUse)
    await expectRefused(() => updateRouter(run, routerId, { external_gateway_info: null }), inUse)
    await disassociateFloatingIp(run, first)
    await disassociateFloatingIp(run, await outward(vlan, await gatewayOn(vlan)))
  })
  await run.step(`${kind}: another address on the same network`, async () => {
    const fixed = { external_fixed_ips: [{ ip_address: '198.51.100.77' }] }
    const ip = await gatewayOn(vlan, fixed)
    expect(ip === '198.51.100.77', `the gateway has address ${ip}`)
    await withWhoami(run, () => expectSeenAs(run, b, ip))
  })
  await run.step(`${kind}: cleared`, async () => {
    await updateRouter(run, routerId, { external_gateway_info: {} })
    await expectSilence(run, { instance: a.id }, OPENSTACK_ORG)
    await expectAnswers(run, { instance: a.id }, b.ip)
  })
  await run.step(`${kind}: set again`, async () => {
    await disassociateFloatingIp(run, await outward(flat, await gatewayOn(flat)))
  })
}

async function refusals(run: CaseRun, { flat, left, routerId }: Objects): Promise<void> {
  await expectRefused(
    () => setGateway(run, routerId, left.id),
    badRequest('router', `Network ${left.id} is not an external network`),
  )
  const taken = { external_fixed_ips: [{ ip_address: EXTERNAL_GATEWAY }] }
  await expectRefused(
    () => setGateway(run, routerId, flat.id, taken, 'admin'),
    badRequest('router', `External IP ${EXTERNAL_GATEWAY} is the same as the gateway IP`),
  )
}

function gatewayInUse(routerId: string, networkId: string) {
  return {
    status: 409,
    type: 'RouterExternalGatewayInUseByFloatingIp',
    message: `Gateway cannot be updated for router ${routerId}, since a gateway to external network ${networkId} is required by one or more floating IPs.`,
  }
}
