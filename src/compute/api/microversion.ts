import type { IncomingHttpHeaders } from 'node:http'
import { badRequest, NovaFault } from '../core/faults.js'

export const MAX_MINOR = 90

/** Minor number of the microversion a request asks for (`2.N`); 1 when it asks for none. */
export function requestedMinor(headers: IncomingHttpHeaders): number {
  const modern = [headers['openstack-api-version'] ?? []]
    .flat()
    .join(',')
    .match(/(?:^|,)\s*compute\s+([^\s,]+)/)
  const text = modern?.[1] ?? headers['x-openstack-nova-api-version']
  if (text === undefined) return 1
  if (text === 'latest') return MAX_MINOR
  const match = String(text).match(/^2\.(\d+)$/)
  if (!match && !/^\d+\.\d+$/.test(String(text)))
    throw badRequest(`API Version String ${text} is of invalid format. Must be of format MajorNum.MinorNum.`)
  const minor = match ? Number(match[1]) : 0
  if (minor < 1 || minor > MAX_MINOR) {
    throw new NovaFault(
      406,
      `Version ${text} is not supported by the API. Minimum is 2.1 and maximum is 2.${MAX_MINOR}.`,
    )
  }
  return minor
}

export function microversionHeaders(minor: number): Record<string, string> {
  return {
    'openstack-api-version': `compute 2.${minor}`,
    'x-openstack-nova-api-version': `2.${minor}`,
    vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version',
  }
}
