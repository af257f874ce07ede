import { isVxlanDevice } from '../../model/device-names.js'
import type { VxlanState } from './types.js'

/** Destination of broadcasts and unknown MACs in a forwarding database. */
export const ANY_MAC = '00:00:00:00:00:00'

interface JsonVxlan {
  readonly ifname: string
  readonly flags: readonly string[]
  readonly mtu: number
  readonly linkinfo?: {
    readonly info_data?: {
      readonly id?: number
      readonly local?: string
      readonly local6?: string
      readonly port?: number
      readonly learning?: boolean
    }
  }
}

interface JsonFdb {
  readonly mac: string
  readonly ifname: string
  readonly dst?: string
  readonly state?: string
}

/** Our devices from `ip -d -j link show type vxlan` and `bridge -j fdb show`, by name. */
export function parseVxlans(links: readonly JsonVxlan[], fdb: readonly JsonFdb[]): Map<string, VxlanState> {
  const own = links.filter(({ ifname }) => ifname !== undefined && isVxlanDevice(ifname))
  return new Map(
    own.map((link) => [
      link.ifname,
      stateOf(
        link,
        fdb.filter(({ ifname }) => ifname === link.ifname),
      ),
    ]),
  )
}

function stateOf({ flags, mtu, linkinfo }: JsonVxlan, fdb: readonly JsonFdb[]): VxlanState {
  const data = linkinfo?.info_data
  const permanent = fdb.filter(({ dst, state }) => dst !== undefined && state === 'permanent')
  return {
    vni: data?.id ?? -1,
    localIp: data?.local ?? data?.local6 ?? '',
    udpPort: data?.port ?? -1,
    mtu,
    learning: data?.learning ?? false,
    up: flags.includes('UP'),
    flood: new Set(permanent.filter(({ mac }) => mac === ANY_MAC).map(({ dst }) => dst!)),
    macs: new Map(permanent.filter(({ mac }) => mac !== ANY_MAC).map(({ mac, dst }) => [mac, dst!])),
  }
}
