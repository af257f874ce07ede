import type { Transport } from '../config/transport.js'
import { Hub, type HubOptions } from './hub.js'
import { startStreamServer } from './stream/server.js'
import type { ServerTransport, TransportStatus } from './transport.js'

export interface BusOptions extends HubOptions {
  readonly transport: Transport
  /** address that is listened on when agents are served without a broker */
  readonly bindHost: string
  /** this server's name in what the broker shows */
  readonly name: string
}

export interface Bus {
  /** port that is really listened on (for port 0); null with a broker */
  readonly port: number | null
  /** host -> revision of the last change of its view; a host whose agents applied at least that is in sync */
  touched(): Readonly<Record<string, number>>
  /** the revision that every connected agent was last told about, as far as it concerns it */
  projected(): number
  /** number of connected agents by their binary */
  streams(): Readonly<Record<string, number>>
  transport(): TransportStatus
  close(): Promise<void>
}

/** Starts to serve agents. With a broker it resolves at once: the broker may come later, and go. */
export async function startBus(options: BusOptions): Promise<Bus> {
  const hub = new Hub(options)
  await hub.load()
  const transport = await serve(hub, options)
  const unsubscribe = options.source.onCommit(() => hub.wake())
  // a commit between load and subscription would otherwise wait for the next one
  hub.wake()
  return {
    port: transport.port,
    touched: () => hub.touched(),
    projected: () => hub.projected,
    streams: () => hub.streams(),
    transport: () => transport.status(),
    close: async () => {
      unsubscribe()
      await transport.close()
    },
  }
}

async function serve(hub: Hub, { transport, bindHost, name, log }: BusOptions): Promise<ServerTransport> {
  if (transport.scheme === 'stream')
    return startStreamServer({ ...transport, host: bindHost, log }, (session, host) => hub.accept(session, host))
  // only where a broker is used is its protocol loaded
  const { RabbitServer } = await import('./rabbit/server.js')
  const { epoch } = hub
  const server = new RabbitServer({ transport, name, epoch, log }, (session, host) => hub.accept(session, host))
  server.start()
  return server
}
