import type { PortRecord } from '../../store/ports.js'
import { createPort } from '../port/create.js'
import { deletePort } from '../port/delete.js'
import { updatePort } from '../port/update.js'
import type { Attributes } from '../service.js'
import { elevated, type Work } from './work.js'

/** An entry of `fixed_ips` or `external_fixed_ips`: a subnet, an address, or both. */
export interface WantedIp {
  readonly subnet_id?: string
  readonly ip_address?: string
}

export interface NewPort {
  readonly networkId: string
  readonly name?: string
  /** '' for ports that belong to nobody */
  readonly projectId: string
  readonly deviceId: string
  readonly deviceOwner: string
  /** undefined: addresses are chosen */
  readonly fixedIps: readonly WantedIp[] | undefined
  /** '' = not bound */
  readonly host: string
}

/** Ports that this part changes by itself: what a client may not do to them is no question then. */
const ownChanges = new WeakSet<Attributes>()

/** Whether a change of a port comes from this part and not from a client. */
export function isOwnChange(changes: Attributes): boolean {
  return ownChanges.has(changes)
}

export async function addPort({ core, tx, ctx }: Work, port: NewPort): Promise<PortRecord> {
  return createPort(core, tx, elevated(ctx), {
    network_id: port.networkId,
    name: port.name ?? '',
    project_id: port.projectId,
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
    ...(port.fixedIps && { fixed_ips: port.fixedIps }),
    'binding:host_id': port.host,
    port_security_enabled: false,
  })
}

export async function removePort({ core, tx, ctx }: Work, port: Pick<PortRecord, 'id'>): Promise<void> {
  await deletePort(core, tx, elevated(ctx), port.id)
}

async function change({ core, tx, ctx }: Work, id: string, changes: Attributes): Promise<PortRecord> {
  ownChanges.add(changes)
  return updatePort(core, tx, elevated(ctx), id, changes)
}

/** Binds a port to another host ('' = to none); one that is well where it should be is left alone. */
export async function movePort(work: Work, port: PortRecord, host: string): Promise<void> {
  const failed = port.vifType === 'binding_failed'
  if (port.hostId !== host || (failed && host !== '')) await change(work, port.id, { 'binding:host_id': host })
}

export async function changeAddresses(
  work: Work,
  port: PortRecord,
  fixedIps: readonly WantedIp[],
): Promise<PortRecord> {
  return change(work, port.id, { fixed_ips: fixedIps })
}

export interface Adoption {
  readonly deviceId: string
  readonly deviceOwner: string
  readonly host: string
}

/** Makes an existing port the router's, or the router's in another way. */
export async function adoptPort(
  work: Work,
  port: PortRecord,
  { deviceId, deviceOwner, host }: Adoption,
): Promise<PortRecord> {
  return change(work, port.id, { device_id: deviceId, device_owner: deviceOwner, 'binding:host_id': host })
}
