import type { MechanismDriver } from '../../core/ml2/mechanism-driver.js'

/**
 * Hosts know each other's ports instead of flooding for them. It wires nothing and pushes nothing: a host's view
 * carries the neighbours on its networks, kept current by the change log.
 */
export function l2populationDriver(): MechanismDriver {
  return { name: 'l2population', bind: () => null, reaches: () => false }
}
