import { centralHost } from '../../proof/central-host.js'
import {
  associateFloatingIp,
  bootAll,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  type Network,
} from '../../proof/objects.js'
import type { CaseRun } from '../case.js'

/** A router with an instance that has a floating IP, on compute1, and one that has none, on compute2. */
export interface Side {
  readonly name: 'distributed' | 'legacy'
  readonly routerId: string
  /** its address on the external network */
  readonly routerIp: string
  /** node with its central part */
  readonly central: string
  readonly floating: Instance
  readonly plain: Instance
  readonly floatingIp: { readonly id: string; readonly ip: string }
}

/** The ways outside: a distributed and a legacy router, each with a network of its own. `prefix`: of the networks' names. */
export async function twoRouters(
  run: CaseRun,
  prefix: string,
): Promise<{ external: Network; distributed: Side; legacy: Side }> {
  const external = await makeExternal(run, 'flat', `${prefix}-ext`)
  const side = async (name: Side['name'], cidr: string): Promise<Side> => {
    const network = await makeNetwork(run, `${prefix}-${name}`, cidr)
    const wish = { subnets: [network.subnetId], external: external.id, distributed: name === 'distributed' }
    const { id: routerId, externalIp: routerIp } = await makeRouter(run, name, wish)
    const [floating, plain] = await bootAll(run, [
      { name: `${name}-floating`, networkId: network.id, host: 'compute1' },
      { name: `${name}-plain`, networkId: network.id, host: 'compute2' },
    ])
    const floatingIp = await associateFloatingIp(run, external.id, floating!.portId)
    const central = await centralHost(run, routerId)
    return { name, routerId, routerIp, central, floating: floating!, plain: plain!, floatingIp }
  }
  const distributed = await side('distributed', '192.168.1.0/24')
  return { external, distributed, legacy: await side('legacy', '192.168.2.0/24') }
}
