import { readFileSync } from 'node:fs'
import type { Server, ServerNic, ServerRequest } from '../../client/compute.js'
import { CommandFailure, type Context } from './command.js'
import { images, pick } from './servers.js'

/** What both clients' options say about a new instance; names and ids alike. */
export interface BootWish {
  readonly name: string
  readonly flavor: string
  readonly image?: string
  /** `net-id`, `net-name` or `port-id`, with `v4-fixed-ip` or `v6-fixed-ip` */
  readonly nics: readonly Readonly<Record<string, string>>[]
  readonly groups: readonly string[]
  readonly keyName?: string
  readonly userDataFile?: string
  readonly metadata: Readonly<Record<string, string>>
  readonly zone?: string
  readonly min?: number
  readonly max?: number
}

/** The request for an instance; looks its flavour, image and networks up. */
export async function bootRequest(context: Context, wish: BootWish): Promise<ServerRequest> {
  const [flavors, allImages, networks] = await Promise.all([
    context.session.compute.flavors(),
    wish.image === undefined ? [] : images(context),
    Promise.all(wish.nics.map((given) => nic(context, given))),
  ])
  return {
    name: wish.name,
    flavorRef: pick('flavor', wish.flavor, flavors).id,
    ...(wish.image !== undefined && { imageRef: pick('image', wish.image, allImages).id }),
    ...(networks.length > 0 && { networks }),
    ...(wish.groups.length > 0 && { security_groups: wish.groups.map((name) => ({ name })) }),
    ...(wish.keyName !== undefined && { key_name: wish.keyName }),
    ...(wish.userDataFile !== undefined && { user_data: readFileSync(wish.userDataFile).toString('base64') }),
    ...(Object.keys(wish.metadata).length > 0 && { metadata: wish.metadata }),
    ...(wish.zone !== undefined && { availability_zone: wish.zone }),
    min_count: wish.min ?? 1,
    max_count: wish.max ?? wish.min ?? 1,
  }
}

const NIC_KEYS = new Set(['net-id', 'net-name', 'port-id', 'v4-fixed-ip', 'v6-fixed-ip'])

async function nic(context: Context, given: Readonly<Record<string, string>>): Promise<ServerNic> {
  const strange = Object.keys(given).some((key) => !NIC_KEYS.has(key))
  const targets = ['net-id', 'net-name', 'port-id'].filter((key) => given[key] !== undefined)
  if (strange || targets.length !== 1) throw new CommandFailure(invalidNic(given))
  const name = given['net-name']
  const network = name === undefined ? given['net-id'] : await context.session.network.findId('networks', name)
  const fixed = given['v4-fixed-ip'] ?? given['v6-fixed-ip']
  return {
    ...(network !== undefined && { uuid: network }),
    ...(given['port-id'] !== undefined && { port: given['port-id'] }),
    ...(fixed !== undefined && { fixed_ip: fixed }),
  }
}

function invalidNic(given: Readonly<Record<string, string>>): string {
  const text = Object.entries(given).map((pair) => pair.join('='))
  return (
    `Invalid nic argument '${text.join(',')}'. Nic arguments must be of the form --nic <net-id=net-uuid,` +
    'net-name=network-name,v4-fixed-ip=ip-addr,v6-fixed-ip=ip-addr,port-id=port-uuid>, with only one of net-id, ' +
    'net-name or port-id specified.'
  )
}

/** Asks again, at growing intervals up to a second, until the instance is there or has failed. */
export function waitUntilActive(context: Context, id: string): Promise<Server> {
  return waitUntilStatus(context, id, ['ACTIVE'])
}

/** The same for any of these. */
export async function waitUntilStatus(context: Context, id: string, wanted: readonly string[]): Promise<Server> {
  for (let delay = 50; ; delay = Math.min(delay * 1.5, 1000)) {
    const server = await context.session.compute.server(id)
    if (wanted.includes(String(server.status))) return server
    if (server.status === 'ERROR') throw new CommandFailure(`Error building server: ${faultOf(server)}`)
    await new Promise((resolve) => setTimeout(resolve, delay))
  }
}

function faultOf(server: Server): string {
  const fault = server.fault as { message?: string } | undefined
  return fault?.message ?? server.name
}
