import { PACKET_LOG } from '../spec.js'
import type { Cloud } from './cloud.js'
import type { Json } from './objects.js'
import { run } from './places.js'
import { until } from './until.js'

/** A line of a node's packet log. */
export interface LoggedLine {
  readonly action: string
  readonly projectId: string
  readonly logs: readonly string[]
  readonly portId: string
  /** headers, as they stand there */
  readonly packet: string
}

const LINE = /action=(\S+) project_id=(\S+) log_resource_ids=\[(.*?)\] vm_port=(\S+) pkt=(.*)$/

/** Reads what a node logs from now on, of IPv4. */
export class PacketLogOf {
  readonly #cloud: Cloud
  readonly #node: string
  #seen = 0

  private constructor(cloud: Cloud, node: string) {
    this.#cloud = cloud
    this.#node = node
  }

  static async open(cloud: Cloud, node: string): Promise<PacketLogOf> {
    const log = new PacketLogOf(cloud, node)
    log.#seen = (await log.#all()).length
    return log
  }

  /** Lines since the last call, once one of them is as `last` says. */
  async upTo(what: string, last: (line: LoggedLine) => boolean): Promise<LoggedLine[]> {
    const lines = await until(`a line about ${what} in the packet log of ${this.#node}`, async () => {
      const fresh = (await this.#all()).slice(this.#seen)
      return fresh.some(last) ? fresh : null
    })
    this.#seen += lines.length
    return lines
  }

  /** Lines since the last call. */
  async fresh(): Promise<LoggedLine[]> {
    const lines = (await this.#all()).slice(this.#seen)
    this.#seen += lines.length
    return lines
  }

  async #all(): Promise<LoggedLine[]> {
    const text = await run(this.#cloud, { node: this.#node }, ['cat', PACKET_LOG], { okCodes: [0, 1] })
    return (
      text
        .split('\n')
        // over IPv6 instances talk to their link of their own accord
        .filter((line) => line.includes('ipv4('))
        .map(parseLine)
    )
  }
}

function parseLine(line: string): LoggedLine {
  const [, action, projectId, logs, portId, packet] = line.match(LINE) ?? []
  if (packet === undefined) throw new Error(`the packet log says: ${line}`)
  const ids = [...logs!.matchAll(/'([^']+)'/g)].map(([, id]) => id!)
  return { action: action!, projectId: projectId!, logs: ids, portId: portId!, packet }
}

/** A log of security groups; resolves to its id. */
export async function makeLog({ admin }: Cloud, attributes: Json): Promise<string> {
  const body = { log: { resource_type: 'security_group', ...attributes } }
  return (await admin.network.post<{ log: { id: string } }>('/v2.0/log/logs', body)).log.id
}
