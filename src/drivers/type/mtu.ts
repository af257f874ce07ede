import type { ServerConfig } from '../../config/server.js'

const IPV4_HEADER = 20
const IPV6_HEADER = 40

/** MTU of a physical network: physical_network_mtus, else global_physnet_mtu. */
export function physicalMtu(config: ServerConfig, physicalNetwork: string | null): number {
  const own = physicalNetwork === null ? undefined : config.ml2.physical_network_mtus[physicalNetwork]
  return own === undefined ? config.DEFAULT.global_physnet_mtu : Number(own)
}

/** What a tunnel leaves of the underlay's MTU; `overhead` without the outer IP header. */
export function tunnelMtu(config: ServerConfig, overhead: number): number {
  const { path_mtu, overlay_ip_version } = config.ml2
  const limits = [config.DEFAULT.global_physnet_mtu, path_mtu].filter((limit) => limit > 0)
  const outer = overlay_ip_version === 6 ? IPV6_HEADER : IPV4_HEADER
  return Math.min(...limits) - outer - overhead
}
