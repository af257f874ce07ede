import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Host } from '../../dataplane/command/host.js'

export interface ControlHandlers {
  /** GET /status */
  status(): Record<string, unknown>
  /** POST /resync: read everything back, correct it, answer with the status after it */
  resync(): Promise<Record<string, unknown>>
}

/** Where an agent's control socket is: `/run/neutron/<binary>.sock`. */
export function controlSocketPath(host: Host, binary: string): string {
  return `${host.paths.run}/${binary}.sock`
}

/** HTTP on a unix socket that only root can open: the agent's own word about itself. Returns the closing function. */
export async function startControlSocket(
  host: Host,
  binary: string,
  handlers: ControlHandlers,
): Promise<() => Promise<void>> {
  const path = controlSocketPath(host, binary)
  mkdirSync(host.paths.run, { recursive: true, mode: 0o700 })
  rmSync(path, { force: true })
  const server = createServer((request, response) => {
    const answer = async () => {
      if (request.method === 'GET' && request.url === '/status') return handlers.status()
      if (request.method === 'POST' && request.url === '/resync') return handlers.resync()
      return null
    }
    answer().then(
      (body) => response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      (error: Error) => response.writeHead(500).end(JSON.stringify({ error: error.message })),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return async () => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    rmSync(path, { force: true })
  }
}
