import { expect } from '../../proof/expect.js'
import { allow, bootAll, floatingIpStatus, makeExternal, makeNetwork, makeRouter } from '../../proof/objects.js'
import { probe, serve } from '../../proof/places.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

const CALLER = '203.0.113.1'

/** Ports of one floating IP lead to two instances on two hosts, through the router's central part. */
export const portForwarding: Case = {
  name: 'port-forwarding',
  title: 'ports of one floating IP lead to instances on two hosts, which see who calls; a deleted one leads nowhere',
  async run(run) {
    const { fip, a, b } = await run.step('two instances behind a router, a floating IP for their ports', async () => {
      const external = await makeExternal(run, 'flat', 'forwarding-ext')
      const network = await makeNetwork(run, 'forwarding-net', '192.168.1.0/24')
      await makeRouter(run, 'forwarding', { subnets: [network.subnetId], external: external.id })
      const [a, b] = await bootAll(run, [
        { name: 'forwarding-a', networkId: network.id, host: 'compute1' },
        { name: 'forwarding-b', networkId: network.id, host: 'compute2' },
      ])
      await allow(run, { protocol: 'tcp' })
      const made = await run.demo.network.create('floatingips', { floating_network_id: external.id })
      return { fip: { id: made.id, ip: String(made.floating_ip_address) }, a: a!, b: b! }
    })
    const first = await run.step('forward a port to each and a range to the second', async () => {
      const first = await forward(run, fip.id, { internal_port_id: a.portId, external_port: 2201, internal_port: 22 })
      await forward(run, fip.id, { internal_port_id: b.portId, external_port: 2202, internal_port: 22 })
      const range = { external_port_range: '8000:8009', internal_port_range: '9000:9009' }
      await forward(run, fip.id, { internal_port_id: b.portId, ...range })
      await settled(run.admin)
      await floatingIpStatus(run, fip.id, 'ACTIVE')
      return first
    })
    const servers = [
      await serve(run, { instance: a.id }, 'whoami-server', '22'),
      await serve(run, { instance: b.id }, 'whoami-server', '22'),
      await serve(run, { instance: b.id }, 'whoami-server', '9007'),
    ]
    const caller = (port: number) => probe(run, { node: 'outside' }, 'whoami', fip.ip, String(port))
    try {
      await run.step('each port answers, and sees the caller itself', async () => {
        for (const port of [2201, 2202, 8007]) {
          const seen = await caller(port)
          expect(seen === CALLER, `behind port ${port} the caller is ${seen}`)
        }
      })
      await run.step('an instance reaches the other by the floating IP', async () => {
        const seen = await probe(run, { instance: a.id }, 'whoami', fip.ip, '2202')
        expect(seen !== a.ip, `the instance was seen as ${seen}, not as the router`)
      })
      await run.step('a deleted forwarding leads nowhere, the others stay', async () => {
        await run.demo.network.delete(`/v2.0/floatingips/${fip.id}/port_forwardings/${first}`)
        await settled(run.admin)
        const reached = await caller(2201).then(
          () => true,
          () => false,
        )
        expect(!reached, 'the deleted forwarding still leads to its instance')
        expect((await caller(2202)) === CALLER, 'the other forwarding no longer answers')
      })
    } finally {
      for (const end of servers) end()
    }
  },
}

async function forward(run: CaseRun, floatingIpId: string, more: Record<string, unknown>): Promise<string> {
  const { port_forwarding } = await run.demo.network.post<{ port_forwarding: { id: string } }>(
    `/v2.0/floatingips/${floatingIpId}/port_forwardings`,
    { port_forwarding: { protocol: 'tcp', ...more } },
  )
  return port_forwarding.id
}
