import { expect } from '../../proof/expect.js'
import { bootAll, makeNetwork, makePort } from '../../proof/objects.js'
import { expectAnswers, expectSilence, run as runAt } from '../../proof/places.js'
import { settled } from '../../settled.js'
import type { Case } from '../case.js'

/** A rule lets the addresses of a group in; what joins and leaves the group changes a set, and no rule. */
export const addressGroups: Case = {
  name: 'address-groups',
  title: 'a rule follows the addresses of its group, without a change of any rule on the host',
  async run(run) {
    const { a, b, group } = await run.step('two instances, the first in a group that lets nobody in', async () => {
      const network = await makeNetwork(run, 'addresses-net', '192.168.1.0/24')
      const group = await run.demo.network.create('security-groups', { name: 'addresses' })
      const port = await makePort(run, network.id, { security_groups: [group.id] })
      const [a, b] = await bootAll(run, [
        { name: 'addresses-a', portId: port.id, host: 'compute1' },
        { name: 'addresses-b', networkId: network.id, host: 'compute2' },
      ])
      return { a: a!, b: b!, group: group.id }
    })
    const id = await run.step('let in an address group without the second instance', async () => {
      const { address_group } = await run.demo.network.post<{ address_group: { id: string } }>('/v2.0/address-groups', {
        address_group: { name: 'friends', addresses: ['198.51.100.0/24'] },
      })
      await run.demo.network.create('security-group-rules', {
        direction: 'ingress',
        protocol: 'icmp',
        security_group_id: group,
        remote_address_group_id: address_group.id,
      })
      await settled(run.admin)
      return address_group.id
    })
    const change = async (action: string, addresses: readonly string[]) => {
      await run.demo.network.put(`/v2.0/address-groups/${id}/${action}`, { addresses })
      await settled(run.admin)
    }
    const caller = { instance: b.id }
    const rules = async () => {
      const text = await runAt(run, { node: a.host }, ['iptables-save', '-t', 'filter'])
      return text
        .split('\n')
        .filter((line) => line.startsWith('-A'))
        .join('\n')
    }
    const before = await rules()
    await run.step('who is in no group is not let in', () => expectSilence(run, caller, a.ip))
    await run.step('who joins it is', async () => {
      await change('add_addresses', [`${b.ip}/32`, '2001:db8::/64'])
      await expectAnswers(run, caller, a.ip)
    })
    await run.step('no rule has changed', async () => expect((await rules()) === before, 'rules were written anew'))
    await run.step('who leaves it is not let in any more', async () => {
      await change('remove_addresses', [`${b.ip}/32`])
      await expectSilence(run, caller, a.ip)
    })
  },
}
