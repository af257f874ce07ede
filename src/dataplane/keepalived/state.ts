import type { Host } from '../command/host.js'
import type { JsonLink } from '../ip/parse.js'

/** Where to see whether a host has a router: its primary address is on the HA device. */
export interface VrrpPlace {
  readonly netns: string
  readonly device: string
  /** with its prefix length */
  readonly primary: string
}

/** Whether the host is active by what is on its device: not without the device or the namespace; null when that cannot be seen. */
export async function holdsPrimary(host: Host, { netns, device, primary }: VrrpPlace): Promise<boolean | null> {
  try {
    const { stdout } = await host.run(['ip', '-j', '-4', 'addr', 'show', 'dev', device], { netns })
    const links = JSON.parse(stdout || '[]') as readonly JsonLink[]
    return links.some(({ addr_info = [] }) =>
      addr_info.some(({ local, prefixlen }) => `${local}/${prefixlen}` === primary),
    )
  } catch (error) {
    return /does not exist|No such file|Invalid argument/.test(String(error)) ? false : null
  }
}
