import type { SqlValue } from '../base/sqlite.js'
import { DEFAULT_DOMAIN } from './database.js'
import type { Identity } from './identity.js'
import type { Json, ResourceName } from './resources.js'

/** What `keystone --seed FILE` makes sure of. Everything is in the default domain. */
export interface Seed {
  readonly region?: string
  readonly projects?: readonly { readonly name: string; readonly description?: string; readonly id?: string }[]
  readonly roles?: readonly string[]
  readonly users?: readonly { readonly name: string; readonly password: string; readonly description?: string }[]
  readonly assignments?: readonly { readonly user: string; readonly project: string; readonly role: string }[]
  readonly services?: readonly {
    readonly type: string
    readonly name: string
    readonly description?: string
    readonly endpoints?: Readonly<Record<string, string>>
  }[]
}

/** As Keystone's bootstrap has it, where roles of these names exist: each may do what the next may. */
const IMPLIED = [
  ['admin', 'manager'],
  ['manager', 'member'],
  ['admin', 'member'],
  ['member', 'reader'],
] as const

/**
 * Adds what is missing and corrects what differs (passwords included); takes nothing away. Running it again changes
 * nothing, so a service manager may pass the same file at every start.
 */
export async function applySeed(identity: Identity, seed: Seed): Promise<void> {
  const hashes = await passwordHashes(identity, seed)
  identity.database.transaction(() => {
    for (const role of seed.roles ?? []) ensure(identity, 'role', { name: role })
    for (const [prior, implied] of IMPLIED) imply(identity, prior, implied)
    for (const project of seed.projects ?? []) ensure(identity, 'project', { ...project })
    for (const { password: _, ...user } of seed.users ?? []) {
      const hash = hashes.get(user.name)
      ensure(identity, 'user', user, hash ? { password_hash: hash, tokens_valid_after: 0 } : {})
    }
    for (const { user, project, role } of seed.assignments ?? []) {
      identity.assignments.grant(
        'user',
        idByName(identity, 'user', user),
        'project',
        idByName(identity, 'project', project),
        idByName(identity, 'role', role),
      )
    }
    seedCatalog(identity, seed)
  })
}

/** Hashes only of passwords that are not already the stored ones: scrypt takes its time at every start otherwise. */
async function passwordHashes(identity: Identity, seed: Seed): Promise<Map<string, string>> {
  const hashes = await Promise.all(
    (seed.users ?? []).map(async ({ name, password }) => {
      const stored = identity.resources.rowByName('user', name, DEFAULT_DOMAIN)?.password_hash
      const same = typeof stored === 'string' && (await identity.passwords.verify(password, stored))
      return same ? [] : [[name, await identity.passwords.hash(password)] as const]
    }),
  )
  return new Map(hashes.flat())
}

function ensure(
  identity: Identity,
  kind: ResourceName,
  body: Json & { name: string },
  internal: Record<string, SqlValue> = {},
): string {
  const domain = kind === 'user' || kind === 'project' ? DEFAULT_DOMAIN : undefined
  const found = identity.resources.rowByName(kind, body.name, domain)
  if (!found) return identity.resources.create(kind, body, internal).id
  const differs = Object.entries({ ...body, ...internal }).some(
    ([key, value]) => key in found && key !== 'id' && found[key] !== value,
  )
  if (differs) identity.resources.update(kind, found.id, body, internal)
  return found.id
}

function imply(identity: Identity, prior: string, implied: string): void {
  const [from, to] = [identity.resources.rowByName('role', prior), identity.resources.rowByName('role', implied)]
  if (from && to) identity.assignments.imply(from.id, to.id)
}

function idByName(identity: Identity, kind: 'user' | 'project' | 'role', name: string): string {
  const found = identity.resources.rowByName(kind, name, kind === 'role' ? undefined : DEFAULT_DOMAIN)
  if (!found) throw new Error(`seed: there is no ${kind} named '${name}'`)
  return found.id
}

function seedCatalog(identity: Identity, seed: Seed): void {
  const region = seed.region ?? null
  if (region && !identity.resources.row('region', region)) identity.resources.create('region', { id: region })
  for (const { endpoints = {}, ...service } of seed.services ?? []) {
    const found = identity.resources.list('service', { type: service.type, name: service.name })[0]
    const serviceId = found?.id ?? identity.resources.create('service', service).id
    for (const [kind, url] of Object.entries(endpoints))
      ensureEndpoint(identity, { service_id: serviceId, interface: kind, url, region_id: region })
  }
}

function ensureEndpoint(
  identity: Identity,
  wanted: { service_id: string; interface: string; url: string; region_id: string | null },
): void {
  const known = identity.resources.list('endpoint', { service_id: wanted.service_id, interface: wanted.interface })
  const found = known.find((endpoint) => endpoint.region_id === wanted.region_id)
  if (!found) identity.resources.create('endpoint', wanted)
  else if (found.url !== wanted.url) identity.resources.update('endpoint', found.id, { url: wanted.url })
}
