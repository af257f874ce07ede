import type { PortLogView } from '../../../bus/contracts/host-view.js'

/** What becomes of a packet. */
export type LogAction = 'ACCEPT' | 'DROP'

export const LOG_ACTIONS: readonly LogAction[] = ['ACCEPT', 'DROP']

/** NFLOG group of our rules, in the host's own network namespace. */
export const LOG_GROUP = 9696

/** Bytes of a packet that are logged from: addresses and ports, with options, and nothing of what is said. */
const LOG_BYTES = 128

/** How many packets a host logs. */
export interface LogLimit {
  /** a second, for each IP version */
  readonly rate: number
  /** how many more may come at once */
  readonly burst: number
}

/** For whom a packet of a port is logged. */
export interface LogOwner {
  readonly projectId: string
  /** ids of logs, sorted */
  readonly logs: readonly string[]
}

/** Owners of what is logged, by `logKey`. */
export type LogOwners = ReadonlyMap<string, LogOwner>

/** What the kernel says with each packet, and by which the packet is known again. */
export const logKey = (action: LogAction, portId: string) => `${action} ${portId}`

export function logOwners(views: readonly PortLogView[]): LogOwners {
  return new Map(
    views.flatMap(({ id, logs }) =>
      LOG_ACTIONS.flatMap((action) => {
        const own = logs.filter(({ event }) => event === 'ALL' || event === action)
        const [first] = own
        return first ? [[logKey(action, id), { projectId: first.projectId, logs: own.map((log) => log.id) }]] : []
      }),
    ),
  )
}

/**
 * Arguments of the rule that logs. One bucket for all such rules of an IP version: it is known by its name, and keeps
 * the limit that it was made with, which is why the name has the limit.
 */
export function logRule(action: LogAction, portId: string, { rate, burst }: LogLimit): string {
  const limit = `--hashlimit-upto ${rate}/sec --hashlimit-burst ${burst} --hashlimit-name neutron-log-${rate}-${burst}`
  const target = `--nflog-prefix "${logKey(action, portId)}" --nflog-group ${LOG_GROUP} --nflog-size ${LOG_BYTES}`
  return `-m hashlimit ${limit} -j NFLOG ${target}`
}
