import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Why a metadata request is refused. */
export class MetadataFault extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'MetadataFault'
    this.status = status
  }
}

/** hex HMAC-SHA256 of an instance's id, by which the metadata agent shows that it knows the shared secret. */
export function signInstanceId(secret: string, instanceId: string): string {
  return createHmac('sha256', secret).update(instanceId).digest('hex')
}

/**
 * Instance and project that a request is for, as the metadata agent says in its headers. 400 when one is missing, 403 when the
 * signature is not right: an instance could otherwise claim to be another.
 */
export function identify(headers: IncomingHttpHeaders, secret: string): { instanceId: string; projectId: string } {
  const instanceId = single(headers, 'x-instance-id')
  const projectId = single(headers, 'x-tenant-id')
  if (!instanceId) throw new MetadataFault(400, 'X-Instance-ID header is missing from request.')
  if (!projectId) throw new MetadataFault(400, 'X-Tenant-ID header is missing from request.')
  const expected = Buffer.from(signInstanceId(secret, instanceId))
  const given = Buffer.from(single(headers, 'x-instance-id-signature') ?? '')
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new MetadataFault(403, 'Invalid proxy request signature.')
  return { instanceId, projectId }
}

/** Repeated headers are joined by Node with `, `: such a value is nobody's id. */
function single(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' && value !== '' && value.length < 256 ? value : undefined
}
