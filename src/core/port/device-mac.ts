import { canonicalMac } from '../../model/mac.js'
import type { PortRow } from '../../store/ports.js'
import { invalidInput } from '../fault-messages.js'
import type { Attributes } from '../service.js'

const PHYSICAL = 'direct-physical'
const KEY = 'device_mac_address'

/** An instance that gets a whole network card has its MAC, which nova names in the profile of the binding. Null: none is named. */
export function deviceMac({ vnicType, profile }: Pick<PortRow, 'vnicType' | 'profile'>): string | null {
  const named = profile[KEY]
  if (vnicType !== PHYSICAL || named === undefined || named === null) return null
  const mac = canonicalMac(String(named))
  if (mac === null) throw invalidInput(`binding:profile ${KEY}: '${named}' is not a valid MAC address`)
  return mac
}

/** Whether the change takes the port from its instance: the card is for others then, and its MAC too. */
export function givesBackDevice(
  { vnicType, deviceId }: Pick<PortRow, 'vnicType' | 'deviceId'>,
  changes: Attributes,
): boolean {
  const isEmpty = (value: unknown) => value === '' || value === null
  return vnicType === PHYSICAL && deviceId !== '' && isEmpty(changes.device_id) && isEmpty(changes.device_owner)
}
