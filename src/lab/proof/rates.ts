import type { Cloud } from './cloud.js'
import { expect } from './expect.js'
import { demoProject } from './objects.js'

/** Seconds that a limited transfer takes. */
const SECONDS = 2.5

/** How many kbit may come at once under a limit of `kbps` in these proofs. */
export const burstOf = (kbps: number) => Math.ceil(kbps / 4)

/** Bytes of a transfer that takes a while at the rate `kbps`. */
export const bytesAt = (kbps: number) => Math.ceil(kbps * 125 * SECONDS)

/** The rate (kbit/s) at which `transfer` brings bytes over; what may come at once under a limit of `at` does not count. */
export async function rateOf(bytes: number, at: number | null, transfer: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await transfer()
  const burstBits = at === null ? 0 : burstOf(at) * 1000
  return Math.round((bytes * 8 - burstBits) / (performance.now() - started))
}

/** The rest is headers, and the start of the connection. */
export function expectAbout(kbps: number, limit: number, what = ''): void {
  expect(kbps <= limit * 1.05, `${what}${kbps} kbit/s is more than ${limit}`)
  expect(kbps >= limit * 0.4, `${what}${kbps} kbit/s is much less than ${limit}`)
}

/** A QoS policy of demo's; resolves to its id. */
export async function makePolicy(cloud: Cloud, name = 'slow'): Promise<string> {
  const body = { policy: { name, project_id: await demoProject(cloud) } }
  return (await cloud.admin.network.post<{ policy: { id: string } }>('/v2.0/qos/policies', body)).policy.id
}

/** Adds a rule to a policy; resolves to its path. */
export async function addRule(
  { admin }: Cloud,
  policy: string,
  type: 'bandwidth_limit' | 'dscp_marking' | 'packet_rate_limit',
  rule: Record<string, unknown>,
): Promise<string> {
  const path = `/v2.0/qos/policies/${policy}/${type}_rules`
  const made = await admin.network.post<Record<string, { id: string }>>(path, { [`${type}_rule`]: rule })
  return `${path}/${made[`${type}_rule`]!.id}`
}
