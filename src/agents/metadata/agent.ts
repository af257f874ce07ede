import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { dirname } from 'node:path'
import { closeServers } from '../../base/listen.js'
import type { Logger } from '../../base/log.js'
import type { HostView } from '../../bus/contracts/view.js'
import type { Agent, ApplyOutcome } from '../common/agent.js'
import { handleMetadata, refuse } from './handler.js'
import { InstanceIndex } from './lookup.js'
import { type NovaAddress, NovaClient } from './nova-client.js'

export interface MetadataAgentOptions {
  /** path of the socket that the namespaces' proxies forward to */
  readonly socket: string
  readonly nova: NovaAddress
  readonly secret: string
  readonly log: Logger
}

/** Answers instances' requests for their metadata on behalf of the namespaces' proxies of its host. */
export class MetadataAgent implements Agent {
  readonly binary = 'neutron-metadata-agent'
  readonly agentType = 'Metadata agent'
  readonly topic = 'N/A'
  readonly availabilityZone = null
  readonly portAspect = null
  readonly #options: MetadataAgentOptions
  readonly #nova: NovaClient
  readonly #firstView: Promise<void>
  #viewArrived: () => void = () => {}
  #index: InstanceIndex | null = null
  #view: HostView | null = null
  #server: Server | null = null

  constructor(options: MetadataAgentOptions) {
    this.#options = options
    this.#nova = new NovaClient(options.nova)
    this.#firstView = new Promise((resolve) => {
      this.#viewArrived = resolve
    })
  }

  configurations(): Record<string, unknown> {
    const { nova, socket } = this.#options
    return {
      log_agent_heartbeats: false,
      metadata_proxy_socket: socket,
      nova_metadata_host: nova.host,
      nova_metadata_port: nova.port,
    }
  }

  async start(): Promise<void> {
    const { socket, secret, log } = this.#options
    const options = { nova: this.#nova, secret, log, instances: () => this.#instances() }
    const server = createServer((incoming, response) => {
      handleMetadata(incoming, response, options).catch((error: unknown) => {
        log.error({ err: error }, 'could not answer a metadata request')
        if (response.headersSent) response.destroy()
        else refuse(response, 500, 'An unknown error has occurred.')
      })
    })
    mkdirSync(dirname(socket), { recursive: true })
    // what an earlier process left
    rmSync(socket, { force: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ path: socket, backlog: 4096 }, resolve)
    })
    chmodSync(socket, 0o660)
    this.#server = server
  }

  async apply(view: HostView): Promise<ApplyOutcome> {
    this.#view = view
    // made when somebody asks: most views pass without a request
    this.#index = null
    this.#viewArrived()
    return { writes: 0, errors: [] }
  }

  async stop(): Promise<void> {
    // requests that still wait for a first view will not get one
    if (!this.#view) this.#server?.closeAllConnections()
    if (this.#server) await closeServers([this.#server])
    this.#nova.close()
  }

  async #instances(): Promise<InstanceIndex> {
    await this.#firstView
    this.#index ??= new InstanceIndex(this.#view!)
    return this.#index
  }
}
