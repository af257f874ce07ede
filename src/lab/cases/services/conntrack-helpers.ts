import { expect } from '../../proof/expect.js'
import { allow, type Instance } from '../../proof/objects.js'
import { OUTSIDE } from '../../proof/outside.js'
import { probe, serve } from '../../proof/places.js'
import { settled } from '../../settled.js'
import { OPENSTACK_ORG } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'
import { twoRouters } from './two-routers.js'

/** Not the usual port: the kernel follows what it is told to. */
const PORT = '2121'

interface Way {
  readonly what: string
  readonly from: Instance
  readonly routerId: string
  /** as the outside world sees the instance */
  readonly seenAs: string
}

/** FTP in active mode names the client's address: only where the kernel reads along is it translated, and the server let back in. */
export const conntrackHelpers: Case = {
  name: 'conntrack-helpers',
  title:
    'active FTP through SNAT and a floating IP, distributed and legacy, works with a helper of the router, not without',
  async run(run) {
    const ways = await run.step('instances behind a distributed and a legacy router', () => setUp(run))
    const routers = [...new Set(ways.map(({ routerId }) => routerId))]
    const end = await serve(run, OUTSIDE, 'ftp-server', PORT)
    try {
      await run.step('without a helper the server is told an address that it cannot reach', () => expectNone(run, ways))
      const made = await run.step('a helper for each router', async () => {
        const paths = await Promise.all(routers.map((id) => addHelper(run, id)))
        await settled(run.admin)
        return paths
      })
      for (const { what, from, seenAs } of ways) {
        await run.step(`the server calls back: ${what}`, async () => {
          const called = await fetch(run, from)
          expect(called.startsWith(`${seenAs}:`), `the server was told ${called}, the instance is seen as ${seenAs}`)
        })
      }
      await run.step('a helper that is taken away helps no more', async () => {
        for (const path of made) await run.demo.network.delete(path)
        await settled(run.admin)
        await expectNone(run, ways)
      })
    } finally {
      end()
    }
  },
}

async function setUp(run: CaseRun): Promise<Way[]> {
  await allow(run, { protocol: 'tcp' })
  const { distributed, legacy } = await twoRouters(run, 'helpers')
  return [distributed, legacy].flatMap(({ name, routerId, routerIp, floating, plain, floatingIp }) => [
    { what: `floating IP, ${name}`, from: floating, routerId, seenAs: floatingIp.ip },
    { what: `SNAT, ${name}`, from: plain, routerId, seenAs: routerIp },
  ])
}

function fetch(run: CaseRun, from: Instance): Promise<string> {
  return probe(run, { instance: from.id }, 'ftp', OPENSTACK_ORG, PORT)
}

async function expectNone(run: CaseRun, ways: readonly Way[]): Promise<void> {
  const called = await Promise.all(ways.map(({ from }) => fetch(run, from).catch(() => null)))
  const reached = ways.filter((_, i) => called[i] !== null).map(({ what }) => what)
  expect(reached.length === 0, `the server called back: ${reached.join('; ')}`)
}

/** Path of the helper that was made. */
async function addHelper(run: CaseRun, routerId: string): Promise<string> {
  const path = `/v2.0/routers/${routerId}/conntrack_helpers`
  const body = { conntrack_helper: { protocol: 'tcp', port: Number(PORT), helper: 'ftp' } }
  const made = await run.demo.network.post<{ conntrack_helper: { id: string } }>(path, body)
  return `${path}/${made.conntrack_helper.id}`
}
