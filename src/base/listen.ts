import { createServer, type RequestListener, type Server } from 'node:http'

/** Sockets handed over by a service manager (systemd's LISTEN_FDS protocol): name -> file descriptor. */
export function activatedSockets(env: NodeJS.ProcessEnv = process.env): Map<string, number> {
  const count = Number(env.LISTEN_FDS ?? 0)
  if (env.LISTEN_PID && Number(env.LISTEN_PID) !== process.pid) return new Map()
  const names = (env.LISTEN_FDNAMES ?? '').split(':')
  return new Map(Array.from({ length: count }, (_, i) => [names[i] || `fd${i}`, 3 + i] as const))
}

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** also accept on the handed-over socket of this name */
  readonly socketName: string
}

/**
 * Serves `handler` on host:port and, when a service manager handed one over, on its socket as well.
 * Returns the servers; `closeServers` ends them gracefully.
 */
export async function listenHttp(handler: RequestListener, options: ListenOptions): Promise<Server[]> {
  const own = createServer(handler)
  await new Promise<void>((resolve, reject) => {
    own.once('error', reject)
    own.listen(options.port, options.host, resolve)
  })
  const fd = activatedSockets().get(options.socketName)
  if (fd === undefined) return [own]
  const activated = createServer(handler)
  await new Promise<void>((resolve, reject) => {
    activated.once('error', reject)
    activated.listen({ fd }, resolve)
  })
  return [own, activated]
}

/** Stops accepting, lets running requests end, closes idle keep-alive connections. */
export async function closeServers(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      return closed
    }),
  )
}
