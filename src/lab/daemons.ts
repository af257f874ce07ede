import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inNode } from './node.js'
import type { LabSpec, NodeSpec } from './spec.js'
import { nodeVarLog, type ProcessMark } from './state.js'

/** A listening socket on the machine's loopback that a daemon inside a node serves. */
export interface Handover {
  readonly name: string
  readonly server: Server
}

/** What each daemon needs beside its usual files. */
const EXTRA_ARGS: Readonly<Record<string, readonly string[]>> = { keystone: ['--seed', '/etc/keystone/seed.json'] }

/** Which daemon serves which API socket (names of systemd's LISTEN_FDNAMES). */
const API_SOCKETS: Readonly<Record<string, { readonly socket: string; readonly port: keyof LabSpec['ports'] }>> = {
  keystone: { socket: 'identity', port: 'identity' },
  'neutron-server': { socket: 'neutron-api', port: 'network' },
  'nova-api': { socket: 'compute', port: 'compute' },
}

/** Starts a daemon inside a node, in the background, with its output in the node's /var/log/<daemon>.log. */
export function startDaemon(lab: string, node: NodeSpec, init: ProcessMark, daemon: string, handover?: Handover): void {
  const script = { name: daemon, path: `processes/${daemon}.js`, args: EXTRA_ARGS[daemon] ?? [] }
  startScript(lab, node, init, script, handover)
}

export interface Script {
  /** of its log */
  readonly name: string
  /** in the build */
  readonly path: string
  readonly args: readonly string[]
}

/** The same for any script of the product. */
export function startScript(
  lab: string,
  node: NodeSpec,
  init: ProcessMark,
  { name, path, args: more }: Script,
  handover?: Handover,
): void {
  const log = openSync(join(nodeVarLog(lab, node.name), `${name}.log`), 'a', 0o600)
  const script = fileURLToPath(new URL(`../${path}`, import.meta.url))
  const argv = inNode(init, [process.execPath, script, ...more])
  const [file = '', ...args] = argv
  const sockets = handover ? { LISTEN_FDS: '1', LISTEN_FDNAMES: handover.name } : {}
  const child = spawn(file, args, {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log, ...(handover ? [fdOf(handover.server)] : [])],
    env: { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', HOME: '/root', ...sockets },
  })
  closeSync(log)
  child.unref()
}

/** Descriptor of a listening socket. Node has no public name for it; passing it on is what `stdio` accepts. */
function fdOf(server: Server): number {
  const handle = (server as unknown as { _handle: { fd: number } })._handle
  return handle.fd
}

/**
 * Opens the API ports on 127.0.0.1 of the machine; the controller's daemons inherit and serve them, so that any client
 * of the machine reaches the lab without a proxy. Rejects with a hint when a port is taken.
 */
export async function openApiSockets(spec: LabSpec): Promise<Map<string, Handover>> {
  const opened = new Map<string, Handover>()
  try {
    for (const [daemon, { socket, port }] of Object.entries(API_SOCKETS)) {
      opened.set(daemon, { name: socket, server: await listen(spec.ports[port]) })
    }
  } catch (error) {
    closeHandovers(opened)
    throw error
  }
  return opened
}

function listen(port: number): Promise<Server> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(taken ? new Error(`port ${port} of 127.0.0.1 is in use: choose others, e.g. --port-offset 10000`) : error)
    })
    server.listen({ port, host: '127.0.0.1', backlog: 511 }, () => resolve(server))
  })
}

/** Lets go of the lab's own copies; the daemons keep theirs. */
export function closeHandovers(handovers: ReadonlyMap<string, Handover>): void {
  for (const { server } of handovers.values()) server.close()
}
