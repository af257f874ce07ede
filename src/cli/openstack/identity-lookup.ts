import { looksLikeId } from '../../client/network.js'
import type { Context } from '../common/command.js'
import { pick } from '../common/servers.js'

export type IdentityKind = 'project' | 'user' | 'role' | 'domain'

export interface IdentityRecord {
  readonly id: string
  readonly name: string
  readonly [attribute: string]: unknown
}

/** The one record with this id or name. */
export async function identityRecord(context: Context, kind: IdentityKind, text: string): Promise<IdentityRecord> {
  if (looksLikeId(text)) {
    const path = `/v3/${kind}s/${encodeURIComponent(text)}`
    const direct = await context.session.identity.get<Record<string, IdentityRecord>>(path).catch(ignoreMissing)
    if (direct?.[kind]) return direct[kind]
  }
  const reply = await context.session.identity.get<Record<string, IdentityRecord[]>>(`/v3/${kind}s`, { name: text })
  return pick(kind, text, reply[`${kind}s`] ?? [])
}

function ignoreMissing(error: unknown): null {
  if ((error as { status?: number }).status === 404) return null
  throw error
}

/** An id is taken as it is: only administrators may look others' projects up. */
export async function projectId(context: Context, text: string): Promise<string> {
  return looksLikeId(text) ? text : (await identityRecord(context, 'project', text)).id
}
