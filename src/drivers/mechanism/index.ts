import { ConfigError } from '../../config/options.js'
import type { ServerConfig } from '../../config/server.js'
import type { MechanismDriver } from '../../core/ml2/mechanism-driver.js'
import { l2populationDriver } from './l2population.js'
import { openvswitchDriver } from './openvswitch.js'

const DRIVERS: Readonly<Record<string, () => MechanismDriver>> = {
  openvswitch: openvswitchDriver,
  l2population: l2populationDriver,
}

/** The drivers that `[ml2] mechanism_drivers` names, in its order; throws ConfigError for a name that is none. */
export function loadMechanismDrivers(config: ServerConfig): MechanismDriver[] {
  return config.ml2.mechanism_drivers.map((name) => {
    const make = DRIVERS[name]
    if (!make) throw new ConfigError(`[ml2] mechanism_drivers: there is no '${name}'`)
    return make()
  })
}
