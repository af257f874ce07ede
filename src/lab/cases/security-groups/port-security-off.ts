import { ApiError } from '../../../client/errors.js'
import { expect } from '../../proof/expect.js'
import { changePort, makeGroup } from '../../proof/groups.js'
import { bootAll, type Instance, makeNetwork, makePort } from '../../proof/objects.js'
import { BRIEFLY, pings, run as runAt } from '../../proof/places.js'
import type { Case } from '../case.js'

const STRANGE = '192.168.1.99'

/** A port in a group without rules, whose security is switched off and on while its instance runs. */
export const portSecurityOff: Case = {
  name: 'port-security-off',
  title: 'with port security off everything passes, under any address; switched on again, nothing does',
  async run(run) {
    const net = await makeNetwork(run, 'open', '192.168.1.0/24')
    const [a, b] = (await bootAll(run, [
      { name: 'open-a', networkId: net.id, host: 'compute1' },
      { name: 'open-b', networkId: net.id, host: 'compute2' },
    ])) as [Instance, Instance]
    const closed = await makeGroup(run, 'closed')
    await changePort(run, a.portId, {
      security_groups: [await makeGroup(run, 'open', { rules: [{ protocol: 'icmp' }] })],
    })
    await runAt(run, { instance: b.id }, ['ip', 'address', 'add', `${STRANGE}/32`, 'dev', 'eth0'])
    const ways: readonly (readonly [string, Instance, string, ...string[]])[] = [
      ['in', a, b.ip],
      ['out', b, a.ip],
      ['strange', b, a.ip, '-I', STRANGE],
    ]
    const expectState = async (wanted: string) => {
      const answered = async ([what, from, to, ...more]: (typeof ways)[number]) => {
        const patience = wanted.split(',').includes(what) ? [] : BRIEFLY
        return (await pings(run, { instance: from.id }, to, 2, ...patience, ...more)).received > 0 ? [what] : []
      }
      const open = (await Promise.all(ways.map(answered))).flat()
      expect(open.join() === wanted, `open: ${open.join() || 'nothing'}, expected ${wanted || 'nothing'}`)
    }
    await run.step('with it, only what the groups say, under its own address', async () => {
      await changePort(run, b.portId, { security_groups: [closed] })
      await expectState('out')
    })
    await run.step('it cannot be switched off while there are groups', async () => {
      const refused = await run.demo.network
        .put(`/v2.0/ports/${b.portId}`, { port: { port_security_enabled: false } })
        .catch((error: unknown) => error)
      expect(refused instanceof ApiError && refused.status === 409, `the answer is ${String(refused)}`)
    })
    for (const round of ['first', 'second']) {
      await run.step(`without it, everything (${round} time)`, async () => {
        await changePort(run, b.portId, { security_groups: [], port_security_enabled: false })
        await expectState('in,out,strange')
      })
      await run.step(`with it again (${round} time)`, async () => {
        await changePort(run, b.portId, { port_security_enabled: true, security_groups: [closed] })
        await expectState('out')
      })
    }
    await run.step('a port takes it from its network', async () => {
      const network = { port_security_enabled: false }
      const open = await makeNetwork(run, 'open-2', '192.168.2.0/24', { network })
      const { id } = await makePort(run, open.id)
      const { port } = await run.demo.network.get<{ port: Record<string, unknown> }>(`/v2.0/ports/${id}`)
      const found = `${port.port_security_enabled} ${JSON.stringify(port.security_groups)}`
      expect(found === 'false []', `the port has ${found}`)
    })
  },
}
