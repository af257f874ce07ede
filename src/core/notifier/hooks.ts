import { isComputeOwner } from '../../model/owners.js'
import type { PortRecord } from '../../store/ports.js'
import type { Core } from '../core.js'
import type { ServerEvent } from './nova.js'

/** Tells nova of its instances' ports: wired, lost, deleted, other addresses. Always after the commit. */
export function registerNotifier(core: Core): void {
  const { notify_nova_on_port_status_changes: onStatus, notify_nova_on_port_data_changes: onData } = core.config.DEFAULT
  if (onStatus) {
    core.hooks.on('port.status-changed', async ({ tx, port, from }) => {
      const event = statusEvent(port, from)
      if (event) tx.afterCommit(() => core.notifier.notify(event))
    })
  }
  if (!onData) return
  core.hooks.on('port.after-delete', async ({ tx, port }) => {
    if (isOfInstance(port)) {
      tx.afterCommit(() =>
        core.notifier.notify({ name: 'network-vif-deleted', server_uuid: port.deviceId, tag: port.id }),
      )
    }
  })
  core.hooks.on('port.after-update', async ({ tx, before, port }) => {
    const same = JSON.stringify(before.fixedIps) === JSON.stringify(port.fixedIps)
    if (!same && isOfInstance(port)) tx.afterCommit(() => core.notifier.notify(networkChangedEvent(port)))
  })
}

/** The event for a change of an instance's addresses (floating IPs included). */
export function networkChangedEvent(port: Pick<PortRecord, 'id' | 'deviceId'>): ServerEvent {
  return { name: 'network-changed', server_uuid: port.deviceId, tag: port.id }
}

function isOfInstance({ deviceOwner, deviceId }: PortRecord): boolean {
  return isComputeOwner(deviceOwner) && deviceId !== ''
}

function statusEvent(port: PortRecord, from: string): ServerEvent | null {
  if (!isOfInstance(port)) return null
  if (port.status === 'ACTIVE') return pluggedEvent(port)
  return from === 'ACTIVE' ? { ...pluggedEvent(port), name: 'network-vif-unplugged' } : null
}

/** The event for an instance's port that is plugged in. */
export function pluggedEvent({ id, deviceId }: Pick<PortRecord, 'id' | 'deviceId'>): ServerEvent {
  return { name: 'network-vif-plugged', server_uuid: deviceId, tag: id, status: 'completed' }
}
