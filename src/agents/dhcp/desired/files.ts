import type { SubnetView } from '../../../bus/contracts/host-view.js'
import { defaultHostName, qualified } from '../../../dataplane/dnsmasq/host-names.js'
import type { LeaseHolder } from '../../../dataplane/dnsmasq/leases.js'
import type { ExtraDhcpOpt, FixedIp } from '../../../model/cloud.js'
import { hasOwnAddresses, isDhcpV6 } from './ranges.js'
import type { AnyPort, ServedNetwork } from './served-network.js'

const CLIENT_ID = ['client-id', '61']

interface Entry {
  readonly port: AnyPort
  readonly subnet: SubnetView
  readonly fixed: FixedIp
}

/** Addresses that dnsmasq hands out or names, one entry each. */
function entriesOf({ clients, subnets }: ServedNetwork): Entry[] {
  return clients.flatMap((port) =>
    port.fixedIps.flatMap((fixed) => {
      const subnet = subnets.get(fixed.subnetId)
      return subnet ? [{ port, subnet, fixed }] : []
    }),
  )
}

/** The host file: which MAC gets which address, name and options (§3). */
export function hostFile(served: ServedNetwork, domain: string): string {
  return lines(entriesOf(served).flatMap((entry) => hostLine(entry, domain) ?? []))
}

function hostLine({ port, subnet, fixed }: Entry, domain: string): string | null {
  const tag = port.extraDhcpOpts.length > 0 ? [`set:port-${port.id}`] : []
  // the address is formed by the host itself: at most options are given
  if (hasOwnAddresses(subnet)) return isDhcpV6(subnet) && tag.length > 0 ? [port.mac, ...tag].join(',') : null
  const name = qualified(hostName(port, fixed.ip), domain)
  if (subnet.ipVersion === 6) return [port.mac, 'tag:dhcpv6', name, `[${fixed.ip}]`, ...tag].join(',')
  const isClientId = ({ name, value }: ExtraDhcpOpt) => CLIENT_ID.includes(name) && /^[^\s,]+$/.test(value)
  const clientId = port.extraDhcpOpts.find(isClientId)
  return [port.mac, ...(clientId ? [`id:${clientId.value}`] : []), name, fixed.ip, ...tag].join(',')
}

/** Names that dnsmasq resolves for instances. */
export function addnHostsFile(served: ServedNetwork, domain: string): string {
  return lines(
    entriesOf(served).map(({ port, fixed }) => {
      const name = hostName(port, fixed.ip)
      return `${fixed.ip}\t${qualified(name, domain)} ${name}`
    }),
  )
}

export function leaseHolders(served: ServedNetwork): LeaseHolder[] {
  return entriesOf(served)
    .filter(({ subnet }) => subnet.ipVersion === 4)
    .map(({ port, fixed }) => ({ mac: port.mac, ip: fixed.ip }))
}

function hostName(port: AnyPort, ip: string): string {
  return /^[a-z0-9.-]+$/i.test(port.dnsName) ? port.dnsName : defaultHostName(ip)
}

const lines = (list: readonly string[]) => [...new Set(list)].map((line) => `${line}\n`).join('')
