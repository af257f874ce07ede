import { writeFileSync } from 'node:fs'

/**
 * Keeps the host itself from speaking IPv6 on a device that carries other people's frames. (ARP is turned off by
 * `ip link set … arp off`.) Before the device is up.
 */
export function disableIpv6(device: string): void {
  try {
    writeFileSync(`/proc/sys/net/ipv6/conf/${device}/disable_ipv6`, '1')
  } catch (error) {
    // a kernel without IPv6 has nothing to turn off
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
