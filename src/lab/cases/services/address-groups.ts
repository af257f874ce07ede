import { expect } from '../../proof/expect.js'
import { bootAll, defaultGroup, makeNetwork } from '../../proof/objects.js'
import { pings, run as runAt } from '../../proof/places.js'
import { settled } from '../../settled.js'
import type { Case } from '../case.js'

/** A rule lets the addresses of a group in; what joins and leaves the group changes a set, and no rule. */
export const addressGroups: Case = {
  name: 'address-groups',
  title: 'a rule follows the addresses of its group, without a change of any rule on the host',
  async run(run) {
    const { a, b } = await run.step('two instances with groups of their own', async () => {
      const network = await makeNetwork(run, 'addresses-net', '192.168.1.0/24')
      const [a, b] = await bootAll(run, [
        { name: 'addresses-a', networkId: network.id, host: 'compute1' },
        { name: 'addresses-b', networkId: network.id, host: 'compute2' },
      ])
      return { a: a!, b: b! }
    })
    const id = await run.step('let in an address group without the second instance', async () => {
      const { address_group } = await run.demo.network.post<{ address_group: { id: string } }>('/v2.0/address-groups', {
        address_group: { name: 'friends', addresses: ['198.51.100.0/24'] },
      })
      await run.demo.network.create('security-group-rules', {
        direction: 'ingress',
        protocol: 'icmp',
        security_group_id: await defaultGroup(run),
        remote_address_group_id: address_group.id,
      })
      await letNoMembersIn()
      await settled(run.admin)
      return address_group.id
    })
    const change = async (action: string, addresses: readonly string[]) => {
      await run.demo.network.put(`/v2.0/address-groups/${id}/${action}`, { addresses })
      await settled(run.admin)
    }
    const received = async () => (await pings(run, { instance: b.id }, a.ip, 2)).received
    const rules = async () => {
      const text = await runAt(run, { node: a.host }, ['iptables-save', '-t', 'filter'])
      return text
        .split('\n')
        .filter((line) => line.startsWith('-A'))
        .join('\n')
    }
    const before = await rules()
    await run.step('who is in no group is not let in', async () => expect((await received()) === 0, 'it was let in'))
    await run.step('who joins it is', async () => {
      await change('add_addresses', [`${b.ip}/32`, '2001:db8::/64'])
      expect((await received()) === 2, 'it was not let in')
    })
    await run.step('no rule has changed', async () => expect((await rules()) === before, 'rules were written anew'))
    await run.step('who leaves it is not let in any more', async () => {
      await change('remove_addresses', [`${b.ip}/32`])
      expect((await received()) === 0, 'it is still let in')
    })

    /** The default group lets its members in, which both are. */
    async function letNoMembersIn(): Promise<void> {
      const query = { direction: 'ingress', security_group_id: await defaultGroup(run) }
      const { security_group_rules } = await run.demo.network.get<{
        security_group_rules: { id: string; remote_group_id: string | null }[]
      }>('/v2.0/security-group-rules', query)
      for (const rule of security_group_rules) {
        if (rule.remote_group_id !== null) await run.demo.network.delete(`/v2.0/security-group-rules/${rule.id}`)
      }
    }
  },
}
