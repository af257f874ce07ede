import { expect } from '../../proof/expect.js'
import { changePort } from '../../proof/groups.js'
import { bootAll, type Instance, type Json, makeNetwork } from '../../proof/objects.js'
import { BRIEFLY, expectAnswers, pings, run as runAt } from '../../proof/places.js'
import type { Case } from '../case.js'

const OTHER_MAC = '02:00:00:00:00:70'

/** Addresses of `b`'s, and the devices that have them. */
const ADDRESSES = {
  single: '192.168.1.150',
  inPrefix: '192.168.1.201',
  otherMac: '192.168.1.170',
  farAway: '10.99.0.1',
} as const
type Name = keyof typeof ADDRESSES

/** Two instances in the default group: it lets in its members, and the addresses that they may use count as such. */
export const allowedAddressPairs: Case = {
  name: 'allowed-address-pairs',
  title: 'a port speaks under exactly the addresses and MACs that it may use, and groups know them as its own',
  async run(run) {
    const net = await makeNetwork(run, 'pairs', '192.168.1.0/24')
    const [a, b] = (await bootAll(run, [
      { name: 'pairs-a', networkId: net.id, host: 'compute1' },
      { name: 'pairs-b', networkId: net.id, host: 'compute2' },
    ])) as [Instance, Instance]
    await runAt(run, { instance: b.id }, ['ip', '-batch', '-'], {
      input: `link add link eth0 name m0 address ${OTHER_MAC} type macvlan mode bridge
link set m0 up
address add ${ADDRESSES.otherMac}/32 dev m0
address add ${ADDRESSES.single}/32 dev eth0
address add ${ADDRESSES.inPrefix}/32 dev eth0
address add ${ADDRESSES.farAway}/32 dev eth0
route add ${a.ip}/32 dev m0 src ${ADDRESSES.otherMac} table 70
rule add from ${ADDRESSES.otherMac} table 70
`,
    })
    // an address of no subnet is answered where it came from
    await runAt(run, { instance: a.id }, ['ip', 'route', 'add', ADDRESSES.farAway, 'dev', 'eth0'])
    const expectOnly = async (...names: Name[]) => {
      const answered = Object.entries(ADDRESSES).map(async ([name, address]) => {
        const wanted = names.includes(name as Name)
        const patience = wanted ? [] : BRIEFLY
        const { received } = await pings(run, { instance: b.id }, a.ip, 2, ...patience, '-I', address)
        expect(received > 0 === wanted, `${address} (${name}) ${wanted ? 'does not pass' : 'passes'}`)
      })
      await Promise.all(answered)
      expect((await pings(run, { instance: b.id }, a.ip, 1)).received === 1, 'its own address does not pass')
    }
    const pairs = (...allowed_address_pairs: Json[]) => changePort(run, b.portId, { allowed_address_pairs })
    await run.step('without pairs only its own address', () => expectOnly())
    await run.step('one address', async () => {
      await pairs({ ip_address: ADDRESSES.single })
      await expectOnly('single')
      await expectAnswers(run, { instance: a.id }, ADDRESSES.single)
    })
    await run.step('a prefix', async () => {
      await pairs({ ip_address: '192.168.1.192/27' })
      await expectOnly('inPrefix')
    })
    await run.step('an address with a MAC of its own', async () => {
      await pairs({ ip_address: ADDRESSES.otherMac, mac_address: OTHER_MAC })
      await expectOnly('otherMac')
    })
    await run.step('several, also of other subnets', async () => {
      await pairs({ ip_address: '10.99.0.0/16' }, { ip_address: ADDRESSES.single })
      await expectOnly('single', 'farAway')
    })
    await run.step('any address', async () => {
      await pairs({ ip_address: '0.0.0.0/0' })
      await expectOnly('single', 'inPrefix', 'farAway')
    })
    await run.step('taken away, only its own again', async () => {
      await pairs()
      await expectOnly()
    })
  },
}
