import { fileURLToPath } from 'node:url'
import type { Host } from '../command/host.js'
import { readTextFile } from '../netns/text-file.js'
import { releaseMessage, requestMessage } from './dhcp-messages.js'
import { type LeaseHolder, serverOf, unknownLeases, unusedLeases } from './leases.js'

/** What a running dnsmasq's leases should be. */
export interface LeaseSpec {
  readonly netns: string
  /** IPv4 addresses of the host file with their owners */
  readonly holders: readonly LeaseHolder[]
  /** this server's own addresses with their subnets, IPv4 */
  readonly servers: readonly { readonly cidr: string; readonly ip: string }[]
  /** other servers give leases on the network, too */
  readonly shared: boolean
  /** seconds; -1: for ever */
  readonly leaseDuration: number
}

const SENDER = fileURLToPath(new URL('../../../scripts/agent/send-datagrams.mjs', import.meta.url))
const ATTEMPTS = 3
const ANSWER_MS = 300
const STEP_MS = 5

/**
 * Tells a running dnsmasq what changed about its leases, by DHCP messages of its clients: it gives back the leases of
 * those that are gone, and, where several servers serve the network, takes up those that another one gives. One process for
 * all of them. @returns number of leases that changed
 */
export async function settleLeases(host: Host, spec: LeaseSpec, leaseFile: string): Promise<number> {
  const open = () => leaseMessages(readTextFile(leaseFile) ?? '', spec, Date.now() / 1000)
  let messages = open()
  const before = messages.length
  for (let attempt = 0; messages.length > 0 && attempt < ATTEMPTS; attempt++) {
    await host.run([process.execPath, SENDER], { netns: spec.netns, input: messages.join('') })
    for (let waited = 0; waited < ANSWER_MS && messages.length > 0; waited += STEP_MS) {
      await new Promise((resolve) => setTimeout(resolve, STEP_MS))
      messages = open()
    }
  }
  return before - messages.length
}

/** Lines for the sender: what has to be said to the server, by its lease file. */
export function leaseMessages(leases: string, spec: LeaseSpec, now: number): string[] {
  const { holders, servers, shared, leaseDuration } = spec
  const line = (lease: LeaseHolder, message: typeof releaseMessage) => {
    const server = serverOf(lease.ip, servers)
    return server === undefined ? [] : [`${server} 67 ${message({ ...lease, server }).toString('hex')}\n`]
  }
  const unknown = shared ? unknownLeases(leases, holders, now, leaseDuration) : []
  return [
    ...unusedLeases(leases, holders).flatMap((lease) => line(lease, releaseMessage)),
    ...unknown.flatMap((holder) => line(holder, requestMessage)),
  ]
}
