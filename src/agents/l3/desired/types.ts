import type { VrrpSpec } from '../../../dataplane/keepalived/config.js'
import type { NamespaceSpec } from '../../../dataplane/netns/spec.js'
import type { AdvertiserSpec } from '../../../dataplane/radvd/config.js'

/** A namespace with what else belongs to it. */
export interface L3Namespace extends NamespaceSpec {
  readonly kind: 'qrouter' | 'snat' | 'fip'
  /** the routers that need it (several share a fip namespace) */
  readonly routerIds: readonly string[]
  /** id of the metadata proxy in it, null: none */
  readonly proxyId: string | null
  /** router advertisements that are sent from it, null: none */
  readonly advertiser: AdvertiserSpec | null
  /** addresses, of either family, to tell the link about when they are new here */
  readonly announcements: readonly { readonly device: string; readonly ip: string }[]
  /** addresses that are translated here */
  readonly translations: readonly Translation[]
  /** of a highly available router's central part: what the active host has beside the above. Absent: it is not shared */
  readonly vrrp?: VrrpSpec
  /** false: another host is active, this one waits */
  readonly active?: boolean
}

export interface Translation {
  readonly floatingIpId: string
  readonly floatingIp: string
  readonly fixedIp: string
  /** only these ports of the floating IP, to those from `leadTo` on */
  readonly ports?: {
    readonly protocol: 'tcp' | 'udp'
    readonly first: number
    readonly last: number
    readonly leadTo: number
  }
}
