import { ipAllocations } from '../../store/addresses.js'
import { networks } from '../../store/networks.js'
import { revise } from '../../store/standard-attributes.js'
import { type SubnetRecord, subnets } from '../../store/subnets.js'
import type { Transaction } from '../../store/transaction.js'
import type { Core } from '../core.js'
import type { RequestContext } from '../service.js'

/** Removes a subnet that no port has an address of any more. */
export async function removeSubnet(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  subnet: SubnetRecord,
): Promise<void> {
  await ipAllocations.delete(tx.db, { subnetId: subnet.id })
  await subnets.delete(tx.db, { id: subnet.id })
  tx.touch('subnet', subnet.id)
  await networkChanged(tx, subnet.networkId)
  await core.hooks.run('subnet.after-delete', { tx, ctx, subnet })
}

/** The list of its subnets is part of a network. */
export async function networkChanged(tx: Transaction, networkId: string): Promise<void> {
  const network = await networks.findOne(tx.db, { id: networkId })
  if (network) await revise(tx, networks, network)
}
