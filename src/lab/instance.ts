import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Session } from '../client/session.js'
import { inNode } from './node.js'
import { type LabState, nodeVarLib } from './state.js'

interface ServerDetail {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly 'OS-EXT-SRV-ATTR:host': string | null
  readonly fault?: { readonly message: string }
}

/** An instance by name or id, as the admin sees it; throws a line for the user when there is not exactly one. */
export async function findInstance(session: Session, nameOrId: string): Promise<ServerDetail> {
  const { servers } = await session.compute.get<{ servers: ServerDetail[] }>('/servers/detail', { all_tenants: 1 })
  const found = servers.filter(({ id, name }) => id === nameOrId || name === nameOrId)
  if (found.length === 1) return found[0]!
  throw new Error(
    found.length === 0 ? `no instance '${nameOrId}'` : `several instances are named '${nameOrId}': use an id`,
  )
}

/** argv that runs a command inside an instance, at its console. */
export async function inInstance(
  state: LabState,
  session: Session,
  nameOrId: string,
  command: readonly string[],
): Promise<string[]> {
  const server = await findInstance(session, nameOrId)
  const host = server['OS-EXT-SRV-ATTR:host']
  const init = host ? state.inits[host] : undefined
  if (!host || !init) throw new Error(`instance '${nameOrId}' is on no node (status ${server.status})`)
  const pid = readFileSync(join(nodeVarLib(state.spec.name, host), 'nova/instances', server.id, 'pid'), 'utf8').trim()
  return inNode(init, ['nsenter', '-t', pid, '-m', '-u', '-n', '-p', '--', ...command])
}
