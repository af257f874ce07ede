import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeVarLog } from '../state.js'
import type { Cloud } from './cloud.js'
import { expect } from './expect.js'
import { until } from './until.js'

/** What one label has counted at one router of a host, as the server was told last. */
export interface Counted {
  readonly host: string
  readonly router_id: string
  readonly total_pkts: number
  readonly total_bytes: number
}

interface LogLine extends Counted {
  readonly event_type?: string
  readonly label_id: string
}

/** The last `l3.meter` of each router and host for a label, from the server's log. */
function lastMeters({ state }: Cloud, labelId: string): Counted[] {
  const text = readFileSync(join(nodeVarLog(state.spec.name, 'controller'), 'neutron-server.log'), 'utf8')
  const found = new Map<string, Counted>()
  for (const line of text.split('\n')) {
    if (!line.includes('l3.meter')) continue
    const meter = JSON.parse(line) as LogLine
    if (meter.label_id === labelId) found.set(`${meter.host} ${meter.router_id}`, meter)
  }
  return [...found.values()]
}

/** Waits until a label has counted exactly this many packets at a router on a host; more are never right. Resolves to the bytes. */
export async function expectCounted(
  cloud: Cloud,
  labelId: string,
  { host, routerId }: { readonly host: string; readonly routerId: string },
  pkts: number,
): Promise<number> {
  let seen: Counted | undefined
  await until(`${pkts} packets of ${labelId} at ${routerId} on ${host}`, async () => {
    seen = lastMeters(cloud, labelId).find((one) => one.host === host && one.router_id === routerId)
    const told = seen?.total_pkts ?? 0
    expect(told <= pkts, `${told} packets counted at ${routerId} on ${host}, ${pkts} were sent`)
    if (told < pkts) throw new Error(`${told} so far`)
    return true
  })
  return seen?.total_bytes ?? 0
}
