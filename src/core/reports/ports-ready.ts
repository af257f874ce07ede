import { sql } from 'kysely'
import type { PortsMessage } from '../../bus/contracts/messages.js'
import { loadNetwork } from '../../store/networks.js'
import { inactiveBindings } from '../../store/port-bindings.js'
import { ports, wiredPorts } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import type { Core } from '../core.js'
import { pluggedEvent } from '../notifier/hooks.js'
import { updateStatus } from '../port/status.js'
import type { RequestContext } from '../service.js'
import { systemContext } from '../system-context.js'

/** Notes what a host's agent has finished, or lost; ports go ACTIVE or DOWN by it. */
export async function recordPorts(core: Core, host: string, message: PortsMessage): Promise<void> {
  const ctx = systemContext(`${message.aspect}@${host}`)
  await core.store.transaction(ctx, (tx) =>
    message.aspect === 'l2' ? recordL2(core, tx, ctx, host, message) : recordDhcp(core, tx, ctx, host, message),
  )
}

/**
 * Which hosts have a port wired is kept apart from the host it is meant for: a port that leaves and comes back needs
 * no second report, and one that was wired before it was meant for the host goes ACTIVE at once.
 */
async function recordL2(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  host: string,
  message: PortsMessage,
): Promise<void> {
  const wired = new Set((await wiredPorts.find(tx.db, { host })).map(({ portId }) => portId))
  const ready = new Set(message.ready)
  const lost = message.complete ? [...wired].filter((id) => !ready.has(id)) : message.gone.filter((id) => wired.has(id))
  const asked = [...ready].filter((id) => !wired.has(id))
  const known = new Set((await ports.findIn(tx.db, 'id', asked)).map(({ id }) => id))
  const found = asked.filter((id) => known.has(id))
  await wiredPorts.insert(tx.db, ...found.map((portId) => ({ portId, host })))
  for (const portId of lost) await wiredPorts.delete(tx.db, { portId, host })
  if (message.waiting) await awaited(core, tx, host, message.waiting)
  for (const id of [...found, ...lost]) await updateStatus(core, tx, ctx, id)
}

/**
 * Nova goes on with a live migration when the port is plugged in at the host to come, and hears of it from here: the
 * port's status is about the host where it is.
 */
async function awaited(core: Core, tx: Transaction, host: string, portIds: readonly string[]): Promise<void> {
  const prepared = await inactiveBindings.findIn(tx.db, 'portId', portIds)
  const ids = prepared.filter((binding) => binding.host === host).map(({ portId }) => portId)
  for (const port of await ports.findIn(tx.db, 'id', ids))
    tx.afterCommit(() => core.notifier.notify(pluggedEvent(port)))
}

async function hasOtherServer(db: Db, networkId: string, host: string): Promise<boolean> {
  return (await loadNetwork(db, networkId))?.servingHosts.some((serving) => serving !== host) ?? false
}

/** A DHCP agent names ports of every host, of the networks that it serves. */
async function recordDhcp(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  host: string,
  message: PortsMessage,
): Promise<void> {
  const served = sql`ports.network_id in (select b.network_id from dhcp_bindings b
    join agents a on a.id = b.agent_id where a.host = ${host})`
  const ready = new Set(message.ready)
  const gone = new Set(message.gone)
  if (message.complete) {
    for (const port of await ports.select(tx.db, sql`${served} and dhcp_ready = 1`))
      if (!ready.has(port.id)) gone.add(port.id)
  }
  const named = await ports.findIn(tx.db, 'id', [...ready, ...gone])
  for (const port of named) {
    const now = ready.has(port.id)
    if (port.dhcpReady === now) continue
    // an agent that the network was taken from, or one of several, cannot tell that nobody serves the port
    if (!now && (await hasOtherServer(tx.db, port.networkId, host))) continue
    await ports.update(tx.db, { id: port.id }, { dhcpReady: now })
    await updateStatus(core, tx, ctx, port.id)
  }
}
