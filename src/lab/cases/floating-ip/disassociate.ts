import { setTimeout as delay } from 'node:timers/promises'
import { expect } from '../../proof/expect.js'
import { associateFloatingIp, floatingIpStatus } from '../../proof/objects.js'
import { expectAnswers, expectSilence, follow, type Place, serve } from '../../proof/places.js'
import { until } from '../../proof/until.js'
import { settled } from '../../settled.js'
import { OPENSTACK_ORG } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'
import { makePlaces } from './setup.js'

const PORT = '8080'
const LIMIT_MS = 1000
const QUIET_MS = 1000

/** Open connections end with the floating IP that they came by. */
export const floatingIpDisassociate: Case = {
  name: 'floating-ip-disassociate',
  title: 'taking a floating IP away stops open TCP sessions in both directions; given again, it works at once',
  async run(run) {
    const { floatingIp, instance, portId } = await run.step('an instance with a floating IP', async () => {
      const { external, instances } = await makePlaces(run)
      const floatingIp = await associateFloatingIp(run, external.id, instances[0]!.portId)
      return { floatingIp, instance: { instance: instances[0]!.id }, portId: instances[0]!.portId }
    })
    const associate = (port_id: string | null) =>
      run.demo.network.put(`/v2.0/floatingips/${floatingIp.id}`, { floatingip: { port_id } })
    const ends = [await serve(run, instance, 'echo', PORT), await serve(run, { node: 'outside' }, 'echo', PORT)]
    try {
      const sessions = await run.step('open sessions, one from outside and one from inside', async () => [
        await open(run, 'from outside', { node: 'outside' }, floatingIp.ip),
        await open(run, 'from inside', instance, OPENSTACK_ORG),
      ])
      ends.push(...sessions.map(({ end }) => end))
      await run.step('they stop with the floating IP', async () => {
        const at = Date.now()
        await associate(null)
        await delay(LIMIT_MS)
        const since = Date.now()
        await delay(QUIET_MS)
        for (const { name, answers } of sessions) {
          const late = answers.filter((each) => each > since)
          expect(late.length === 0, `the session ${name} went on: ${late.length} answers`)
          const last = Math.max(at, ...answers) - at
          run.measured(`last answer of the session ${name}: ms`, last)
        }
      })
      await run.step('it is DOWN and answers nobody', async () => {
        await floatingIpStatus(run, floatingIp.id, 'DOWN')
        await expectSilence(run, { node: 'outside' }, floatingIp.ip)
        await expectAnswers(run, instance, OPENSTACK_ORG)
      })
      await run.step('given again, it takes new sessions', async () => {
        await associate(portId)
        await settled(run.admin)
        await floatingIpStatus(run, floatingIp.id, 'ACTIVE')
        await expectAnswers(run, { node: 'outside' }, floatingIp.ip)
        ends.push((await open(run, 'anew from outside', { node: 'outside' }, floatingIp.ip)).end)
        ends.push((await open(run, 'anew from inside', instance, OPENSTACK_ORG)).end)
      })
    } finally {
      for (const end of ends) end()
    }
  },
}

interface Session {
  readonly name: string
  /** when each answer came, ms since 1970 */
  readonly answers: readonly number[]
  end(): void
}

/** A TCP session with something to say all the time; resolves when it has had answers. */
async function open(run: CaseRun, name: string, from: Place, address: string): Promise<Session> {
  const answers: number[] = []
  const end = await follow(run, from, ['talk', address, PORT], () => answers.push(Date.now()))
  await until(`answers in the session ${name}`, async () => answers.length > 3)
  return { name, answers, end: () => void end() }
}
