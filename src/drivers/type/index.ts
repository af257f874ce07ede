import { ConfigError } from '../../config/options.js'
import type { ServerConfig } from '../../config/server.js'
import type { TypeDriver } from '../../core/ml2/type-driver.js'
import type { NetworkType } from '../../model/cloud.js'
import { flatDriver } from './flat.js'
import { localDriver } from './local.js'
import { geneveDriver, greDriver, vxlanDriver } from './tunnel.js'
import { vlanDriver } from './vlan.js'

const DRIVERS: Readonly<Record<NetworkType, (config: ServerConfig) => TypeDriver>> = {
  local: localDriver,
  flat: flatDriver,
  vlan: vlanDriver,
  gre: greDriver,
  vxlan: vxlanDriver,
  geneve: geneveDriver,
}

/** The drivers that `[ml2] type_drivers` names; throws ConfigError for a name that is none. */
export function loadTypeDrivers(config: ServerConfig): ReadonlyMap<NetworkType, TypeDriver> {
  const drivers = new Map<NetworkType, TypeDriver>()
  for (const name of config.ml2.type_drivers) {
    if (!Object.hasOwn(DRIVERS, name)) throw new ConfigError(`[ml2] type_drivers: there is no '${name}'`)
    drivers.set(name as NetworkType, DRIVERS[name as NetworkType](config))
  }
  for (const name of config.ml2.tenant_network_types) {
    if (!drivers.has(name as NetworkType))
      throw new ConfigError(`[ml2] tenant_network_types: '${name}' is not in type_drivers`)
  }
  return drivers
}
