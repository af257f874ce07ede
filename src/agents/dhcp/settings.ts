/** What of the configuration has a part in the desired state. */
export interface DhcpSettings {
  readonly domain: string
  readonly dnsServers: readonly string[]
  readonly configFile: string
  /** seconds; -1: for ever */
  readonly leaseDuration: number
  readonly leaseMax: number
  readonly enableIsolatedMetadata: boolean
  readonly forceMetadata: boolean
}
