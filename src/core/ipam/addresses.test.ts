import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { addressesOf, member, TestCloud } from '../testing/cloud.js'

/** Pools of the test subnet, with a hole between them. */
const POOLS = [
  { start: '10.9.0.2', end: '10.9.0.5' },
  { start: '10.9.0.9', end: '10.9.0.12' },
]
const IN_POOLS = [2, 3, 4, 5, 9, 10, 11, 12].map((n) => `10.9.0.${n}`)

type Step =
  | { readonly do: 'lowest' }
  | { readonly do: 'named'; readonly ip: string }
  | { readonly do: 'delete'; readonly pick: number }
  | { readonly do: 'exchange'; readonly pick: number; readonly ip: string }

const anyIp = fc.integer({ min: 1, max: 14 }).map((n) => `10.9.0.${n}`)
const pick = fc.nat({ max: 30 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'lowest' } as const) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('named' as const), ip: anyIp }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('exchange' as const), pick, ip: anyIp }) },
)

describe('address allocation', () => {
  it('always gives the lowest free address of the pools, whatever was taken and released before', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), follow), { numRuns: 40 })
  })

  it('fills a large network without slowing down', async () => {
    const cloud = await TestCloud.open('[quotas]\nquota_port = -1\n')
    const { network } = await cloud.network('10.8.0.0/16')
    const batch = Array.from({ length: 300 }, () => ({ network_id: network.id }))
    // of the processor: others may have it meanwhile
    const times: number[] = []
    for (let i = 0; i < 3; i++) {
      const start = process.cpuUsage()
      await cloud.collection('ports').create(member('demo'), batch)
      const { user, system } = process.cpuUsage(start)
      times.push((user + system) / 1000)
    }
    assert.ok(times[2]! < times[0]! * 2, `300 ports took ${times.map(Math.round).join(', ')} ms`)
    await cloud.close()
  })
})

/** Runs the steps on the service and on a plain map side by side. */
async function follow(steps: readonly Step[]): Promise<void> {
  const cloud = await TestCloud.open()
  try {
    const { network } = await cloud.network('10.9.0.0/28', { allocation_pools: POOLS })
    const model = new Map<string, string>()
    const taken = () => new Set(model.values())
    const lowest = () => IN_POOLS.find((ip) => !taken().has(ip))
    for (const current of steps) {
      if (current.do === 'lowest') {
        const expected = lowest()
        if (expected === undefined) await assert.rejects(cloud.port(network.id), { type: 'IpAddressGenerationFailure' })
        else {
          const port = await cloud.port(network.id)
          assert.deepEqual(addressesOf(port), [expected])
          model.set(port.id, expected)
        }
      } else if (current.do === 'named') {
        const asked = { fixed_ips: [{ ip_address: current.ip }] }
        if (taken().has(current.ip)) await assert.rejects(cloud.port(network.id, asked), { type: 'IpAddressInUse' })
        else model.set((await cloud.port(network.id, asked)).id, current.ip)
      } else {
        const id = [...model.keys()][current.pick % Math.max(1, model.size)]
        if (id === undefined) continue
        if (current.do === 'delete') {
          await cloud.collection('ports').delete(member('demo'), id)
          model.delete(id)
        } else if (!taken().has(current.ip)) {
          await cloud.collection('ports').update(member('demo'), id, { fixed_ips: [{ ip_address: current.ip }] })
          model.set(id, current.ip)
        }
      }
    }
  } finally {
    await cloud.close()
  }
}
