import { setTimeout as delay } from 'node:timers/promises'
import type { Session } from '../client/session.js'

const LONGEST_MS = 15_000

interface PortStatus {
  readonly id: string
  readonly status: string
  readonly device_owner: string
  readonly 'binding:vif_type': string
  readonly admin_state_up: boolean
}

/**
 * Waits until every host has applied the newest revision that concerns it and every bound port is ACTIVE: the data
 * plane is what the API says. Throws with what is behind.
 */
export async function settled(session: Session): Promise<void> {
  const deadline = Date.now() + LONGEST_MS
  let behind = ''
  while (Date.now() < deadline) {
    behind = await whatIsBehind(session)
    if (behind === '') return
    await delay(5)
  }
  throw new Error(`not realised within ${LONGEST_MS / 1000} s: ${behind}`)
}

async function whatIsBehind(session: Session): Promise<string> {
  const { in_sync, revision, hosts } = await session.network.get<{
    in_sync: boolean
    revision: number
    hosts: unknown
  }>('/v2.0/eastwest/revision')
  if (!in_sync) return `hosts behind revision ${revision}: ${JSON.stringify(hosts)}`
  const { ports } = await session.network.get<{ ports: PortStatus[] }>('/v2.0/ports')
  const waiting = ports.filter(
    (port) =>
      port.admin_state_up && ['ovs', 'distributed'].includes(port['binding:vif_type']) && port.status !== 'ACTIVE',
  )
  return waiting.map((port) => `port ${port.id} (${port.device_owner}) is ${port.status}`).join(', ')
}
