import { createHmac } from 'node:crypto'
import { expect } from '../../proof/expect.js'
import { askAll, askMetadata, expectOwnDocument, ownUserData } from '../../proof/metadata.js'
import { bootAll, type Instance, makeExternal, makeNetwork, makeRouter } from '../../proof/objects.js'
import { type Place, run as runAt } from '../../proof/places.js'
import { withOptions } from '../../proof/restart.js'
import { CONTROLLER_IP } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

const DOCUMENT = '/openstack/latest/meta_data.json'
const OUTSIDE = { node: 'outside' }
const DIRECT = `http://${CONTROLLER_IP}:8775`

const signature = (secret: string, id: string) => createHmac('sha256', secret).update(id).digest('hex')

/** What an instance may send to pass for another. */
function claims(victim: Instance, ids: { routerId: string; networkId: string }): string[][] {
  return [
    [`X-Instance-ID:${victim.id}`],
    [`X-Instance-ID:${victim.id}`, `X-Instance-ID-Signature:${signature('', victim.id)}`, 'X-Tenant-ID:x'],
    [`X-Forwarded-For:${victim.ip}`],
    [`X-Forwarded-For:${victim.ip}`, `X-Forwarded-For:${victim.ip}`],
    [`X-Forwarded-For:127.0.0.1, ${victim.ip}`],
    [`X-Neutron-Router-ID:${ids.routerId}`, `X-Forwarded-For:${victim.ip}`],
    [`X-Neutron-Network-ID:${ids.networkId}`, `X-Forwarded-For:${victim.ip}`],
    [`Connection:X-Forwarded-For`, `X-Forwarded-For:${victim.ip}`],
  ]
}

/** Status of a request to the metadata service itself, past the agents. */
async function direct(run: CaseRun, place: Place, ...headers: string[]): Promise<number> {
  return (await askAll(run, place, DIRECT, [[DOCUMENT, ...headers]]))[0]!.status
}

export const metadataForged: Case = {
  name: 'metadata-forged',
  title: 'no header, address or signature that an instance makes up gets it the metadata of another',
  async run(run) {
    const { thief, victim, ids } = await run.step('a thief and a victim, of one network and of another', async () => {
      const external = await makeExternal(run, 'flat', 'forged-ext')
      const mine = await makeNetwork(run, 'forged-mine', '192.168.7.0/24')
      const theirs = await makeNetwork(run, 'forged-theirs', '192.168.8.0/24')
      await makeRouter(run, 'forged-mine', { subnets: [mine.subnetId], external: external.id })
      const router = await makeRouter(run, 'forged-theirs', { subnets: [theirs.subnetId] })
      const boots = { thief: mine.id, neighbour: mine.id, victim: theirs.id }
      const [thief, neighbour, victim] = await bootAll(
        run,
        Object.entries(boots).map(([name, networkId]) => ({
          name,
          networkId,
          host: 'compute1',
          more: ownUserData(name),
        })),
      )
      const ids = { routerId: router.id, networkId: theirs.id }
      return { thief: thief!, victim: [neighbour!, victim!], ids }
    })
    await run.step('forged headers have no effect', async () => {
      const all = victim.flatMap((one) => claims(one, ids))
      await expectOwnDocument(run, thief, ...all)
    })
    await run.step('a forged address gets no answer', async () => {
      const [neighbour] = victim
      const inside = { instance: thief.id }
      await runAt(run, inside, ['ip', 'address', 'add', `${neighbour!.ip}/32`, 'dev', 'lo'])
      const source = ['ip', 'route', 'replace', '169.254.169.254/32', 'via', thief.gateway, 'dev', 'eth0', 'src']
      await runAt(run, inside, [...source, neighbour!.ip])
      const { status, body } = await askMetadata(run, thief, DOCUMENT)
      expect(status === 0, `the thief under its neighbour's address was answered ${status} ${body}`)
      await runAt(run, inside, [...source, thief.ip])
      await runAt(run, inside, ['ip', 'address', 'del', `${neighbour!.ip}/32`, 'dev', 'lo'])
      await expectOwnDocument(run, thief)
    })
    await run.step('the service itself refuses what the agents did not sign', async () => {
      const [one] = victim
      const headers = [`X-Instance-ID:${one!.id}`, 'X-Tenant-ID:demo']
      expect((await direct(run, OUTSIDE)) === 400, 'without headers')
      expect((await direct(run, OUTSIDE, ...headers)) === 403, 'without a signature')
      const forged = `X-Instance-ID-Signature:${signature('guessed', one!.id)}`
      expect((await direct(run, OUTSIDE, ...headers, forged)) === 403, 'with a wrong signature')
      const right = `X-Instance-ID-Signature:${signature(run.state.secrets.metadataSecret, one!.id)}`
      expect((await direct(run, OUTSIDE, ...headers, right)) === 404, 'signed, but for another project')
      const status = await direct(run, { instance: thief.id }, ...headers, forged)
      expect(status === 403, `from an instance it answers ${status}`)
    })
    await run.step('an agent with another secret gets nothing either', () => {
      const options = { metadata_proxy_shared_secret: 'not-this-one' }
      return withOptions(run, 'neutron-metadata-agent', 'neutron/metadata_agent.ini', options, async () => {
        const { status } = await askMetadata(run, thief, DOCUMENT)
        expect(status === 403, `the instance sees ${status}`)
      })
    })
    await run.step('and with the right one again everything', () => expectOwnDocument(run, thief))
  },
}
