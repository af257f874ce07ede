import { expect } from '../../proof/expect.js'
import {
  allow,
  associateFloatingIp,
  bootAll,
  deleteInstance,
  floatingIpStatus,
  makeExternal,
  makeNetwork,
  makeRouter,
} from '../../proof/objects.js'
import { expectAnswers, expectSilence, probe } from '../../proof/places.js'
import { serverStatus } from '../../proof/servers.js'
import { settled } from '../../settled.js'
import type { Case } from '../case.js'

/** Stop, start, reboot, delete: the ports stay as long as the instance, and go with it. */
export const instanceStopStart: Case = {
  name: 'instance-stop-start',
  title:
    'a stopped instance is silent and keeps its port; started or rebooted it answers as before; deleted it is gone',
  async run(run) {
    const external = await makeExternal(run, 'flat', 'power-ext')
    const net = await makeNetwork(run, 'power', '192.168.1.0/24')
    await makeRouter(run, 'power', { subnets: [net.subnetId], external: external.id })
    const [a, b] = await bootAll(run, [
      { name: 'power-a', networkId: net.id, host: 'compute1' },
      { name: 'power-b', networkId: net.id, host: 'compute2' },
    ])
    await allow(run, { protocol: 'icmp' })
    const floating = await associateFloatingIp(run, external.id, a!.portId)
    const peer = { instance: b!.id }
    const outside = { node: 'outside' }
    const act = (body: Record<string, unknown>) => {
      const [name] = Object.keys(body)
      return run.demo.compute.action(a!.id, name!, body[name!])
    }
    const answers = async () => {
      await expectAnswers(run, peer, a!.ip)
      await expectAnswers(run, outside, floating.ip)
      await probe(run, { instance: a!.id }, 'get', 'http://169.254.169.254/latest/meta-data/instance-id')
    }
    const port = async () => {
      const { port } = await run.demo.network.get<{ port: Record<string, unknown> }>(`/v2.0/ports/${a!.portId}`)
      return `${port.mac_address} ${JSON.stringify(port.fixed_ips)} ${port.device_id}`
    }
    const before = await port()
    await run.step('it answers', answers)
    await run.step('stopped, it is silent and keeps its port', async () => {
      await act({ 'os-stop': null })
      await serverStatus(run, a!.id, 'SHUTOFF')
      for (const [place, address] of [
        [peer, a!.ip],
        [outside, floating.ip],
      ] as const) {
        await expectSilence(run, place, address)
      }
      expect((await port()) === before, `the port was ${before}, is ${await port()}`)
    })
    await run.step('started, it answers as before', async () => {
      await act({ 'os-start': null })
      await serverStatus(run, a!.id, 'ACTIVE')
      expect((await port()) === before, 'it has another port')
      await answers()
    })
    for (const type of ['SOFT', 'HARD']) {
      await run.step(`rebooted (${type.toLowerCase()}), too`, async () => {
        await act({ reboot: { type } })
        await serverStatus(run, a!.id, 'ACTIVE')
        await answers()
      })
    }
    await run.step('deleted, its port is gone and its floating IP free', async () => {
      await deleteInstance(run, a!.id)
      await floatingIpStatus(run, floating.id, 'DOWN')
      await settled(run.admin)
      const { ports } = await run.demo.network.get<{ ports: unknown[] }>('/v2.0/ports', { id: a!.portId })
      expect(ports.length === 0, 'its port is still there')
      await expectSilence(run, peer, a!.ip)
    })
  },
}
