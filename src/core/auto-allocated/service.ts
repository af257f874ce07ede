import { sql } from 'kysely'
import { autoAllocatedTopologies } from '../../store/auto-allocated.js'
import { networks } from '../../store/networks.js'
import { subnetpools } from '../../store/subnetpools.js'
import { subnetsOfNetwork } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'
import type { Core } from '../core.js'
import { Fault } from '../faults.js'
import { addInterface, removeInterface } from '../l3/interfaces.js'
import { routerPorts } from '../l3/router-ports.js'
import { createRouter, deleteRouter, writableRouter } from '../l3/router-service.js'
import type { Work } from '../l3/work.js'
import { networkCollection, visibleNetwork } from '../network/collection.js'
import { createNetwork, deleteNetwork } from '../network/service.js'
import type { AutoAllocationService, RequestContext, Resource } from '../service.js'
import { createSubnet } from '../subnet/service.js'
import { subnetpoolCollection } from '../subnetpool/collection.js'

const failure = (reason: string) => new Fault('AutoAllocationFailure', 409, `Deployment error: ${reason}.`)

/** A network that leads outside, for projects that just want one. It is made on the first question for it. */
export function autoAllocationService(core: Core): AutoAllocationService {
  return {
    check: (ctx, projectId) =>
      core.store.read(async (db) => {
        await requirements(db, ctx)
        return shown('dry-run=pass', projectId)
      }),
    ensure: (ctx, projectId) =>
      core.store.transaction(ctx, async (tx) => {
        const known = await autoAllocatedTopologies.findOne(tx.db, { projectId })
        return shown(known?.networkId ?? (await allocate({ core, tx, ctx }, projectId)), projectId)
      }),
    remove: (ctx, projectId) =>
      core.store.transaction(ctx, async (tx) => {
        const known = await autoAllocatedTopologies.findOne(tx.db, { projectId })
        if (known) await release({ core, tx, ctx }, known)
      }),
  }
}

function shown(id: string, projectId: string): Resource {
  return { id, tenant_id: projectId, project_id: projectId }
}

interface Requirements {
  readonly externalNetworkId: string
  /** IP versions with a default pool */
  readonly versions: readonly (4 | 6)[]
}

async function requirements(db: Db, ctx: RequestContext): Promise<Requirements> {
  const seesNetwork = networkCollection.visible(ctx)
  const [external] = await networks.select(db, sql`external = 1 and is_default = 1 and (${seesNetwork})`)
  if (!external) throw failure('No default router:external network')
  const seesPool = subnetpoolCollection.visible(ctx)
  const pools = await subnetpools.select(db, sql`default_for is not null and (${seesPool})`)
  if (pools.length === 0) throw failure('No default pools defined')
  return { externalNetworkId: external.id, versions: pools.map(({ ipVersion }) => ipVersion).sort() }
}

/** Network, a subnet of each default pool, and a router to the default external network; returns the network's id. */
async function allocate(work: Work, projectId: string): Promise<string> {
  const { core, tx, ctx } = work
  const { externalNetworkId, versions } = await requirements(tx.db, ctx)
  const network = await createNetwork(core, tx, ctx, { name: 'auto_allocated_network', project_id: projectId })
  const router = await createRouter(work, {
    name: 'auto_allocated_router',
    project_id: projectId,
    external_gateway_info: { network_id: externalNetworkId },
  })
  for (const version of versions) {
    const subnet = await createSubnet(core, tx, ctx, {
      name: `auto_allocated_subnet_v${version}`,
      project_id: projectId,
      network_id: network.id,
      ip_version: version,
      use_default_subnetpool: true,
      ...(version === 6 ? { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' } : {}),
    })
    await addInterface(work, await writableRouter(tx.db, ctx, router.id), { subnet_id: subnet.id })
  }
  await autoAllocatedTopologies.insert(tx.db, { projectId, networkId: network.id, routerId: router.id })
  return network.id
}

async function release(work: Work, made: { readonly networkId: string; readonly routerId: string }): Promise<void> {
  const { tx, ctx } = work
  const subnets = await subnetsOfNetwork(tx.db, made.networkId)
  for (const { id } of subnets) {
    const { interfaces } = await routerPorts(tx.db, made.routerId)
    const joined = interfaces.some(({ fixedIps }) => fixedIps.some(({ subnetId }) => subnetId === id))
    if (joined) await removeInterface(work, await writableRouter(tx.db, ctx, made.routerId), { subnet_id: id })
  }
  await deleteRouter(work, await writableRouter(tx.db, ctx, made.routerId))
  await deleteNetwork(work, await visibleNetwork(tx.db, ctx, made.networkId))
}
