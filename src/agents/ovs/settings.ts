import type { DatapathProfile, ProfileWish } from './datapath/profile.js'
import type { LogLimit } from './logging/port-logging.js'
import type { ResourceSettings } from './resources.js'

/** What the agent was configured to do, apart from where it reports to. */
export interface OvsSettings {
  readonly integrationBridge: string
  readonly tunnelBridge: string
  /** address of our tunnel endpoint; null: no tunnel networks on this host */
  readonly localIp: string | null
  /** physical network -> bridge */
  readonly bridgeMappings: Readonly<Record<string, string>>
  /** what Placement is told of the bridges; absent: nothing */
  readonly resources?: ResourceSettings
  readonly tunnelTypes: readonly TunnelType[]
  readonly distributedRouting: boolean
  readonly l2Population: boolean
  readonly arpResponder: boolean
  readonly firewall: 'iptables_hybrid' | 'noop'
  readonly enableIpset: boolean
  /** how many packets are logged where security groups are */
  readonly logLimit: LogLimit
  /** file for logged packets; null: the agent's own log */
  readonly logFile: string | null
  readonly vxlanUdpPort: number
  readonly dontFragment: boolean
  readonly tunnelCsum: boolean
  /** `system` or `netdev`: datapath of the bridges we create */
  readonly datapathType: string
  /** which of the profiles that a host offers is to be used */
  readonly profileWish: ProfileWish
  /** what was found on the host */
  readonly profile: DatapathProfile
}

export type TunnelType = 'gre' | 'vxlan' | 'geneve'

export const TUNNEL_TYPES: readonly TunnelType[] = ['gre', 'vxlan', 'geneve']

export function isTunnelType(type: string): type is TunnelType {
  return (TUNNEL_TYPES as readonly string[]).includes(type)
}
