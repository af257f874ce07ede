import { trunkBridgeName } from '../../../model/device-names.js'
import { expect } from '../../proof/expect.js'
import { addRules } from '../../proof/groups.js'
import { associateFloatingIp, makeNetwork, makePort, VXLAN } from '../../proof/objects.js'
import { expectSeenAs, OUTSIDE, withWhoami } from '../../proof/outside.js'
import { type PingStream, pingStream } from '../../proof/ping-stream.js'
import { expectAnswers, expectSilence, run as runAt } from '../../proof/places.js'
import { killDaemon, startAgent } from '../../proof/restart.js'
import { serverStatus } from '../../proof/servers.js'
import { TaggingInstance } from '../../proof/tagging.js'
import { transfer } from '../../proof/transfer.js'
import { settled } from '../../settled.js'
import { EXTERNAL_GATEWAY, OPENSTACK_ORG } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'
import { expectForgedDropped } from './forged.js'
import { configure, setUp, type TrunkInstance, type Trunks, trunkStatus } from './setup.js'

const AGENT = 'neutron-openvswitch-agent'
const METADATA = '169.254.169.254'
const BYTES = 4_000_000
/** a generous bound for a stream that nothing should touch */
const LONGEST_GAP_MS = 1_000

const at = ({ id }: { readonly id: string }) => ({ instance: id })

/** Networks behind VLAN tags of one port, with all that a port has. */
export const trunk: Case = {
  name: 'trunk',
  title: 'subports of a trunk are ports like any other, behind a tag each; what is forged with tags goes nowhere',
  async run(run) {
    const cloud = await run.step('two instances with trunks on two hosts', () => setUp(run))
    const { first, second, plain, group, external } = cloud
    await run.step('DHCP gives each subport its address', () => configureAll(run, cloud, [first, second]))
    await run.step("a subport's group is closed while the parent's is open", async () => {
      await expectAnswers(run, at(second), first.ip)
      for (const from of [plain, second]) await expectSilence(run, at(from), first.blue.ip)
    })
    await run.step('with a rule it answers: same host, two hosts, VXLAN, VLAN', async () => {
      await addRules(run, group, [{ protocol: 'icmp' }, { protocol: 'tcp' }])
      await settled(run.admin)
      await expectAnswers(run, at(plain), first.blue.ip)
      await expectAnswers(run, at(first), second.blue.ip, '-s', String(cloud.blue.mtu - 28), '-M', 'do')
      await expectAnswers(run, at(first), second.red.ip, '-s', String(cloud.red.mtu - 28), '-M', 'do')
      for (const { ip } of [second.blue, second.red, second]) await transfer(run, first, { ...second, ip }, BYTES)
    })
    await run.step('forged addresses and tags are dropped', () => expectForgedDropped(run, cloud))
    const floating = await run.step('router, metadata and a floating IP by way of a subport', async () => {
      const { ip } = await associateFloatingIp(run, external.id, first.blue.id)
      await expectOutside(run, cloud, ip)
      return ip
    })
    const stream = await pingStream(run, at(second), first.ip)
    await run.step('subports come and go beside what the parent does', async () => {
      await removeAndAdd(run, cloud)
      await expectUntouched(run, stream, 'longest pause of the parent while subports come and go ms')
    })
    await run.step('the agent is killed and started again: nobody notices', async () => {
      const tagged = await pingStream(run, at(plain), first.blue.ip)
      await killDaemon(run.state, first.host, AGENT)
      await startAgent(run.state, first.host, AGENT)
      await settled(run.admin)
      await expectUntouched(run, tagged, 'longest pause of a subport over a start of the agent ms')
      await tagged.end()
      await expectUntouched(run, stream, 'longest pause of the parent over a start of the agent ms')
    })
    await stream.end()
    await run.step('a parent is attached to a running instance, and detached', () => attachAndDetach(run, cloud))
    await run.step('live migration takes the subports along', () => migrate(run, cloud, floating))
  },
}

async function configureAll(run: CaseRun, { blue }: Trunks, instances: readonly TrunkInstance[]): Promise<void> {
  for (const each of instances) {
    for (const subport of [each.blue, each.red]) {
      const ip = await configure(each, subport, blue.mtu)
      expect(ip === subport.ip, `${subport.device} of ${each.name} got ${ip}, its port has ${subport.ip}`)
    }
  }
  await settled(run.admin)
}

