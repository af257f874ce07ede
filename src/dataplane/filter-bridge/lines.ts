import { qbrName, qvbName, qvoName } from '../../model/device-names.js'

/**
 * Lines for `ip -batch` that make a port's own Linux bridge, where iptables can act, and the veth pair from it to Open
 * vSwitch; `exists` tells which of the devices are there. The bridge learns nothing (ageing 0) and adds no delay, so that it
 * passes on whatever comes.
 */
export function filterBridgeLines(portId: string, mtu: number, exists: (device: string) => boolean): string[] {
  const [qbr, qvb, qvo] = [qbrName(portId), qvbName(portId), qvoName(portId)]
  const options = 'ageing_time 0 forward_delay 0 stp_state 0 mcast_snooping 0'
  return [
    ...(exists(qbr) ? [] : [`link add ${qbr} mtu ${mtu} type bridge ${options}`]),
    ...(exists(qvb) ? [] : [`link add ${qvb} mtu ${mtu} type veth peer name ${qvo} mtu ${mtu}`]),
  ]
}

/** Lines that bring all of it up. */
export function filterBridgeUp(portId: string): string[] {
  return [
    `link set ${qbrName(portId)} up`,
    `link set ${qvbName(portId)} master ${qbrName(portId)} promisc on up`,
    `link set ${qvoName(portId)} promisc on up`,
  ]
}
