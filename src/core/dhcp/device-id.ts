import { NAMESPACE_DNS, uuid5 } from '../../base/uuid5.js'

/** `device_id` of the port by which a host's DHCP agent serves a network. */
export function dhcpDeviceId(host: string, networkId: string): string {
  return `dhcp${uuid5(NAMESPACE_DNS, host.split('.')[0]!)}-${networkId}`
}
