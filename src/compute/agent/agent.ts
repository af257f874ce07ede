import { cpus, totalmem } from 'node:os'
import type { Logger } from '../../base/log.js'
import type { Host } from '../../dataplane/command/host.js'
import type { Vswitch } from '../../dataplane/ovsdb/types.js'
import type { ComputeMessage, ControlMessage, DesiredInstance, HostFacts } from '../bus/messages.js'
import { recordedInstances } from './directory.js'
import { LocalInstance } from './instance.js'
import { Plugger } from './plug.js'
import { InstanceWorker } from './worker.js'

const AUDIT_MS = 30_000

export interface ComputeAgentOptions {
  readonly host: Host
  readonly vswitch: Vswitch
  readonly instancesPath: string
  readonly domain: string
  readonly hostIp: string
  readonly send: (message: ComputeMessage) => void
  readonly log: Logger
}

/** nova-compute: the instances of one host. */
export class ComputeAgent {
  readonly #options: ComputeAgentOptions
  readonly #plugger: Plugger
  readonly #workers = new Map<string, InstanceWorker>()
  readonly #timer: NodeJS.Timeout
  readonly #look = () => this.audit()

  constructor(options: ComputeAgentOptions) {
    this.#options = options
    this.#plugger = new Plugger(options.host, options.vswitch)
    this.#timer = setInterval(this.#look, AUDIT_MS)
    // somebody took a port off the bridge: put it back without waiting for the timer
    options.vswitch.on('change', this.#look)
  }

  /** The first message after connecting. */
  hello(): ComputeMessage {
    const facts: HostFacts = {
      vcpus: cpus().length,
      memoryMb: Math.floor(totalmem() / 2 ** 20),
      hostIp: this.#options.hostIp,
    }
    return { type: 'hello', host: this.#options.host.name, facts }
  }

  handle(message: ControlMessage): void {
    if (message.type === 'snapshot') this.#snapshot(message.instances)
    else if (message.type === 'put') void this.#worker(message.instance.id).set(message.instance)
    else if (message.type === 'del') void this.#remove(message.id)
    else
      this.#options.send({
        type: 'console',
        request: message.request,
        text: this.#worker(message.id).console(message.lines),
      })
  }

  audit(): void {
    for (const worker of this.#workers.values()) worker.audit()
  }

  /** Lets go; the instances go on. */
  stop(): void {
    clearInterval(this.#timer)
    this.#options.vswitch.off('change', this.#look)
    for (const worker of this.#workers.values()) worker.stop()
  }

  /** Only a complete list says what does not belong here any more. */
  #snapshot(instances: readonly DesiredInstance[]): void {
    const wanted = new Set(instances.map((instance) => instance.id))
    const known = new Set([...this.#workers.keys(), ...recordedInstances(this.#options.instancesPath)])
    for (const id of known) if (!wanted.has(id)) void this.#remove(id)
    for (const instance of instances) void this.#worker(instance.id).set(instance)
  }

  async #remove(id: string): Promise<void> {
    const worker = this.#worker(id)
    await worker.set(null)
    if (!worker.wanted && this.#workers.get(id) === worker) this.#workers.delete(id)
  }

  #worker(id: string): InstanceWorker {
    const found = this.#workers.get(id)
    if (found) return found
    const { host, instancesPath, domain, log } = this.#options
    const instance = new LocalInstance(id, { host, plugger: this.#plugger, instancesPath, domain })
    const made = new InstanceWorker(instance, (report) => this.#options.send({ type: 'state', instance: report }), log)
    this.#workers.set(id, made)
    return made
  }
}
