import type { Host } from '../command/host.js'

/** Transmit checksum offload of all devices of the host, by name: one process, however many there are. */
export async function readOffloads(host: Host): Promise<Map<string, boolean>> {
  const { stdout } = await host.run(['ethtool', '-k', '*'], { okCodes: [0, 1] })
  return parseOffloads(stdout)
}

export function parseOffloads(text: string): Map<string, boolean> {
  const found = new Map<string, boolean>()
  let device = ''
  for (const line of text.split('\n')) {
    const header = line.match(/^Features for (\S+):$/)
    if (header) device = header[1]!
    const value = line.match(/^tx-checksumming: (on|off)/)
    if (value) found.set(device, value[1] === 'on')
  }
  return found
}

/** `ethtool` has no batch: a process per device, so call it for what differs only. */
export async function setOffload(host: Host, device: string, on: boolean, netns: string | null = null): Promise<void> {
  await host.run(['ethtool', '-K', device, 'tx', on ? 'on' : 'off'], { netns })
}
