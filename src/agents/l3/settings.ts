import type { HelperName } from '../../dataplane/conntrack/kernel-helpers.js'
import type { Family } from '../../dataplane/iptables/types.js'

export type L3Mode = 'legacy' | 'dvr' | 'dvr_snat' | 'dvr_no_external'

/** How the hosts of a highly available router choose the active one. */
export interface VrrpSettings {
  /** seconds between announcements of the active one */
  readonly advertInterval: number
  /** null: announcements are not authenticated */
  readonly authentication: { readonly type: 'AH' | 'PASS'; readonly password: string } | null
}

/** What of the configuration has a part in the desired state. */
export interface L3Settings {
  readonly mode: L3Mode
  readonly metadataProxy: boolean
  readonly metadataPort: number
  /** seconds between unsolicited router advertisements */
  readonly minAdvertisementInterval: number
  readonly maxAdvertisementInterval: number
  readonly vrrp: VrrpSettings
  /** whether the kernel has a conntrack helper; absent: it has all */
  readonly hasHelper?: (family: Family, name: HelperName) => boolean
}
