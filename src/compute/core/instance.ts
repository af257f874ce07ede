import type { Dhcp6Mode, Power } from '../bus/messages.js'

/** `resized`: moved, and waiting for a word that it may stay there. */
export type VmState = 'building' | 'active' | 'stopped' | 'resized' | 'error'

/** What is being done to an instance; null between two things. */
export type TaskState =
  | 'scheduling'
  | 'networking'
  | 'spawning'
  | 'powering-off'
  | 'powering-on'
  | 'rebooting'
  | 'rebooting_hard'
  | 'resize_migrating'
  | 'resize_finish'
  | 'resize_reverting'
  | 'migrating'
  | 'deleting'
  | null

export interface InstanceFault {
  readonly code: number
  readonly message: string
  readonly created: string
}

/** A network interface that a client asked for. */
export interface RequestedInterface {
  readonly networkId: string
  /** an existing port to use; null: make one */
  readonly portId: string | null
  readonly fixedIp: string | null
}

/** A port of an instance, with what its host must know of it. */
export interface InstancePort {
  readonly portId: string
  readonly networkId: string
  readonly mac: string
  readonly mtu: number
  readonly hybrid: boolean
  readonly bridge: string
  readonly datapath?: string
  readonly dhcp: boolean
  /** absent: recorded before instances had DHCPv6 */
  readonly dhcp6?: Dhcp6Mode | null
  /** made for the instance, and deleted with it */
  readonly owned: boolean
  /** the network service said that it is wired */
  readonly confirmed: boolean
}

/** The way from one host to another. While the instance's `host` is `from`, its ports are still there. */
export interface Migration {
  readonly id: string
  readonly kind: 'migration' | 'live-migration' | 'revert'
  readonly from: string
  readonly to: string
  readonly created: string
}

/** An instance as it is stored; every change makes a new value. */
export interface Instance {
  readonly id: string
  readonly projectId: string
  readonly userId: string
  readonly name: string
  readonly hostname: string
  readonly description: string | null
  readonly flavorId: string
  readonly imageId: string
  readonly keyName: string | null
  readonly metadata: Readonly<Record<string, string>>
  /** base64, as given */
  readonly userData: string | null
  readonly zone: string
  /** host that an administrator chose */
  readonly forcedHost: string | null
  readonly host: string | null
  readonly requested: readonly RequestedInterface[]
  /** ids; null: the project's default group */
  readonly securityGroups: readonly string[] | null
  readonly ports: readonly InstancePort[]
  readonly vmState: VmState
  readonly taskState: TaskState
  readonly power: Power
  readonly generation: number
  /** kept until a cold migration is confirmed; absent in records of earlier releases */
  readonly migration?: Migration | null
  readonly fault: InstanceFault | null
  readonly created: string
  readonly updated: string
  readonly launched: string | null
}

/** Status as the API shows it. */
export function apiStatus(instance: Instance): string {
  if (instance.taskState === 'rebooting') return 'REBOOT'
  if (instance.taskState === 'rebooting_hard') return 'HARD_REBOOT'
  if (instance.taskState === 'migrating') return 'MIGRATING'
  if (isMigrating(instance)) return instance.migration?.kind === 'revert' ? 'REVERT_RESIZE' : 'RESIZE'
  return { building: 'BUILD', active: 'ACTIVE', stopped: 'SHUTOFF', resized: 'VERIFY_RESIZE', error: 'ERROR' }[
    instance.vmState
  ]
}

/** OS-EXT-STS:power_state: 0 no state, 1 running, 4 shut down. */
export function powerState(instance: Instance): number {
  const resized = instance.power === 'running' ? 1 : 4
  return { building: 0, active: 1, stopped: 4, resized, error: 0 }[instance.vmState]
}

const ON_THE_WAY: readonly TaskState[] = ['migrating', 'resize_migrating', 'resize_finish', 'resize_reverting']

export function isMigrating(instance: Instance): boolean {
  return instance.migration != null && ON_THE_WAY.includes(instance.taskState)
}

/** Hosts that have something of an instance, or may still have. */
export function hostsOf({ host, migration }: Instance): string[] {
  return [...new Set([host, migration?.from, migration?.to].filter((name) => name != null))]
}

/** Host name of an instance from its name (RFC 952 letters; Nova: `sanitize_hostname`). */
export function hostnameOf(name: string, id: string): string {
  const clean = name
    .normalize('NFKD')
    .replace(/[ _.]/g, '-')
    .replace(/[^A-Za-z0-9-]/g, '')
    .toLowerCase()
    .replace(/^-+|-+$/g, '')
  return clean.slice(0, 63).replace(/-+$/, '') || `server-${id}`
}
