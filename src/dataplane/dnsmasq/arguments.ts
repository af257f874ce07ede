import { cidrBits, cidrOf, intToIp, netmask } from '../../model/ip.js'
import type { DnsmasqPaths } from './paths.js'

export interface DnsmasqRange {
  readonly subnetId: string
  readonly cidr: string
}

/** What of a dnsmasq can only be changed by a restart. */
export interface DnsmasqSettings {
  readonly ranges: readonly DnsmasqRange[]
  readonly mtu: number
  readonly domain: string
  /** resolvers that dnsmasq itself asks */
  readonly dnsServers: readonly string[]
  /** further configuration of the operator; '' for none */
  readonly configFile: string
  /** seconds; -1: for ever */
  readonly leaseDuration: number
  readonly leaseMax: number
}

/** Neutron's command line (reference: DHCP and metadata, §2), in its order. */
export function dnsmasqArguments(settings: DnsmasqSettings, paths: DnsmasqPaths): string[] {
  const { ranges, mtu, domain, dnsServers, configFile, leaseMax } = settings
  return [
    'dnsmasq',
    '--no-hosts',
    '--no-resolv',
    `--pid-file=${paths.pid}`,
    `--dhcp-hostsfile=${paths.host}`,
    `--addn-hosts=${paths.addnHosts}`,
    `--dhcp-optsfile=${paths.opts}`,
    `--dhcp-leasefile=${paths.leases}`,
    '--dhcp-match=set:ipxe,175',
    '--dhcp-userclass=set:ipxe6,iPXE',
    '--local-service',
    '--bind-dynamic',
    ...ranges.map((range) => rangeArgument(range, settings.leaseDuration)),
    ...(mtu > 0 ? [`--dhcp-option-force=option:mtu,${mtu}`] : []),
    `--dhcp-lease-max=${possibleLeases(ranges, leaseMax)}`,
    `--conf-file=${configFile === '' ? '/dev/null' : configFile}`,
    ...dnsServers.map((server) => `--server=${server}`),
    ...(domain === '' ? [] : [`--domain=${domain}`]),
  ]
}

/** `static`: only hosts of the host file are served. */
function rangeArgument({ subnetId, cidr }: DnsmasqRange, duration: number): string {
  const { version, network, prefix } = cidrOf(cidr)
  const mask = version === 4 ? netmask(prefix) : String(prefix)
  const lease = duration === -1 ? 'infinite' : `${duration}s`
  return `--dhcp-range=set:subnet-${subnetId},${intToIp(network, version)},static,${mask},${lease}`
}

function possibleLeases(ranges: readonly DnsmasqRange[], limit: number): number {
  const total = ranges.reduce((sum, { cidr }) => {
    const { version, prefix } = cidrOf(cidr)
    return sum + 2n ** BigInt(cidrBits(version) - prefix)
  }, 0n)
  return total < BigInt(limit) ? Number(total) : limit
}