/** In both directions; `floating` is the address of the first instance's blue subport. */
async function expectOutside(run: CaseRun, { first }: Trunks, floating: string): Promise<void> {
  const gateway = first.blue.ip.replace(/\d+$/, '1')
  // what comes by a subport would be answered by the parent's gateway
  for (const far of [EXTERNAL_GATEWAY, OPENSTACK_ORG, METADATA]) {
    await first.inside.at('ip', 'route', 'replace', `${far}/32`, 'via', gateway, 'dev', first.blue.device)
  }
  await expectAnswers(run, OUTSIDE, floating)
  await withWhoami(run, () => expectSeenAs(run, first, floating))
  const told = await first.inside.at('curl', '-sS', '-m', '5', `http://${METADATA}/openstack/latest/meta_data.json`)
  expect(told.includes(first.id), `metadata over the subport is '${told.slice(0, 100)}'`)
}

async function removeAndAdd(run: CaseRun, { first, second }: Trunks): Promise<void> {
  const { trunkId, red, inside } = first
  const change = async (action: string, subport: object) => {
    await run.demo.network.put(`/v2.0/trunks/${trunkId}/${action}`, { sub_ports: [{ port_id: red.id, ...subport }] })
    await settled(run.admin)
  }
  await change('remove_subports', {})
  await expectSilence(run, at(second), red.ip)
  const { device_owner, 'binding:host_id': host } = await run.admin.network.show('ports', red.id)
  expect(`${device_owner}${host}` === '', `the removed port is still ${device_owner} on ${host}`)
  await change('add_subports', { segmentation_type: 'vlan', segmentation_id: 777 })
  await trunkStatus(run, trunkId, 'ACTIVE')
  await expectSilence(run, at(second), red.ip)
  await inside.retag(red.device, 777)
  await expectAnswers(run, at(second), red.ip)
}

async function expectUntouched(run: CaseRun, stream: PingStream, name: string): Promise<void> {
  const { longestGapMs, duplicates } = await stream.take()
  run.measured(name, longestGapMs)
  expect(longestGapMs < LONGEST_GAP_MS, `no answer for ${longestGapMs} ms`)
  expect(duplicates === 0, `${duplicates} answers came twice`)
}

/** The plain instance gets a second interface with a subport on red. */
async function attachAndDetach(run: CaseRun, { red, plain, second }: Trunks): Promise<void> {
  const { demo } = run
  const own = await makeNetwork(run, 'trunk-attached', '192.168.4.0/24', VXLAN)
  const parent = await makePort(run, own.id)
  const subport = await makePort(run, red.id, { security_groups: await groupsOf(run, second.red.id) })
  const tagged = { port_id: subport.id, segmentation_type: 'vlan', segmentation_id: 5 }
  const { id } = await demo.network.create('trunks', { port_id: parent.id, sub_ports: [tagged] })
  const interfaces = `/servers/${plain.id}/os-interface`
  await demo.compute.post(interfaces, { interfaceAttachment: { port_id: parent.id } })
  await trunkStatus(run, id, 'ACTIVE')
  const inside = await TaggingInstance.start(run, plain, 'eth1')
  await inside.add('red', 5, subport.mac, red.mtu)
  const ip = await inside.dhcp('red')
  expect(ip === subport.ip, `the subport of the attached parent got ${ip}`)
  await expectAnswers(run, at(second), subport.ip)
  await demo.compute.delete(`${interfaces}/${parent.id}`)
  await trunkStatus(run, id, 'DOWN')
  await demo.network.remove('trunks', id)
  await settled(run.admin)
}

async function groupsOf({ demo }: CaseRun, portId: string): Promise<unknown> {
  return (await demo.network.show('ports', portId)).security_groups
}

async function migrate(run: CaseRun, cloud: Trunks, floating: string): Promise<void> {
  const { first, second, plain } = cloud
  const body = { 'os-migrateLive': { host: second.host, block_migration: 'auto' } }
  await run.admin.compute.post(`/servers/${first.id}/action`, body)
  await serverStatus(run, first.id, 'ACTIVE', second.host)
  await settled(run.admin)
  await trunkStatus(run, first.trunkId, 'ACTIVE')
  const bridges = await runAt(run, { node: first.host }, ['ovs-vsctl', 'list-br'])
  expect(!bridges.includes(trunkBridgeName(first.trunkId)), `the trunk's bridge is still on ${first.host}`)
  // an instance of the lab begins anew on its new host
  const moved = { ...first, inside: await TaggingInstance.start(run, first), red: { ...first.red, vlan: 777 } }
  await configureAll(run, cloud, [moved])
  await expectAnswers(run, at(plain), first.blue.ip)
  await expectAnswers(run, at(second), first.blue.ip)
  await expectAnswers(run, at(second), first.red.ip)
  await expectOutside(run, { ...cloud, first: moved }, floating)
}
