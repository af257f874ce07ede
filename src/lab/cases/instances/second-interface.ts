import { expect } from '../../proof/expect.js'
import { boot, type Instance, makeNetwork, makePort, makeRouter } from '../../proof/objects.js'
import { expectAnswers, run as runAt } from '../../proof/places.js'
import { serverStatus } from '../../proof/servers.js'
import { until } from '../../proof/until.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

interface Attachment {
  readonly port_id: string
  readonly mac_addr: string
  readonly fixed_ips: readonly { readonly ip_address: string }[]
}

/** A running instance gets a second and a third interface, and loses them again. */
export const secondInterface: Case = {
  name: 'second-interface',
  title:
    'an interface attached to a running instance has DHCP and metadata of its own; detached, nothing of it is left',
  async run(run) {
    const first = await makeNetwork(run, 'second-1', '192.168.1.0/24')
    const second = await makeNetwork(run, 'second-2', '192.168.2.0/24')
    await makeRouter(run, 'second', { subnets: [first.subnetId, second.subnetId] })
    const a = await boot(run, { name: 'second-a', networkId: first.id, host: 'compute1' })
    const b = await boot(run, { name: 'second-b', networkId: second.id, host: 'compute2' })
    const at = { instance: a.id }
    const attached = await run.step('attach an interface on another network', async () => {
      const { port_id, fixed_ips } = await attach(run, a, { net_id: second.id })
      await hasAddress(run, a, 'eth1', fixed_ips[0]!.ip_address)
      return { portId: port_id, ip: fixed_ips[0]!.ip_address }
    })
    await run.step('its network is reached through it, in both directions', async () => {
      await expectAnswers(run, at, b.ip, '-I', 'eth1')
      await expectAnswers(run, { instance: b.id }, attached.ip)
      const route = await runAt(run, at, ['ip', 'route', 'get', b.ip])
      expect(route.includes('dev eth1'), `the way to ${b.ip} is '${route.trim()}'`)
    })
    await run.step('the first interface keeps the way out', async () => {
      const route = await runAt(run, at, ['ip', 'route', 'get', '203.0.113.50'])
      expect(route.includes(`via ${a.gateway} dev eth0`), `the way out is '${route.trim()}'`)
    })
    await run.step('metadata over each interface', async () => {
      for (const device of ['eth0', 'eth1']) {
        const url = 'http://169.254.169.254/openstack/latest/meta_data.json'
        const answer = await runAt(run, at, ['curl', '-sS', '-m', '5', '--interface', device, url])
        expect(answer.includes(a.id), `over ${device} the metadata is '${answer.slice(0, 100)}'`)
      }
    })
    await run.step('attach a port that is there', async () => {
      const port = await makePort(run, second.id, { security_groups: [] })
      await attach(run, a, { port_id: port.id })
      await hasAddress(run, a, 'eth2', port.ip)
      await detach(run, a, port.id, 'eth2')
      const { port: left } = await run.demo.network.get<{ port: Record<string, unknown> }>(`/v2.0/ports/${port.id}`)
      const { device_id, device_owner, 'binding:host_id': host = '' } = left
      expect(`${device_id}${device_owner}${host}` === '', `the port is still of ${device_id} ${device_owner} ${host}`)
    })
    await run.step('restarted, the instance has both interfaces', async () => {
      await run.demo.compute.action(a.id, 'reboot', { type: 'HARD' })
      await serverStatus(run, a.id, 'ACTIVE')
      await until('both addresses to be back', async () => {
        const addresses = await runAt(run, at, ['ip', '-o', '-4', 'address'])
        return addresses.includes(a.ip) && addresses.includes(attached.ip)
      })
      await expectAnswers(run, { instance: b.id }, attached.ip)
    })
    await run.step('detach the interface', async () => {
      await detach(run, a, attached.portId, 'eth1')
      const { ports } = await run.admin.network.get<{ ports: unknown[] }>('/v2.0/ports', { id: attached.portId })
      expect(ports.length === 0, 'the port that was made for the interface is still there')
      await expectAnswers(run, at, b.ip)
    })
  },
}

async function attach(run: CaseRun, { id }: Instance, interfaceAttachment: object): Promise<Attachment> {
  const body = { interfaceAttachment }
  return (await run.demo.compute.post<{ interfaceAttachment: Attachment }>(`/servers/${id}/os-interface`, body))
    .interfaceAttachment
}

async function hasAddress(run: CaseRun, instance: Instance, device: string, ip: string): Promise<void> {
  await until(`${device} to have ${ip}`, async () =>
    (await runAt(run, { instance: instance.id }, ['ip', '-o', '-4', 'address', 'show', device])).includes(ip),
  )
}

async function detach(run: CaseRun, { id }: Instance, portId: string, device: string): Promise<void> {
  await run.demo.compute.delete(`/servers/${id}/os-interface/${portId}`)
  await until(
    `${device} to be gone`,
    async () => !(await runAt(run, { instance: id }, ['ip', '-o', 'link'])).includes(`${device}@`),
  )
  await settled(run.admin)
}
