import { snatNs } from '../../../model/device-names.js'
import { centralHost } from '../../proof/central-host.js'
import { expect } from '../../proof/expect.js'
import { allow, associateFloatingIp, boot, type Json } from '../../proof/objects.js'
import { expectAnswers, probe, run as runAt, serve } from '../../proof/places.js'
import { EXTERNAL_HOST, OPENSTACK_ORG } from '../../spec.js'
import type { Case } from '../case.js'
import { makeVirtualAddress, move, take } from './setup.js'

const PORT = '8080'

/** A floating IP leads to a virtual address, whoever holds it. */
export const vipFloatingIp: Case = {
  name: 'vip-floating-ip',
  title:
    "a floating IP on a virtual address's own port leads to its holder, in and out, beside the holder's own floating IP",
  needs: { computes: 3 },
  async run(run) {
    const { vip, floatingIp, client } = await run.step('a floating IP on the reserved port', async () => {
      const vip = await makeVirtualAddress(run)
      await allow(run, { protocol: 'tcp', port_range_min: Number(PORT), port_range_max: Number(PORT) })
      const client = await boot(run, { name: 'vip-inside', networkId: vip.right.id, host: 'compute3' })
      const floatingIp = await associateFloatingIp(run, vip.external.id, vip.reservation.id)
      await take(run, vip.holders[0], vip.ip)
      return { vip, floatingIp, client }
    })
    await run.step('it is on the network node', async () => {
      const node = await centralHost(run, vip.routerId)
      const addresses = await runAt(run, { node }, ['ip', '-n', snatNs(vip.routerId), '-o', 'addr'])
      expect(addresses.includes(` ${floatingIp.ip}/32 `), `snat has no ${floatingIp.ip}:\n${addresses}`)
    })
    for (const to of [0, 1] as const) {
      const holder = vip.holders[to]
      await run.step(`in and out with holder ${to + 1}`, async () => {
        if (to === 1) await move(run, vip, 1)
        const end = await serve(run, { instance: holder.id }, 'whoami-server', PORT)
        try {
          const seen = await probe(run, { node: 'outside' }, 'whoami', floatingIp.ip, PORT)
          expect([EXTERNAL_HOST, '203.0.113.1'].includes(seen), `the holder saw ${seen}`)
          await probe(run, { instance: client.id }, 'whoami', floatingIp.ip, PORT)
        } finally {
          end()
        }
        await expectAnswers(run, { instance: holder.id }, OPENSTACK_ORG, '-I', vip.ip)
        await expectAnswers(run, { instance: holder.id }, OPENSTACK_ORG)
      })
    }
    await run.step("beside the holder's own floating IP", async () => {
      const own = await associateFloatingIp(run, vip.external.id, vip.holders[1].portId)
      await expectAnswers(run, { node: 'outside' }, own.ip)
      await expectAnswers(run, { node: 'outside' }, floatingIp.ip)
      await expectAnswers(run, { instance: vip.holders[1].id }, OPENSTACK_ORG, '-I', vip.ip)
    })
    await run.step("a port's pair is none of its addresses, so no floating IP leads there by that port", async () => {
      const wish: Json = {
        floating_network_id: vip.external.id,
        port_id: vip.holders[0].portId,
        fixed_ip_address: vip.ip,
      }
      const refused = await run.demo.network.create('floatingips', wish).then(
        () => '',
        (error: Error) => error.message,
      )
      expect(refused.includes(vip.ip), `it was not refused: ${refused}`)
    })
  },
}
