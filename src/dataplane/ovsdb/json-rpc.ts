import { EventEmitter } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { JsonStream } from './json-stream.js'

interface Events {
  notification: [method: string, params: readonly unknown[]]
  closed: [reason: string]
}

interface Pending {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

interface Message {
  readonly id?: unknown
  readonly method?: string
  readonly params?: readonly unknown[]
  readonly result?: unknown
  readonly error?: unknown
}

/** The other side answered with an error, or the connection ended before it answered. */
export class JsonRpcError extends Error {
  override name = 'JsonRpcError'
}

/**
 * One JSON-RPC 1.0 connection over a unix socket, as ovsdb-server and unixctl speak it (RFC 7047, section 4).
 * Answers the peer's `echo` probes by itself.
 */
export class JsonRpc extends EventEmitter<Events> {
  readonly #socket: Socket
  readonly #stream = new JsonStream()
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  #closed = false

  private constructor(socket: Socket) {
    super()
    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (piece: string) => this.#receive(piece))
    socket.on('error', (error) => this.#end(error.message))
    socket.on('close', () => this.#end('connection closed'))
  }

  /** Resolves when the socket is connected; rejects when nobody listens on `path`. */
  static connect(path: string): Promise<JsonRpc> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new JsonRpc(socket))
      })
    })
  }

  call(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#closed) return Promise.reject(new JsonRpcError(`${method}: connection closed`))
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#socket.write(JSON.stringify({ method, params, id }))
    })
  }

  close(): void {
    this.#socket.destroy()
    this.#end('closed')
  }

  #receive(piece: string): void {
    try {
      for (const message of this.#stream.push(piece)) this.#handle(message as Message)
    } catch (error) {
      this.#socket.destroy()
      this.#end((error as Error).message)
    }
  }

  #handle(message: Message): void {
    if (message.method === 'echo') {
      this.#socket.write(JSON.stringify({ id: message.id, result: message.params, error: null }))
    } else if (message.method !== undefined) {
      this.emit('notification', message.method, message.params ?? [])
    } else {
      this.#answer(message)
    }
  }

  #answer({ id, result, error }: Message): void {
    const pending = this.#pending.get(id as number)
    if (!pending) return
    this.#pending.delete(id as number)
    if (error === null || error === undefined) pending.resolve(result)
    else pending.reject(new JsonRpcError(typeof error === 'string' ? error.trim() : JSON.stringify(error)))
  }

  #end(reason: string): void {
    if (this.#closed) return
    this.#closed = true
    for (const { reject } of this.#pending.values()) reject(new JsonRpcError(reason))
    this.#pending.clear()
    this.emit('closed', reason)
  }
}
