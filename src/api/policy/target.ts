/** Looks up what rules need to know of an object. */
import type { Attributes, CoreServices, RequestContext } from '../../core/service.js'
import type { NetworkFacts, PolicyTarget } from './rules.js'

/** Facts of an object, or of one that is to be made; with its network when `withNetwork`. Throws NetworkNotFound. */
export type TargetOf = (object: Attributes, withNetwork: boolean) => Promise<PolicyTarget>

/** The look-up of one request: a network that several items name is read once. */
export function targets(services: CoreServices, ctx: RequestContext): TargetOf {
  const networks = new Map<string, Promise<NetworkFacts | null>>()
  const network = (id: string) => {
    const known = networks.get(id)
    if (known) return known
    const asked = networkFacts(services, ctx, id)
    networks.set(id, asked)
    return asked
  }
  return async (object, withNetwork) => ({
    projectId: textOf(object.project_id ?? object.tenant_id),
    deviceOwner: textOf(object.device_owner),
    sharedWith: textOf(object.target_tenant),
    network: withNetwork ? await network(textOf(object.network_id)) : null,
    attributes: object,
  })
}

async function networkFacts(services: CoreServices, ctx: RequestContext, id: string): Promise<NetworkFacts | null> {
  const networks = services.collections.networks
  if (!networks || id === '') return null
  const network = await networks.get(ctx, id)
  return { projectId: textOf(network.project_id ?? network.tenant_id), shared: network.shared === true }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
