import { badRequest } from '../core/faults.js'
import type { WantedNetwork } from '../core/networks.js'

/** A checked body of POST /servers. */
export interface ServerRequest {
  readonly name: string
  readonly imageRef: string
  readonly flavorRef: string
  readonly networks: readonly WantedNetwork[] | 'auto' | 'none'
  readonly securityGroups: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  readonly userData: string | null
  readonly keyName: string | null
  readonly description: string | null
  readonly hostname: string | null
  readonly zone: string | null
  readonly forcedHost: string | null
  readonly count: number
}

type Json = Record<string, unknown>

const MAX_COUNT = 100

/** `minor`: of the request's microversion; from 2.37 `networks` must be said. */
export function parseServerRequest(body: unknown, minor: number): ServerRequest {
  const server = (body as { server?: Json } | null)?.server
  if (typeof server !== 'object' || server === null) throw invalid('server', "'server' is a required property")
  const [zone, host] = zoneOf(server)
  return {
    name: text(server, 'name') ?? fail('name', "'name' is a required property"),
    imageRef: reference(server.imageRef, 'imageRef'),
    flavorRef: reference(server.flavorRef, 'flavorRef'),
    networks: networksOf(server.networks, minor),
    securityGroups: groupsOf(server.security_groups),
    metadata: metadataOf(server.metadata),
    userData: userDataOf(text(server, 'user_data')),
    keyName: text(server, 'key_name'),
    description: text(server, 'description'),
    hostname: text(server, 'hostname'),
    zone,
    forcedHost: text(server, 'host') ?? text(server, 'hypervisor_hostname') ?? host,
    count: countOf(server),
  }
}

function invalid(field: string, message: string) {
  return badRequest(`Invalid input for field/attribute ${field}. ${message}`)
}

function fail(field: string, message: string): never {
  throw invalid(field, message)
}

function text(server: Json, field: string): string | null {
  const value = server[field]
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') throw invalid(field, `Value: ${JSON.stringify(value)}. It is not of type 'string'`)
  const trimmed = field === 'name' ? value.trim() : value
  if (field === 'name' && (trimmed === '' || trimmed.length > 255))
    throw invalid(field, `Value: '${value}'. It must have 1 to 255 characters`)
  return trimmed
}

/** An id, or a link that ends with it. */
function reference(value: unknown, field: string): string {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string' || value === '') throw invalid(field, `'${field}' is a required property`)
  return value.slice(value.lastIndexOf('/') + 1)
}

function networksOf(value: unknown, minor: number): ServerRequest['networks'] {
  if (value === undefined || value === null) {
    if (minor >= 37) throw invalid('networks', "'networks' is a required property")
    return 'auto'
  }
  if (value === 'auto' || value === 'none') return value
  if (!Array.isArray(value)) throw invalid('networks', 'It is not a list')
  if (value.length === 0) return 'auto'
  return value.map((item) => {
    if (typeof item !== 'object' || item === null) throw invalid('networks', 'An entry is not an object')
    const { uuid, port, fixed_ip } = item as Json
    for (const [key, given] of Object.entries({ uuid, port, fixed_ip })) {
      if (given !== undefined && given !== null && typeof given !== 'string')
        throw invalid(`networks.${key}`, "It is not of type 'string'")
    }
    return item as WantedNetwork
  })
}

function groupsOf(value: unknown): string[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw invalid('security_groups', 'It is not a list')
  return value.map((item) => {
    const name = (item as Json | null)?.name
    return typeof name === 'string' ? name : fail('security_groups', "'name' is a required property")
  })
}

function metadataOf(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {}
  const entries = typeof value === 'object' ? Object.entries(value) : fail('metadata', 'It is not an object')
  if (entries.some(([, item]) => typeof item !== 'string')) throw invalid('metadata', "A value is not of type 'string'")
  return Object.fromEntries(entries) as Record<string, string>
}

function userDataOf(value: string | null): string | null {
  if (value === null) return null
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value) || value.length > 65_535)
    throw badRequest('Userdata content cannot be decoded')
  return value
}

/** `ZONE`, or `ZONE:HOST[:NODE]` by which an administrator chooses the host. */
function zoneOf(server: Json): [zone: string | null, host: string | null] {
  const [zone = '', host = '', node = ''] = (text(server, 'availability_zone') ?? '').split(':')
  return [zone || null, host || node || null]
}

function countOf(server: Json): number {
  const least = Number(server.min_count ?? 1)
  const most = Number(server.max_count ?? Math.max(least, 1))
  if (!Number.isInteger(least) || !Number.isInteger(most) || least < 1 || most < 1)
    throw invalid('min_count', 'It must be an integer of at least 1')
  if (least > most) throw badRequest('min_count must be <= max_count')
  if (most > MAX_COUNT) throw badRequest(`max_count must be at most ${MAX_COUNT}`)
  return most
}
