import { cidrOf } from '../../../model/ip.js'
import type { Endpoint } from '../endpoint.js'
import type { OvsSettings } from '../settings.js'
import type { SwitchTunnel, TunnelPort } from './devices.js'

/** How Open vSwitch's own tunnels reach a NIC that the kernel holds. */
export interface TunnelWire {
  /** device with the tunnel endpoint's address */
  readonly nic: string
  readonly mac: string
  readonly mtu: number
  /** the endpoint's address */
  readonly ip: string
  readonly prefixLength: number
  /** IP protocols that Open vSwitch takes, as numbers */
  readonly protocols: readonly number[]
}

const GRE = 47

/** Tunnels of Open vSwitch among all. */
export function switchTunnels(tunnels: readonly TunnelPort[]): SwitchTunnel[] {
  return tunnels.filter((tunnel): tunnel is SwitchTunnel => tunnel.by === 'switch')
}

/**
 * Null when none is needed: no tunnel of Open vSwitch, or the endpoint is on a bridge of Open vSwitch itself.
 * Only GRE can be told from the kernel's traffic by its protocol: VXLAN is the kernel's where the endpoint is on a NIC.
 */
export function desiredWire(
  tunnels: readonly TunnelPort[],
  endpoint: Endpoint | null,
  isBridge: boolean,
  { localIp, profile }: OvsSettings,
): TunnelWire | null {
  if (endpoint === null || isBridge || profile.name === 'system' || localIp === null || localIp.includes(':'))
    return null
  if (!switchTunnels(tunnels).some(({ type }) => type === 'gre')) return null
  const { device: nic, mac, mtu, prefixLength } = endpoint
  return { nic, mac, mtu, ip: localIp, prefixLength, protocols: [GRE] }
}

/** Why a tunnel of Open vSwitch cannot work on this host; null when it can. */
export function tunnelFault(
  { type, peer }: SwitchTunnel,
  endpoint: Endpoint | null,
  isBridge: boolean,
  { localIp, profile }: OvsSettings,
): string | null {
  if (endpoint === null || isBridge || profile.name === 'system' || localIp === null) return null
  const where = `${localIp} is on ${endpoint.device}, not on a bridge of Open vSwitch`
  if (type !== 'gre' || localIp.includes(':')) return `${where}: ${type} to ${peer.tunnelIp} has no way`
  const own = cidrOf(`${localIp}/${endpoint.prefixLength}`)
  const other = cidrOf(`${peer.tunnelIp}/${endpoint.prefixLength}`)
  return own.network === other.network ? null : `${where}: gre reaches no endpoint behind a gateway (${peer.tunnelIp})`
}
