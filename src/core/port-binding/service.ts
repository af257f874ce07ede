import { isComputeOwner } from '../../model/owners.js'
import { type InactiveBinding, inactiveBindings } from '../../store/port-bindings.js'
import type { PortRecord } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import { textOf } from '../attributes.js'
import { listComputed } from '../collection.js'
import type { Core } from '../core.js'
import { bindPort, isBound } from '../port/binding.js'
import { visiblePort } from '../port/collection.js'
import { updatePort } from '../port/update.js'
import type { Attributes, PortBindingService, RequestContext, Resource } from '../service.js'
import { bindingActive, bindingExists, bindingFailed, bindingNotFound, ownerWithoutBindings } from './faults.js'

/**
 * `/ports/{id}/bindings`: a live migration prepares the port on the host to come beside the binding in force, and
 * activates it when the instance has moved. Hosts hear of the one in force only.
 */
export function portBindingService(core: Core): PortBindingService {
  core.hooks.on('port.after-update', async ({ tx, before, port }) => {
    // a port that is bound to a host in another way needs no preparation there
    if (before.hostId !== port.hostId) await inactiveBindings.delete(tx.db, { portId: port.id, host: port.hostId })
  })
  return {
    list: (ctx, portId, query) =>
      core.store.read(async (db) => listComputed(await allOf(db, await visiblePort(db, ctx, portId)), query)),
    get: (ctx, portId, host) => core.store.read(async (db) => oneOf(db, await visiblePort(db, ctx, portId), host)),
    create: (ctx, portId, item) => core.store.transaction(ctx, (tx) => prepare(core, tx, ctx, portId, item)),
    update: (ctx, portId, host, changes) =>
      core.store.transaction(ctx, (tx) => change(core, tx, ctx, portId, host, changes)),
    delete: (ctx, portId, host) => core.store.transaction(ctx, (tx) => remove(core, tx, ctx, portId, host)),
    activate: (ctx, portId, host) => core.store.transaction(ctx, (tx) => activate(core, tx, ctx, portId, host)),
  }
}

async function allOf(db: Db, port: PortRecord): Promise<Resource[]> {
  const others = await inactiveBindings.find(db, { portId: port.id })
  others.sort((a, b) => (a.host < b.host ? -1 : 1))
  return [...(port.hostId === '' ? [] : [showActive(port)]), ...others.map((binding) => show(binding, 'INACTIVE'))]
}

async function oneOf(db: Db, port: PortRecord, host: string): Promise<Resource> {
  const found = (await allOf(db, port)).find((binding) => binding.host === host)
  if (!found) throw bindingNotFound(port.id, host)
  return found
}

function showActive(port: PortRecord): Resource {
  return show({ ...port, portId: port.id, host: port.hostId }, 'ACTIVE')
}

function show({ host, vnicType, profile, vifType, vifDetails }: InactiveBinding, status: string): Resource {
  return { id: host, host, vnic_type: vnicType, profile, vif_type: vifType, vif_details: vifDetails, status }
}

async function prepare(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  portId: string,
  item: Attributes,
): Promise<Resource> {
  const port = await visiblePort(tx.db, ctx, portId)
  const host = textOf(item, 'host')
  if (!isComputeOwner(port.deviceOwner)) throw ownerWithoutBindings('create_port_binding', port.deviceOwner, portId)
  if ((await allOf(tx.db, port)).some((binding) => binding.host === host)) throw bindingExists(portId, host)
  if (port.hostId === '') {
    const asked = { 'binding:host_id': host, 'binding:vnic_type': item.vnic_type, 'binding:profile': item.profile }
    return showActive(await bound(core, tx, ctx, portId, host, asked))
  }
  const binding = await bind(core, tx.db, port, {
    portId,
    host,
    vnicType: textOf(item, 'vnic_type', 'normal'),
    profile: profileOf(item) ?? {},
  })
  await inactiveBindings.insert(tx.db, binding)
  return show(binding, 'INACTIVE')
}

const profileOf = (item: Attributes) => item.profile as InactiveBinding['profile'] | null | undefined

/** How the host would wire the port. */
async function bind(
  core: Core,
  db: Db,
  port: PortRecord,
  wanted: Omit<InactiveBinding, 'vifType' | 'vifDetails'>,
): Promise<InactiveBinding> {
  const { portId, host, vnicType, profile } = wanted
  const { vifType, vifDetails } = await bindPort(core, db, { ...port, hostId: host, vnicType, profile })
  if (!isBound({ hostId: host, vifType })) throw bindingFailed(portId, host)
  return { ...wanted, vifType, vifDetails }
}

/** The port after a change of its binding in force. */
async function bound(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  portId: string,
  host: string,
  changes: Attributes,
): Promise<PortRecord> {
  const port = await updatePort(core, tx, ctx, portId, changes)
  if (!isBound(port)) throw bindingFailed(portId, host)
  return port
}

async function change(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  portId: string,
  host: string,
  changes: Attributes,
): Promise<Resource> {
  const port = await visiblePort(tx.db, ctx, portId)
  const binding = await inactiveBindings.findOne(tx.db, { portId, host })
  if (!binding && port.hostId !== host) throw bindingNotFound(portId, host)
  if (!binding) {
    const asked = { 'binding:vnic_type': changes.vnic_type, 'binding:profile': changes.profile }
    return showActive(await bound(core, tx, ctx, portId, host, asked))
  }
  const vnicType = textOf(changes, 'vnic_type', binding.vnicType)
  const profile = profileOf(changes) ?? binding.profile
  const changed = await bind(core, tx.db, port, { ...binding, vnicType, profile })
  await inactiveBindings.update(tx.db, { portId, host }, changed)
  return show(changed, 'INACTIVE')
}

async function remove(core: Core, tx: Transaction, ctx: RequestContext, portId: string, host: string): Promise<void> {
  const port = await visiblePort(tx.db, ctx, portId)
  await oneOf(tx.db, port, host)
  if (port.hostId === host) await updatePort(core, tx, ctx, portId, { 'binding:host_id': '' })
  else await inactiveBindings.delete(tx.db, { portId, host })
}

/** The two bindings change places; the one that was in force is kept as a name only, for the way back. */
async function activate(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  portId: string,
  host: string,
): Promise<Resource> {
  const port = await visiblePort(tx.db, ctx, portId)
  if (!isComputeOwner(port.deviceOwner)) throw ownerWithoutBindings('activate_port_binding', port.deviceOwner, portId)
  if (port.hostId === host) throw bindingActive(portId, host)
  const binding = await inactiveBindings.findOne(tx.db, { portId, host })
  if (!binding) throw bindingNotFound(portId, host)
  const { vnicType, profile } = binding
  const asked = { 'binding:host_id': host, 'binding:vnic_type': vnicType, 'binding:profile': profile }
  const moved = await bound(core, tx, ctx, portId, host, asked)
  if (port.hostId !== '') {
    const left = { portId, host: port.hostId, vnicType: port.vnicType, profile: port.profile }
    await inactiveBindings.insert(tx.db, { ...left, vifType: 'unbound', vifDetails: {} })
  }
  return showActive(moved)
}
