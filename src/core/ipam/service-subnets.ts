import type { SubnetRecord } from '../../store/subnets.js'
import { Fault } from '../faults.js'

type Served = Pick<SubnetRecord, 'serviceTypes'>

/** Whether ports of this owner may have addresses of the subnet: of all subnets that say nothing, and those naming it. */
export function serves({ serviceTypes }: Served, deviceOwner: string): boolean {
  return serviceTypes.length === 0 || serviceTypes.includes(deviceOwner)
}

/** The subnets to choose from: those for the port's owner where there are any, else those for everybody. */
export function subnetsFor<T extends Served>(
  networkId: string,
  subnets: readonly T[],
  deviceOwner: string,
): readonly T[] {
  const meant = subnets.filter(({ serviceTypes }) => serviceTypes.includes(deviceOwner))
  const chosen = meant.length > 0 ? meant : subnets.filter(({ serviceTypes }) => serviceTypes.length === 0)
  if (chosen.length === 0 && subnets.length > 0) throw noSubnetFor(networkId, deviceOwner)
  return chosen
}

const noSubnetFor = (networkId: string, deviceOwner: string) =>
  new Fault(
    'IpAddressGenerationFailureNoMatchingSubnet',
    409,
    `No valid service subnet for the given device owner, network ${networkId}, service type ${deviceOwner}.`,
  )
