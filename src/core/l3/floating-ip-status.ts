import { type FloatingIpStatus, floatingIpPlaces, floatingIps } from '../../store/floating-ips.js'
import type { Transaction } from '../../store/transaction.js'
import { servingHost } from './floating-ip-hosts.js'

/**
 * Records what a host's L3 agent reports of floating IPs: `active` ones are on its data plane, `failed` ones could not
 * be. News of one that another host serves by now is late and ignored, as is news of one that is not associated.
 */
export async function setFloatingIpStatus(
  tx: Transaction,
  host: string,
  active: readonly string[],
  failed: readonly string[],
): Promise<void> {
  const reported = new Map<string, FloatingIpStatus>([
    ...active.map((id) => [id, 'ACTIVE'] as const),
    ...failed.map((id) => [id, 'ERROR'] as const),
  ])
  for (const place of await floatingIpPlaces(tx.db, 'id', [...reported.keys()])) {
    const status = reported.get(place.id)!
    if (status === place.status || (await servingHost(tx.db, place)) !== host) continue
    await floatingIps.update(tx.db, { id: place.id }, { status, updatedAt: tx.now })
    tx.touch('floatingip', place.id)
  }
}
