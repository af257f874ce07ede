import { sql } from 'kysely'
import type { PortsMessage } from '../../bus/contracts/messages.js'
import { OWNER } from '../../model/owners.js'
import { distributedPorts, type PortRow, ports } from '../../store/ports.js'
import type { Transaction } from '../../store/transaction.js'
import type { Core } from '../core.js'
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

async function recordL2(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  host: string,
  message: PortsMessage,
): Promise<void> {
  const ready = new Set(message.ready)
  const gone = new Set(message.gone)
  const here = await ports.find(tx.db, { hostId: host })
  const named = await ports.findIn(tx.db, 'id', [...ready, ...gone])
  const wiredHere = (await distributedPorts.find(tx.db, { host })).map(({ portId }) => portId)
  if (message.complete) {
    for (const port of here) if (port.l2Ready && !ready.has(port.id)) gone.add(port.id)
    for (const id of wiredHere) if (!ready.has(id)) gone.add(id)
  }
  const byId = new Map([...named, ...here].map((port) => [port.id, port]))
  for (const id of ready) {
    const port = byId.get(id)
    if (port && (await setReady(tx, host, port, true, wiredHere))) await updateStatus(core, tx, ctx, id)
  }
  for (const id of gone) {
    const port = byId.get(id) ?? (await ports.findOne(tx.db, { id }))
    if (port && (await setReady(tx, host, port, false, wiredHere))) await updateStatus(core, tx, ctx, id)
  }
}

/** False when nothing changes: a port that is not (any more) of this host, or a repeated report. */
async function setReady(
  tx: Transaction,
  host: string,
  port: PortRow,
  ready: boolean,
  wiredHere: readonly string[],
): Promise<boolean> {
  if (port.deviceOwner === OWNER.distributedRouterInterface) {
    if (wiredHere.includes(port.id) === ready) return false
    if (ready) await distributedPorts.insert(tx.db, { portId: port.id, host })
    else await distributedPorts.delete(tx.db, { portId: port.id, host })
    return true
  }
  if (port.hostId !== host || port.l2Ready === ready) return false
  await ports.update(tx.db, { id: port.id }, { l2Ready: ready })
  return true
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
    await ports.update(tx.db, { id: port.id }, { dhcpReady: now })
    await updateStatus(core, tx, ctx, port.id)
  }
}
