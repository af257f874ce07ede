/** One prefix that a router announces. */
export interface AnnouncedPrefix {
  readonly cidr: string
  /** hosts form their own addresses from it (SLAAC) */
  readonly autonomous: boolean
}

/** What is announced on one device. */
export interface AdvertisedInterface {
  readonly device: string
  readonly mtu: number
  /** addresses come from DHCPv6 (the M flag) */
  readonly managed: boolean
  /** other settings come from DHCPv6 (the O flag) */
  readonly other: boolean
  /** IPv6 resolvers */
  readonly dnsServers: readonly string[]
  readonly prefixes: readonly AnnouncedPrefix[]
}

/** The router advertisements of one namespace. */
export interface AdvertiserSpec {
  readonly routerId: string
  readonly interfaces: readonly AdvertisedInterface[]
  /** seconds between unsolicited advertisements (`min_rtr_adv_interval`, `max_rtr_adv_interval`) */
  readonly minInterval: number
  readonly maxInterval: number
}

/** Absolute paths under the agents' state directory. */
export interface AdvertiserPaths {
  readonly config: string
  readonly pidFile: string
  /** stands while radvd has not been told of the configuration */
  readonly reload: string
}

/** Smallest MTU that a link with IPv6 may have (RFC 8200); a smaller one is not announced. */
const MIN_IPV6_MTU = 1280

export function advertiserPaths(state: string, routerId: string): AdvertiserPaths {
  const config = `${state}/ra/${routerId}.radvd.conf`
  return { config, pidFile: `${state}/external/pids/${routerId}.pid.radvd`, reload: `${config}.reload` }
}

/** radvd.conf(5), with the settings that Neutron writes. */
export function advertiserConfig({ interfaces, minInterval, maxInterval }: AdvertiserSpec): string {
  return interfaces.map((each) => interfaceText(each, minInterval, maxInterval)).join('')
}

function interfaceText(
  { device, mtu, managed, other, dnsServers, prefixes }: AdvertisedInterface,
  minInterval: number,
  maxInterval: number,
): string {
  return `interface ${device}
{
   AdvSendAdvert on;
   MinRtrAdvInterval ${minInterval};
   MaxRtrAdvInterval ${maxInterval};
${mtu >= MIN_IPV6_MTU ? `   AdvLinkMTU ${mtu};\n` : ''}${other ? '   AdvOtherConfigFlag on;\n' : ''}${
  managed ? '   AdvManagedFlag on;\n' : ''
}${dnsServers.length > 0 ? `   RDNSS ${dnsServers.join(' ')} {};\n` : ''}${prefixes.map(prefixText).join('')}};
`
}

const prefixText = ({ cidr, autonomous }: AnnouncedPrefix) => `   prefix ${cidr}
   {
        AdvOnLink on;
        AdvAutonomous ${autonomous ? 'on' : 'off'};
   };
`
