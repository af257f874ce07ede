import { readFile } from 'node:fs/promises'
import { JsonRpc } from '../ovsdb/json-rpc.js'

/**
 * Runs commands on ovs-vswitchd's control socket (what `ovs-appctl` does), all over one connection.
 * `dir` is Open vSwitch's run directory.
 */
export async function unixctl(dir: string, commands: readonly (readonly string[])[]): Promise<string[]> {
  const pid = (await readFile(`${dir}/ovs-vswitchd.pid`, 'utf8')).trim()
  const rpc = await JsonRpc.connect(`${dir}/ovs-vswitchd.${pid}.ctl`)
  try {
    const results: string[] = []
    for (const [command = '', ...args] of commands) results.push(String((await rpc.call(command, args)) ?? ''))
    return results
  } finally {
    rpc.close()
  }
}

/** Neighbours that userspace tunnelling knows: `IP -> MAC` per bridge. */
export interface TunnelNeighbour {
  readonly ip: string
  readonly mac: string
  readonly bridge: string
}

export async function readTunnelNeighbours(dir: string): Promise<TunnelNeighbour[]> {
  const [text = ''] = await unixctl(dir, [['tnl/neigh/show']])
  return text.split('\n').flatMap((line) => {
    const match = line.match(/^([0-9a-f.:]+)\s+([0-9a-f:]{17})\s+(\S+)/)
    return match ? [{ ip: match[1]!, mac: match[2]!, bridge: match[3]! }] : []
  })
}

/**
 * Presets neighbours. Without them the first packet to every endpoint is lost while userspace tunnelling asks
 * for its MAC, and the sender waits for about a second.
 */
export async function setTunnelNeighbours(dir: string, neighbours: readonly TunnelNeighbour[]): Promise<void> {
  await unixctl(
    dir,
    neighbours.map(({ ip, mac, bridge }) => ['tnl/neigh/set', bridge, ip, mac]),
  )
}

/** `ofproto/trace`: what the switch would do with a packet, in text. */
export async function traceFlow(dir: string, bridge: string, flow: string): Promise<string> {
  const [text = ''] = await unixctl(dir, [['ofproto/trace', bridge, flow]])
  return text
}
