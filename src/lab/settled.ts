import { setTimeout as delay } from 'node:timers/promises'
import type { Session } from '../client/session.js'
import { pauseAfter } from './proof/until.js'

const LONGEST_MS = 30_000

interface PortStatus {
  readonly id: string
  readonly status: string
  readonly device_id: string
  readonly device_owner: string
  readonly 'binding:vif_type': string
  readonly admin_state_up: boolean
}

/**
 * Waits until every host has applied the newest revision that concerns it and every bound port is ACTIVE: the data
 * plane is what the API says. Throws with what is behind.
 */
export async function settled(session: Session): Promise<void> {
  const started = Date.now()
  let behind = ''
  for (let waited = 0; waited < LONGEST_MS; waited = Date.now() - started) {
    behind = await whatIsBehind(session)
    if (behind === '') return
    await delay(pauseAfter(waited))
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
  if (waiting.length === 0) return ''
  // the ports of a router that is switched off are nowhere, nor need its hosts an address outside
  const { routers } = await session.network.get<{ routers: { id: string }[] }>('/v2.0/routers', {
    admin_state_up: 'False',
  })
  const off = new Set(routers.map(({ id }) => id))
  const idle = (port: PortStatus) =>
    off.has(port.device_id) || (off.size > 0 && port.device_owner === 'network:floatingip_agent_gateway')
  const due = waiting.filter((port) => !idle(port))
  return due.map((port) => `port ${port.id} (${port.device_owner}) is ${port.status}`).join(', ')
}
