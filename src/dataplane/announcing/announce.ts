import type { Host } from '../command/host.js'
import type { Vswitch } from '../ovsdb/types.js'
import { gratuitousArp } from './gratuitous-arp.js'

/** An address that is at a device of a namespace, which is a port of the integration bridge. */
export interface Announcement {
  readonly netns: string
  readonly device: string
  readonly mac: string
  readonly ip: string
}

export interface Unannounced {
  readonly address: Announcement
  readonly error: Error
}

/**
 * Tells the links of these addresses where they are, once, and resolves when that has left, to what could not be
 * announced. IPv4: gratuitous ARP, all of it handed to the switch at once, as if the devices had sent it. IPv6:
 * unsolicited neighbour advertisements.
 */
export async function announce(
  host: Host,
  vswitch: Vswitch,
  bridge: string,
  addresses: readonly Announcement[],
): Promise<readonly Unannounced[]> {
  const ipv4 = addresses.filter(({ ip }) => !ip.includes(':'))
  const ipv6 = addresses.filter(({ ip }) => ip.includes(':'))
  const failed = await Promise.all([
    sendArp(host, vswitch, bridge, ipv4),
    ...ipv6.map((each) => reported([each], () => advertise(host, each))),
  ])
  return failed.flat()
}

/** The switch takes a bundle whole or not at all: on its own, an address harms no other. */
async function sendArp(
  host: Host,
  vswitch: Vswitch,
  bridge: string,
  addresses: readonly Announcement[],
): Promise<readonly Unannounced[]> {
  if (addresses.length === 0) return []
  const lines = addresses.flatMap(({ device, mac, ip }) => {
    const from = vswitch.interface(device)?.ofport
    return gratuitousArp(mac, ip).map((frame) => `packet-out in_port=${from},packet=${frame},actions=resubmit(,0)`)
  })
  const argv = ['ovs-ofctl', '-O', 'OpenFlow14', '--no-names', 'bundle', bridge, '-']
  const failed = await reported(addresses, () => host.run(argv, { input: `${lines.join('\n')}\n` }))
  if (failed.length < 2) return failed
  return (await Promise.all(addresses.map((each) => sendArp(host, vswitch, bridge, [each])))).flat()
}

async function advertise(host: Host, { netns, device, ip }: Announcement): Promise<void> {
  await host.run(['ndptool', '-t', 'na', '-U', '-i', device, '-T', ip, 'send'], { netns })
}

async function reported(
  addresses: readonly Announcement[],
  send: () => Promise<unknown>,
): Promise<readonly Unannounced[]> {
  try {
    await send()
    return []
  } catch (error) {
    return addresses.map((address) => ({ address, error: error as Error }))
  }
}
