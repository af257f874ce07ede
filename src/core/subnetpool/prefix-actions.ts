import { cidrOf } from '../../model/ip.js'
import { revise } from '../../store/standard-attributes.js'
import { loadSubnetpool, type SubnetpoolRecord, subnetpools, takenFrom } from '../../store/subnetpools.js'
import { subnets, subnetsOfNetwork } from '../../store/subnets.js'
import type { Transaction } from '../../store/transaction.js'
import { listOf, textOf } from '../attributes.js'
import type { Core } from '../core.js'
import { checkScopes, routersOfPool } from '../l3/check-scopes.js'
import { visibleNetwork } from '../network/collection.js'
import type { Attributes, RequestContext, ResourceAction } from '../service.js'
import { checkPrefixes, prefixTexts } from './bounds.js'
import { writableSubnetpool } from './collection.js'
import { allocatedPrefixes, alreadyInPool, illegalPrefixUpdate, otherPoolOnNetwork } from './faults.js'
import { checkNetworkPools, networksMixPools } from './network-pools.js'
import { anyOverlap, freePrefixes } from './prefixes.js'
import { checkOwnScope, checkScope } from './service.js'

/** Operations on the prefixes of a pool: single ones come and go, and the subnets of a network can be taken in. */
export function subnetpoolActions(core: Core): Readonly<Record<string, ResourceAction>> {
  const onPool =
    (act: (tx: Transaction, ctx: RequestContext, pool: SubnetpoolRecord, body: Attributes) => Promise<void>) =>
    (ctx: RequestContext, id: string, body: Attributes) =>
      core.store.transaction(ctx, async (tx) => {
        await act(tx, ctx, await writableSubnetpool(tx.db, ctx, id), body)
        return { prefixes: (await loadSubnetpool(tx.db, id))!.prefixes }
      })
  return {
    add_prefixes: onPool((tx, ctx, pool, body) => addPrefixes(tx, ctx, pool, listOf<string>(body, 'prefixes'))),
    remove_prefixes: onPool((tx, _ctx, pool, body) => removePrefixes(tx, pool, listOf<string>(body, 'prefixes'))),
    onboard_network_subnets: onPool((tx, ctx, pool, body) => onboard(tx, ctx, pool, textOf(body, 'network_id'))),
  }
}

async function addPrefixes(
  tx: Transaction,
  ctx: RequestContext,
  pool: SubnetpoolRecord,
  asked: readonly string[],
): Promise<void> {
  await checkOwnScope(tx.db, ctx, pool)
  const added = checkPrefixes(asked)
  if (added[0]!.version !== pool.ipVersion) throw illegalPrefixUpdate()
  const prefixes = checkPrefixes([...pool.prefixes, ...asked])
  const { id, ipVersion, addressScopeId } = pool
  if (addressScopeId !== null) await checkScope(tx.db, ctx, { id, ipVersion, prefixes, addressScopeId })
  await revise(tx, subnetpools, pool, { prefixes: prefixTexts(prefixes) })
}

async function removePrefixes(tx: Transaction, pool: SubnetpoolRecord, asked: readonly string[]): Promise<void> {
  const removed = checkPrefixes(asked)
  const taken = (await takenFrom(tx.db, pool.id)).map(({ cidr }) => cidrOf(cidr))
  if (anyOverlap(taken, removed)) throw allocatedPrefixes()
  const prefixes = prefixTexts(freePrefixes(pool.prefixes.map(cidrOf), removed))
  await revise(tx, subnetpools, pool, { prefixes })
}

/** The network's subnets of the pool's IP version are from now on taken from the pool, which has their prefixes. */
async function onboard(tx: Transaction, ctx: RequestContext, pool: SubnetpoolRecord, networkId: string): Promise<void> {
  const network = await visibleNetwork(tx.db, ctx, networkId)
  const own = (await subnetsOfNetwork(tx.db, network.id)).filter(({ ipVersion }) => ipVersion === pool.ipVersion)
  if (own.some(({ subnetpoolId }) => subnetpoolId === pool.id)) throw alreadyInPool(networkId, pool.id)
  if (own.some(({ subnetpoolId }) => subnetpoolId !== null)) throw otherPoolOnNetwork()
  if (own.length === 0) return
  await checkNetworkPools(tx.db, network.id, pool)
  const cidrs = own.map(({ cidr }) => cidr)
  const taken = (await takenFrom(tx.db, pool.id)).map(({ cidr }) => cidrOf(cidr))
  if (anyOverlap(taken, cidrs.map(cidrOf))) throw allocatedPrefixes()
  await addPrefixes(tx, ctx, pool, cidrs)
  for (const subnet of own) {
    await revise(tx, subnets, subnet, { subnetpoolId: pool.id })
    tx.touch('subnet', subnet.id)
  }
  if (await networksMixPools(tx.db, pool.id)) throw otherPoolOnNetwork()
  for (const routerId of await routersOfPool(tx.db, pool.id)) await checkScopes(tx.db, routerId)
}
