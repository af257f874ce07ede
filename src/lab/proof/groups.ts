import { settled } from '../settled.js'
import type { Cloud } from './cloud.js'
import type { Json } from './objects.js'

/** Rules of one request; with `egress` false the two that every new group has are taken away first. */
export interface GroupWish {
  readonly rules?: readonly Json[]
  readonly egress?: boolean
  readonly more?: Json
}

/** A security group of demo. Rules are ingress for everybody unless they say otherwise. */
export async function makeGroup(cloud: Cloud, name: string, wish: GroupWish = {}): Promise<string> {
  const { rules = [], egress = true, more = {} } = wish
  const group = await cloud.demo.network.create('security-groups', { name, ...more })
  const own = group.security_group_rules as readonly { id: string }[]
  if (!egress) for (const { id } of own) await cloud.demo.network.delete(`/v2.0/security-group-rules/${id}`)
  if (rules.length > 0) await addRules(cloud, group.id, rules)
  return group.id
}

/** Adds rules in one request; resolves to their ids. */
export async function addRules(cloud: Cloud, security_group_id: string, rules: readonly Json[]): Promise<string[]> {
  const security_group_rules = rules.map((rule) => ({ direction: 'ingress', security_group_id, ...rule }))
  const reply = await cloud.demo.network.post<{ security_group_rules: { id: string }[] }>(
    '/v2.0/security-group-rules',
    { security_group_rules },
  )
  return reply.security_group_rules.map(({ id }) => id)
}

export async function removeRule(cloud: Cloud, id: string): Promise<void> {
  await cloud.demo.network.delete(`/v2.0/security-group-rules/${id}`)
  await settled(cloud.admin)
}

/** Changes a port and waits until that is in effect. */
export async function changePort(cloud: Cloud, portId: string, port: Json): Promise<void> {
  await cloud.demo.network.put(`/v2.0/ports/${portId}`, { port })
  await settled(cloud.admin)
}
