import { appendFileSync } from 'node:fs'
import type { Logger } from '../../../base/log.js'
import type { ProgramHost } from '../../../dataplane/command/host.js'
import { packetText } from '../../../dataplane/nflog/packet-text.js'
import { LogReader } from '../../../dataplane/nflog/reader.js'
import type { LoggedPacket } from '../../../dataplane/nflog/records.js'
import { LOG_GROUP, type LogOwners } from './port-logging.js'

/** Writes down the packets that rules of security groups log, a line each. */
export class PacketLog {
  readonly #file: string | null
  readonly #log: Logger
  readonly #reader: LogReader
  #owners: LogOwners = new Map()
  /** why the last line could not be written; told once */
  #fault: string | null = null

  /** `lost`: packets are not read any more, until `follow` is called again */
  constructor(host: ProgramHost, file: string | null, log: Logger, lost: () => void) {
    this.#file = file
    this.#log = log
    this.#reader = new LogReader(host, LOG_GROUP, {
      packet: (packet) => this.#write(packet),
      lost: (reason) => {
        log.warn({ reason }, 'packets to be logged are not read')
        lost()
      },
    })
  }

  /** Logs for these owners from now on. Resolves to 0: reading changes nothing on the host. */
  async follow(owners: LogOwners): Promise<number> {
    this.#owners = owners
    await this.#reader.ensure(owners.size > 0)
    return 0
  }

  async stop(): Promise<void> {
    await this.#reader.stop()
  }

  #write(packet: LoggedPacket): void {
    const line = logLine(packet, this.#owners)
    if (line === null) return
    if (this.#file === null) this.#log.info(line)
    else this.#append(this.#file, `${new Date().toISOString()} ${line}\n`)
  }

  #append(file: string, line: string): void {
    try {
      // opened for each line: whoever rotates logs need not tell
      appendFileSync(file, line, { mode: 0o640 })
      this.#fault = null
    } catch (error) {
      const { message } = error as Error
      if (message !== this.#fault) this.#log.error({ file }, `cannot log packets: ${message}`)
      this.#fault = message
    }
  }
}

/** In the form of Neutron's log; null: nobody logs such packets any more. */
export function logLine(packet: LoggedPacket, owners: LogOwners): string | null {
  const owner = owners.get(packet.prefix)
  if (!owner) return null
  const [action, portId] = packet.prefix.split(' ')
  const ids = owner.logs.map((id) => `'${id}'`).join(', ')
  return [
    `action=${action}`,
    `project_id=${owner.projectId}`,
    `log_resource_ids=[${ids}]`,
    `vm_port=${portId}`,
    `pkt=${packetText(packet)}`,
  ].join(' ')
}
