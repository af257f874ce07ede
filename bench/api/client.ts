import { connect, type Socket } from 'node:net'

export interface Reply {
  readonly status: number
  readonly body: Buffer
}

/**
 * One keep-alive HTTP/1.1 connection with one request at a time. The usual client would need more of a core than the
 * server that is measured.
 */
export class Connection {
  readonly #socket: Socket
  readonly #head: string
  /** what came of the answer under way */
  #pieces: Buffer[] = []
  #size = 0
  #awaited: Head | null = null
  #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | null = null

  private constructor(socket: Socket, head: string) {
    this.#socket = socket
    this.#head = head
    socket.on('data', (data: Buffer) => this.#take(data))
    socket.on('close', () => this.#waiting?.reject(new Error('the server closed the connection')))
    socket.on('error', (error) => this.#waiting?.reject(error))
  }

  static open(port: number, token: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () =>
        resolve(new Connection(socket, `Host: 127.0.0.1:${port}\r\nX-Auth-Token: ${token}\r\n`)),
      )
    })
  }

  request(method: string, path: string, body?: unknown): Promise<Reply> {
    const text = body === undefined ? '' : JSON.stringify(body)
    const sized = text === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(`${method} ${path} HTTP/1.1\r\n${this.#head}${sized}\r\n${text}`)
    })
  }

  close(): void {
    this.#waiting = null
    this.#socket.destroy()
  }

  #take(data: Buffer): void {
    this.#pieces.push(data)
    this.#size += data.length
    this.#awaited ??= headOf(Buffer.concat(this.#pieces))
    const head = this.#awaited
    if (!head || !this.#complete(head)) return
    const all = Buffer.concat(this.#pieces).subarray(head.size)
    const waiting = this.#waiting
    this.#pieces = []
    this.#size = 0
    this.#awaited = null
    this.#waiting = null
    waiting?.resolve({ status: head.status, body: head.length === null ? dechunked(all) : all })
  }

  #complete({ size, length }: Head): boolean {
    if (length !== null) return this.#size >= size + length
    return Buffer.concat(this.#pieces.slice(-2)).subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
  }
}

interface Head {
  readonly status: number
  /** bytes before the body */
  readonly size: number
  /** of the body; null: it comes in chunks */
  readonly length: number | null
}

/** Null while its end is missing. */
function headOf(received: Buffer): Head | null {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return null
  const text = received.toString('latin1', 0, end)
  const chunked = /\r\ntransfer-encoding: chunked/i.test(text)
  const length = chunked ? null : Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0)
  return { status: Number(text.slice(9, 12)), size: end + 4, length }
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/** A whole body from its chunks. */
function dechunked(received: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = received.indexOf('\r\n', at)
    const size = Number.parseInt(received.toString('latin1', at, lineEnd), 16)
    if (size === 0) return Buffer.concat(parts)
    parts.push(received.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}
