import type { ServiceClient } from '../../client/service.js'
import type { IdentitySeed } from '../identity-seed.js'

interface Named {
  readonly id: string
  readonly name: string
}

/** Makes in a Keystone, through its API, what is not there by its bootstrap. Everything is in the default domain. */
export async function seedIdentity(identity: ServiceClient, seed: IdentitySeed): Promise<void> {
  const [roles, projects, users] = await Promise.all([
    ensure(
      identity,
      'role',
      seed.roles.map((name) => ({ name })),
    ),
    ensure(identity, 'project', seed.projects),
    ensure(identity, 'user', seed.users),
  ])
  for (const { user, project, role } of seed.assignments)
    await identity.put(
      `/v3/projects/${projects.get(project)}/users/${users.get(user)}/roles/${roles.get(role)}`,
      undefined,
    )
  await seedCatalog(identity, seed)
}

/** Names and ids of all objects of a kind, when those of `wanted` that were missing have been made. */
async function ensure(
  identity: ServiceClient,
  kind: 'role' | 'project' | 'user',
  wanted: readonly { readonly name: string }[],
): Promise<ReadonlyMap<string, string>> {
  const listed = await identity.get<Record<string, Named[]>>(`/v3/${kind}s`)
  const ids = new Map(listed[`${kind}s`]!.map(({ id, name }) => [name, id]))
  for (const body of wanted.filter(({ name }) => !ids.has(name))) {
    const made = await identity.post<Record<string, Named>>(`/v3/${kind}s`, { [kind]: body })
    ids.set(body.name, made[kind]!.id)
  }
  return ids
}

async function seedCatalog(identity: ServiceClient, { region, services }: IdentitySeed): Promise<void> {
  const { services: there } = await identity.get<{ services: { type: string }[] }>('/v3/services')
  for (const { type, name, endpoints } of services.filter(
    (service) => !there.some(({ type }) => type === service.type),
  )) {
    const { service } = await identity.post<{ service: Named }>('/v3/services', { service: { type, name } })
    for (const [scope, url] of Object.entries(endpoints)) {
      const endpoint = { service_id: service.id, interface: scope, url, region_id: region }
      await identity.post('/v3/endpoints', { endpoint })
    }
  }
}
