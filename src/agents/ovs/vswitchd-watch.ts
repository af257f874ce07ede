import { readFile } from 'node:fs/promises'
import { JsonRpc } from '../../dataplane/ovsdb/json-rpc.js'

const FIRST_RETRY_MS = 20
const LONGEST_RETRY_MS = 1_000

/**
 * Notices that ovs-vswitchd restarted: it holds a connection to the daemon's control socket, which ends with the
 * daemon. Its flows are lost then, while the database (another process) shows no change at all.
 */
export class VswitchdWatch {
  readonly #dir: string
  readonly #restarted: () => void
  #rpc: JsonRpc | null = null
  #timer: NodeJS.Timeout | null = null
  #retry = FIRST_RETRY_MS
  #seen = false
  #stopped = false

  constructor(dir: string, restarted: () => void) {
    this.#dir = dir
    this.#restarted = restarted
  }

  start(): void {
    void this.#connect()
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
    this.#rpc?.close()
  }

  async #connect(): Promise<void> {
    try {
      const pid = (await readFile(`${this.#dir}/ovs-vswitchd.pid`, 'utf8')).trim()
      const rpc = await JsonRpc.connect(`${this.#dir}/ovs-vswitchd.${pid}.ctl`)
      if (this.#stopped) return rpc.close()
      this.#rpc = rpc
      this.#retry = FIRST_RETRY_MS
      rpc.on('closed', () => this.#again())
      if (this.#seen) this.#restarted()
      this.#seen = true
    } catch {
      this.#again()
    }
  }

  #again(): void {
    this.#rpc = null
    if (this.#stopped) return
    this.#timer = setTimeout(() => void this.#connect(), this.#retry)
    this.#retry = Math.min(this.#retry * 2, LONGEST_RETRY_MS)
  }
}
