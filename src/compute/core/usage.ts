import { findFlavor } from './flavors.js'
import type { Instance } from './instance.js'

/** An instance that runs, or ran until it was deleted. */
export type Used = Pick<Instance, 'id' | 'name' | 'projectId' | 'flavorId' | 'vmState'> & {
  readonly launched: string
  /** null: it still runs */
  readonly ended: string | null
}

/** Milliseconds since 1970. */
export interface Period {
  readonly start: number
  readonly stop: number
}

/** What one instance used in a period, in the words of os-simple-tenant-usage. */
export interface ServerUsage {
  readonly instance_id: string
  readonly name: string
  readonly tenant_id: string
  readonly flavor: string
  readonly hours: number
  readonly memory_mb: number
  readonly local_gb: number
  readonly vcpus: number
  readonly started_at: string
  readonly ended_at: string | null
  readonly state: string
  /** seconds */
  readonly uptime: number
}

/** Instances that ran in a period, in the order that markers follow (Nova: by project, then by id). */
export function usedIn(all: readonly Used[], { start, stop }: Period): Used[] {
  const key = (one: Used) => `${one.projectId} ${one.id}`
  return all
    .filter((one) => Date.parse(one.launched) < stop && (one.ended === null || Date.parse(one.ended) > start))
    .sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** What an instance used; an instance counts by its size while it exists, whether it runs or is stopped. Pure. */
export function serverUsage(one: Used, { start, stop }: Period, now: number): ServerUsage {
  const { vcpus = 0, ram = 0, disk = 0, name: flavor = '' } = findFlavor(one.flavorId) ?? {}
  const launched = Date.parse(one.launched)
  const ended = one.ended === null ? now : Date.parse(one.ended)
  return {
    instance_id: one.id,
    name: one.name,
    tenant_id: one.projectId,
    flavor,
    hours: Math.max(0, Math.min(stop, ended) - Math.max(start, launched)) / 3_600_000,
    memory_mb: ram,
    local_gb: disk,
    vcpus,
    started_at: pythonTime(launched),
    ended_at: one.ended === null ? null : pythonTime(ended),
    state: one.ended === null ? one.vmState : 'terminated',
    uptime: Math.floor((ended - launched) / 1000),
  }
}

/** A project's sums, with its instances when they are asked for. */
export function projectUsage(
  servers: readonly ServerUsage[],
  period: Period,
  detailed: boolean,
): Record<string, unknown> {
  const total = (size: (one: ServerUsage) => number) => servers.reduce((sum, one) => sum + size(one) * one.hours, 0)
  return {
    tenant_id: servers[0]!.tenant_id,
    ...(detailed ? { server_usages: servers } : {}),
    total_hours: total(() => 1),
    total_vcpus_usage: total((one) => one.vcpus),
    total_memory_mb_usage: total((one) => one.memory_mb),
    total_local_gb_usage: total((one) => one.local_gb),
    start: pythonTime(period.start),
    stop: pythonTime(period.stop),
  }
}

/** UTC with microseconds and without a zone, which is the only form that novaclient reads back. */
function pythonTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000')
}
