import type { Server } from '../../client/compute.js'
import { ApiError } from '../../client/errors.js'
import { looksLikeId } from '../../client/network.js'
import type { SecurityGroup } from '../../client/network-types.js'
import type { Query } from '../../client/service.js'
import type { Context } from './command.js'
import { CommandFailure } from './command.js'

interface Named {
  readonly id: string
  readonly name: string
}

/** The one thing with this id or name, in the old compute client's words when there is none. */
export function pick<T extends Named>(kind: string, text: string, all: readonly T[]): T {
  const byId = all.find((one) => one.id === text)
  if (byId) return byId
  const byName = all.filter((one) => one.name === text)
  if (byName.length > 1)
    throw new CommandFailure(`Multiple ${kind} matches found for '${text}', use an ID to be more specific.`)
  const [found] = byName
  if (!found) throw new CommandFailure(`No ${kind} with a name or ID of '${text}' exists.`)
  return found
}

/** A server by id or name. */
export async function serverId(context: Context, text: string): Promise<string> {
  try {
    return await context.session.compute.findServerId(text)
  } catch (error) {
    if ((error as Error).name !== 'LookupError') throw error
    const several = (error as Error).message.startsWith('Multiple')
    throw new CommandFailure(
      several
        ? `Multiple server matches found for '${text}', use an ID to be more specific.`
        : `No server with a name or ID of '${text}' exists.`,
    )
  }
}

/** Images of the image service, or of compute's own list where there is none. */
export async function images(context: Context): Promise<Image[]> {
  if (await context.session.offers('image')) {
    return (await context.session.image.get<{ images: Image[] }>('/v2/images')).images
  }
  return (await context.session.compute.get<{ images: Image[] }>('/images/detail')).images
}

export interface Image extends Named {
  readonly status?: string
  readonly server?: { readonly id: string }
}

/** Name of a flavour or an image by id; the id itself when it is gone. */
export async function nameOf(what: 'flavor' | 'image', context: Context, id: string): Promise<string> {
  try {
    if (what === 'flavor') {
      const { flavor } = await context.session.compute.get<{ flavor: Named }>(`/flavors/${encodeURIComponent(id)}`)
      return flavor.name
    }
    return (await images(context)).find((image) => image.id === id)?.name ?? id
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return id
    throw error
  }
}

/** Security groups of the caller's own project: an administrator sees everybody's, and each has a `default`. */
export async function ownGroups(context: Context, query: Query = {}): Promise<SecurityGroup[]> {
  const { projectId } = await context.session.token()
  return context.session.network.list('security-groups', { ...query, ...(projectId && { tenant_id: projectId }) })
}

/** Id of a security group: one of our own project by name, any by id. */
export async function groupId(context: Context, text: string): Promise<string> {
  if (looksLikeId(text)) {
    const [found] = await context.session.network.list('security-groups', { id: text })
    if (found) return found.id
  }
  return pick('security group', text, await ownGroups(context, { name: text })).id
}

/** `net1=10.0.0.3, 203.0.113.5; net2=…`: fixed addresses before floating ones. */
export function networksText(server: Server): string {
  return Object.keys(server.addresses ?? {})
    .sort()
    .map((name) => `${name}=${addressesOf(server, name).join(', ')}`)
    .join('; ')
}

export function addressesOf(server: Server, network: string): string[] {
  const all = server.addresses?.[network] ?? []
  const floating = all.filter((one) => one['OS-EXT-IPS:type'] === 'floating')
  return [...all.filter((one) => one['OS-EXT-IPS:type'] !== 'floating'), ...floating].map((one) => one.addr)
}

const POWER_STATES: Readonly<Record<number, string>> = {
  0: 'NOSTATE',
  1: 'Running',
  3: 'Paused',
  4: 'Shutdown',
  6: 'Crashed',
  7: 'Suspended',
}

/** Word of a numeric power state. */
export function powerState(state: number | undefined): string {
  return state === undefined ? '-' : (POWER_STATES[state] ?? String(state))
}
