/** Files of one network's dnsmasq (reference: DHCP and metadata, §3). */
export interface DnsmasqPaths {
  readonly directory: string
  readonly pid: string
  readonly host: string
  readonly addnHosts: string
  readonly opts: string
  readonly leases: string
  readonly interface: string
  /** stands while files have been replaced that dnsmasq has not been told about */
  readonly reload: string
  /** IPv6 addresses with a new owner, one a line, while leases of them may be in the way */
  readonly given: string
}

export const dhcpDirectory = (state: string) => `${state}/dhcp`

export function dnsmasqPaths(state: string, networkId: string): DnsmasqPaths {
  const directory = `${dhcpDirectory(state)}/${networkId}`
  const file = (name: string) => `${directory}/${name}`
  return {
    directory,
    pid: file('pid'),
    host: file('host'),
    addnHosts: file('addn_hosts'),
    opts: file('opts'),
    leases: file('leases'),
    interface: file('interface'),
    reload: file('reload'),
    given: file('given'),
  }
}
