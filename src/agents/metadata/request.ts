import { createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { InstanceIdentity, RequestOrigin } from './lookup.js'

/** A request that cannot be served, with the status its sender sees. */
export interface Refusal {
  readonly status: number
  readonly reason: string
}

/** Where a request comes from, by the headers of the namespace's proxy (reference: DHCP and metadata, §9). */
export function requestOrigin(headers: IncomingHttpHeaders): { origin: RequestOrigin; address: string } | Refusal {
  const network = single(headers['x-neutron-network-id'])
  const router = single(headers['x-neutron-router-id'])
  if (network && router) return { status: 404, reason: 'the request names a network and a router' }
  if (!network && !router) return { status: 500, reason: 'the request names neither a network nor a router' }
  // the proxy adds its own value behind whatever the instance sent
  const address = single(headers['x-forwarded-for'])?.split(',').at(-1)?.trim() ?? ''
  return { origin: network ? { networkId: network } : { routerId: router! }, address }
}

/** The headers for nova, and nothing else: whatever an instance sends along does not get through. */
export function novaHeaders(identity: InstanceIdentity, address: string, secret: string): Record<string, string> {
  return {
    'X-Forwarded-For': address,
    'X-Instance-ID': identity.instanceId,
    'X-Tenant-ID': identity.projectId,
    'X-Instance-ID-Signature': createHmac('sha256', secret).update(identity.instanceId).digest('hex'),
  }
}

const PASSED_ON = [400, 403, 404, 409, 500, 502, 503, 504]

/** What the instance sees of nova's status. */
export function answerStatus(status: number): number {
  return status === 200 || PASSED_ON.includes(status) ? status : 500
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(', ')
}
