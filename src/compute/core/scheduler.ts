export interface HostState {
  readonly host: string
  readonly up: boolean
  readonly enabled: boolean
  readonly instances: number
}

/**
 * Host for a new instance: an enabled one that is connected, with the fewest instances, the first by name among equals.
 * `forced` takes that host even if it is disabled. Null: no valid host.
 */
export function pickHost(hosts: readonly HostState[], forced: string | null): string | null {
  if (forced !== null) return hosts.find((host) => host.host === forced && host.up)?.host ?? null
  const fit = hosts.filter((host) => host.up && host.enabled)
  return fit.sort((a, b) => a.instances - b.instances || (a.host < b.host ? -1 : 1))[0]?.host ?? null
}
